/**
 * Makes this server an OAuth 2.1 resource server (MCP 2026-07-28, basic/authorization). An access token identifies the caller.
 * The server accepts only tokens that one configured authorization server has issued for this server. No value in a token can
 * change which tokens are accepted.
 */
import {
  type AuthInfo,
  bearerAuthChallengeResponse,
  getOAuthProtectedResourceMetadataUrl,
  OAuthError,
  OAuthErrorCode,
  type OAuthMetadata,
  oauthMetadataResponse,
} from '@modelcontextprotocol/server';
import { isIdentifierUrl, isLoopbackUrl } from '../loopback.ts';
import { KEYS_UNAVAILABLE, type RefusalReason, refusalResponse } from '../refusals.ts';
import { verifyAccessToken } from './access-token.ts';
import { issuerKeys } from './issuer-keys.ts';
import { type IssuerMetadata, issuerMetadata } from './issuer-metadata.ts';

/** The authorization server, and the tokens that this server accepts from it. */
export interface AuthorizationOptions {
  /** The authorization server's issuer identifier, exactly as in the `iss` of its tokens. */
  readonly issuer: string;
  /**
   * The `aud` of tokens for this server: this server's own URI (RFC 8707), or the authorization server's name for this
   * server. If there are several audiences, a token needs only one of them.
   */
  readonly audience: string | readonly string[];
  /** This server's URI, which clients read in its metadata. Default: the first audience that is an https URL. */
  readonly resource?: string | undefined;
  /** The scopes that every token must have. Default: none. */
  readonly scopes?: readonly string[];
  /** Whether to accept a token without `aud` if its `client_id` is one of the audiences. Default: false. */
  readonly acceptClientId?: boolean;
}

/** Checks the access tokens of requests, and serves the metadata for clients. */
export interface Authorization {
  /**
   * Finds the caller of a request.
   *
   * @param onRefused called with the reason for a refusal, for the log
   * @returns the caller, or a response that refuses the request. This response is 401 or 403 with a challenge (RFC 6750 §3, RFC
   *   9728 §5.1), or 503 if the keys of the authorization server are not available.
   */
  judge(request: Pick<Request, 'headers'>, onRefused?: (reason: RefusalReason) => void): Promise<AuthInfo | Response>;
  /** Returns the metadata document that a request asks for (RFC 9728 §3, RFC 8414 §3); undefined for any other request. */
  discovery(request: Request): Response | undefined;
}

/**
 * Prepares authorization by asking the authorization server for its metadata. The keys of the authorization server are fetched
 * later: when the first token arrives, and again when a token names an unknown key.
 *
 * @throws {ConfigError} `invalid_configuration`: the metadata are missing, or belong to a different issuer
 */
export async function prepareAuthorization(options: AuthorizationOptions): Promise<Authorization> {
  const { issuer, audience, scopes = [], acceptClientId = false } = options;
  const metadata = await issuerMetadata(issuer);
  const pinned = { issuer, audiences: spellingsOf([audience].flat()), acceptClientId, keys: issuerKeys(new URL(metadata.jwks_uri)) };
  const resource = resourceOf(options);
  const resourceMetadataUrl = resource && getOAuthProtectedResourceMetadataUrl(resource);
  const challenge = { requiredScopes: [...scopes], ...(resourceMetadataUrl && { resourceMetadataUrl }) };
  const refuse = (code: OAuthErrorCode, message: string) => bearerAuthChallengeResponse(new OAuthError(code, message), challenge);

  return {
    judge: async ({ headers }, onRefused = () => {}) => {
      const header = headers.get('authorization');
      if (header === null) {
        onRefused('token_missing');
        return refuse(OAuthErrorCode.InvalidToken, 'Missing Authorization header');
      }
      const token = BEARER.exec(header)?.[1];
      const verdict = token === undefined ? 'malformed' : await verifyAccessToken(token, pinned);
      if (verdict === 'keys_unavailable') {
        onRefused(verdict);
        return refusalResponse(KEYS_UNAVAILABLE);
      }
      if (typeof verdict === 'string') {
        onRefused(verdict);
        // The response is the same for every cause, so that it reveals nothing about the token.
        return refuse(OAuthErrorCode.InvalidToken, 'The access token is not valid here');
      }
      if (!scopes.every((scope) => verdict.scopes.includes(scope))) {
        onRefused('scope');
        return refuse(OAuthErrorCode.InsufficientScope, 'Insufficient scope');
      }
      // If the caller lacks a scope that a tool demands, the SDK answers with a challenge that contains this URL.
      return { ...verdict, ...(resourceMetadataUrl && { resourceMetadataUrl }) };
    },
    discovery: (request) => resource && discovery(request, resource, metadata, scopes),
  };
}

/**
 * Returns this server's URI for its metadata: the option `resource`, or else the first audience that can be the identifier of
 * a resource. Returns undefined if neither exists.
 */
export function resourceOf({ resource, audience }: Pick<AuthorizationOptions, 'resource' | 'audience'>): URL | undefined {
  const named = resource ?? [audience].flat().find(isIdentifierUrl);
  return named === undefined ? undefined : new URL(named);
}

/** Matches an `Authorization` header with a bearer token (RFC 6750 §2.1). Any other header is refused. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** Matches a URL whose path is empty or a single slash. */
const BARE_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+\/?$/i;

/**
 * Returns the audiences in all their equivalent spellings. If an audience is a URL, the result contains the URL as it is
 * written, and in its normal form. If the URL has no path, the result contains it with and without a slash at its end (RFC
 * 3986 §6.2.3).
 */
function spellingsOf(audiences: readonly string[]): ReadonlySet<string> {
  const spellings = audiences.flatMap((audience) => [audience, ...(URL.canParse(audience) ? [new URL(audience).href] : [])]);
  const withAndWithout = (text: string) => (BARE_ORIGIN.test(text) ? [text.replace(/\/$/, ''), text.replace(/\/?$/, '/')] : [text]);
  return new Set(spellings.flatMap(withAndWithout));
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';

function discovery(request: Request, resource: URL, metadata: IssuerMetadata, scopes: readonly string[]): Response | undefined {
  // The URL of the metadata has the resource's path after the well-known part (RFC 9728 §3.1). But a client that does not know
  // this path yet asks for the URL without the path.
  const url = new URL(request.url);
  const isBare = url.pathname.replace(/\/$/, '') === RESOURCE_METADATA;
  const asked = isBare ? new Request(getOAuthProtectedResourceMetadataUrl(resource), request) : request;
  return oauthMetadataResponse(asked, {
    oauthMetadata: metadata as unknown as OAuthMetadata,
    resourceServerUrl: resource,
    resourceName: 'Waxseal',
    ...(scopes.length > 0 && { scopesSupported: [...scopes] }),
    dangerouslyAllowInsecureIssuerUrl: isLoopbackUrl(new URL(metadata.issuer)),
  });
}
