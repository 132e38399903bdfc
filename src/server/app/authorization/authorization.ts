/**
 * Makes this server an OAuth 2.1 resource server (MCP 2026-07-28, basic/authorization). The server accepts only tokens
 * that one configured authorization server issued for it. No value in a token can change which tokens are accepted.
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
import { isLoopbackUrl } from '../loopback.ts';
import { KEYS_UNAVAILABLE, type RefusalReason, refusalResponse } from '../refusals.ts';
import { verifyAccessToken } from './access-token.ts';
import { normalAudience } from './audiences.ts';
import { bearerToken } from './bearer.ts';
import { issuerKeys } from './issuer-keys.ts';
import { type IssuerMetadata, issuerMetadata } from './issuer-metadata.ts';
import { type AuthorizationOptions, requireOptions, resourceOf } from './options.ts';

/** Checks access tokens, and serves the metadata for clients. */
export interface Authorization {
  /**
   * Finds the caller of a request.
   *
   * @param onRefused gets the reason for a refusal, for the log
   * @returns the caller, or a response that refuses the request: 401 or 403 with a challenge (RFC 6750 §3, RFC 9728
   *   §5.1), or 503 if the authorization server's keys are not available
   */
  judge(request: Pick<Request, 'headers'>, onRefused?: (reason: RefusalReason) => void): Promise<AuthInfo | Response>;
  /** Returns the metadata document that a request asks for (RFC 9728 §3, RFC 8414 §3), or undefined. */
  discovery(request: Request): Response | undefined;
}

/**
 * Fetches the metadata of the authorization server. The keys are fetched later, when a token needs them.
 *
 * @throws {ConfigError} `invalid_configuration`: the metadata are missing, or belong to a different issuer
 */
export async function prepareAuthorization(given: AuthorizationOptions): Promise<Authorization> {
  const options = requireOptions(given);
  const { issuer, audience, scopes = [], acceptClientId = false } = options;
  const metadata = await issuerMetadata(issuer);
  const named = [audience].flat();
  const resource = resourceOf(options);
  const audiences = new Set([...named, ...(resource === undefined ? [] : [resource.href])].map(normalAudience));
  const pinned = { issuer, audiences, acceptClientId, keys: issuerKeys(new URL(metadata.jwks_uri)) };
  const resourceMetadataUrl = resource && getOAuthProtectedResourceMetadataUrl(resource);
  const challenge = { requiredScopes: [...scopes], ...(resourceMetadataUrl && { resourceMetadataUrl }) };
  const refuse = (code: OAuthErrorCode, message: string) => bearerAuthChallengeResponse(new OAuthError(code, message), challenge);
  const isMet = (scope: string, granted: readonly string[]) => spellingsOf(scope, named).some((spelling) => granted.includes(spelling));

  return {
    judge: async ({ headers }, onRefused = () => {}) => {
      const token = bearerToken(headers.get('authorization'));
      if (token === null) {
        onRefused('token_missing');
        return withoutError(refuse(OAuthErrorCode.InvalidToken, NO_TOKEN));
      }
      const verdict = token === undefined ? 'malformed' : await verifyAccessToken(token, pinned);
      if (verdict === 'keys_unavailable') {
        onRefused(verdict);
        return refusalResponse(KEYS_UNAVAILABLE);
      }
      if (typeof verdict === 'string') {
        onRefused(verdict);
        // Every cause gets the same response, so that the response reveals nothing about the token.
        return refuse(OAuthErrorCode.InvalidToken, 'The access token is not valid here');
      }
      if (!scopes.every((scope) => isMet(scope, verdict.scopes))) {
        onRefused('scope');
        return refuse(OAuthErrorCode.InsufficientScope, 'Insufficient scope');
      }
      // The SDK needs this URL for its challenge to a caller who lacks a scope that a tool demands.
      return { ...verdict, ...(resourceMetadataUrl && { resourceMetadataUrl }) };
    },
    discovery: (request) => resource && discovery(request, resource, metadata, scopes),
  };
}

const NO_TOKEN = 'No access token was sent. Expected is the header Authorization: Bearer TOKEN';

/**
 * Leaves the error out of a challenge (RFC 6750 §3.1), because a client that has sent no token has made no mistake.
 *
 * @param refusal a response of the SDK, which begins its challenges with the error
 */
function withoutError({ status, headers, body }: Response): Response {
  const challenge = headers.get('www-authenticate') ?? '';
  const rest = challenge.replace(/^Bearer error="[^"]*", error_description="[^"]*"(?:, )?/, 'Bearer ').trim();
  return new Response(body, { status, headers: { 'content-type': 'application/json', 'www-authenticate': rest } });
}

/**
 * Returns a demanded scope in all its spellings. Entra ID demands that clients ask for a scope together with its
 * audience (`api://waxseal/research`), and writes only the name into tokens.
 */
function spellingsOf(scope: string, audiences: readonly string[]): string[] {
  const prefixes = audiences.map((audience) => audience.replace(/\/?$/, '/'));
  const short = prefixes.flatMap((prefix) => (scope.startsWith(prefix) && scope !== prefix ? [scope.slice(prefix.length)] : []));
  return [scope, ...short];
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';

function discovery(request: Request, resource: URL, metadata: IssuerMetadata, scopes: readonly string[]): Response | undefined {
  // The metadata's URL contains the resource's path (RFC 9728 §3.1). A client that does not know this path requests the
  // metadata at the URL without the path.
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
