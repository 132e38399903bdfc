/** The options of authorization, for programs and for the command line. */
import { ConfigError } from '../config-error.ts';
import { isIdentifierUrl } from '../loopback.ts';
import { isAudience } from './audiences.ts';

/** The authorization server, and the tokens that this server accepts from it. */
export interface AuthorizationOptions {
  /** The authorization server's issuer identifier, exactly as in the `iss` of its tokens. */
  readonly issuer: string;
  /**
   * The `aud` of tokens for this server: this server's own URI (RFC 8707), or the authorization server's name for this
   * server. If you give several, a token needs only one of them.
   */
  readonly audience: string | readonly string[];
  /**
   * This server's URI, which clients read in its metadata. It also counts as an audience, because clients ask for tokens
   * for this URI. Default: the first audience that is an https URL.
   */
  readonly resource?: string | undefined;
  /** The scopes that every token must have. Default: none. */
  readonly scopes?: readonly string[];
  /** Whether to accept a token without `aud` if its `client_id` is one of the audiences. Default: false. */
  readonly acceptClientId?: boolean;
}

export const NOT_IDENTIFIER = 'must be an https URL without query or fragment (http only on this machine)';

/** Matches the URL of an issuer's metadata. */
const METADATA_URL = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?:\/|$)/;

export const NOT_METADATA = 'must be the issuer, and not the URL of its metadata: give the value of "issuer" in the document at this URL';

export const isMetadataUrl = (issuer: string) => METADATA_URL.test(issuer);

/**
 * Checks the options of a program, whose values can come from variables of the host that are not set.
 *
 * @returns the options without white space around the texts
 * @throws {ConfigError} `invalid_configuration`: the message names every wrong option
 */
export function requireOptions(options: AuthorizationOptions): AuthorizationOptions {
  const { issuer, audience, resource, scopes } = (options ?? {}) as { readonly [Name in keyof AuthorizationOptions]: unknown };
  const [issuerText, resourceText] = [trimmed(issuer), trimmed(resource)];
  const audiences = [audience].flat().map(trimmed);
  const problems: string[] = [];
  if (!isText(issuerText) || !isIdentifierUrl(issuerText)) problems.push(`issuer ${NOT_IDENTIFIER}`);
  else if (isMetadataUrl(issuerText)) problems.push(`issuer ${NOT_METADATA}`);
  if (audiences.length === 0 || !audiences.every((one) => isText(one) && isAudience(one)))
    problems.push('audience must be a URI or a name without spaces, or a list of these');
  if (resourceText !== undefined && !(isText(resourceText) && isIdentifierUrl(resourceText))) problems.push(`resource ${NOT_IDENTIFIER}`);
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every((scope) => isText(scope) && /^\S+$/.test(scope))))
    problems.push('scopes must be a list of scopes without spaces');
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `authorization: ${problem}.`).join('\n'));
  return { ...options, issuer: issuerText as string, audience: audiences as string[], resource: resourceText as string | undefined };
}

const isText = (value: unknown): value is string => typeof value === 'string';

const trimmed = (value: unknown) => (isText(value) ? value.trim() : value);

/**
 * Returns this server's URI for its metadata: the option `resource`, or else the first audience that can identify a
 * resource.
 */
export function resourceOf({ resource, audience }: Pick<AuthorizationOptions, 'resource' | 'audience'>): URL | undefined {
  const named = resource ?? [audience].flat().find(isIdentifierUrl);
  return named === undefined ? undefined : new URL(named);
}
