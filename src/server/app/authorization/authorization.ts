/**
 * This server as an OAuth 2.1 resource server (MCP 2026-07-28, basic/authorization). It identifies a caller by an access
 * token that one configured authorization server issued for this server. No value in a token changes what is accepted.
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
  /** The `aud` of tokens for this server: its own URI (RFC 8707), or the authorization server's name for it. Of several, a token needs one. */
  readonly audience: string | readonly string[];
  /** This server's URI in the metadata for clients. Default: the first audience that is an https URL. */
  readonly resource?: string | undefined;
  /** The scopes that every token must have. Default: none. */
  readonly scopes?: readonly string[];
  /** Accepts a token without `aud` if its `client_id` is one of the audiences. Default: such a token is refused. */
  readonly acceptClientId?: boolean;
}

/** Authorization, ready to check requests. */
export interface Authorization {
  /**
   * Finds the caller of a request.
   *
   * @param onRefused called with the reason for a refusal, for the log
   * @returns the caller, or the response that refuses the request: 401 or 403 with its challenge (RFC 6750 §3,
   * RFC 9728 §5.1), or 503 if the keys of the authorization server are not available
   */
  judge(request: Pick<Request, 'headers'>, onRefused?: (reason: RefusalReason) => void): Promise<AuthInfo | Response>;
  /** Returns the discovery document that a client asks for (RFC 9728 §3, RFC 8414 §3); undefined for any other request. */
  discovery(request: Request): Response | undefined;
}

/**
 * Prepares authorization: asks the authorization server for its metadata. The server's keys are fetched when the first
 * token needs them, and again when a token names an unknown key.
 *
 * @throws {ConfigError} `invalid_configuration`: the metadata are missing, or belong to another issuer
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
      // Tools that require scopes of their own use this URL in their challenges.
      return { ...verdict, ...(resourceMetadataUrl && { resourceMetadataUrl }) };
    },
    discovery: (request) => resource && discovery(request, resource, metadata, scopes),
  };
}

/** Returns this server's URI for its metadata: the option, or the first audience that can be such a URI; otherwise undefined. */
export function resourceOf({ resource, audience }: Pick<AuthorizationOptions, 'resource' | 'audience'>): URL | undefined {
  const named = resource ?? [audience].flat().find(isIdentifierUrl);
  return named === undefined ? undefined : new URL(named);
}

/** The `Authorization` header of RFC 6750 §2.1. A header of any other form is refused as a whole. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** A URL whose path is empty or a single slash. */
const BARE_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+\/?$/i;

/**
 * Returns the equivalent spellings of the audiences: a URL as it is and in its normal form, and a URL without a path with
 * and without its slash (RFC 3986 §6.2.3).
 */
function spellingsOf(audiences: readonly string[]): ReadonlySet<string> {
  const spellings = audiences.flatMap((audience) => [audience, ...(URL.canParse(audience) ? [new URL(audience).href] : [])]);
  const withAndWithout = (text: string) => (BARE_ORIGIN.test(text) ? [text.replace(/\/$/, ''), text.replace(/\/?$/, '/')] : [text]);
  return new Set(spellings.flatMap(withAndWithout));
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';

function discovery(request: Request, resource: URL, metadata: IssuerMetadata, scopes: readonly string[]): Response | undefined {
  // RFC 9728 §3.1 puts the resource's path after the well-known part. A client that does not know the path yet leaves it out.
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
