/**
 * This server as an OAuth 2.1 resource server (MCP 2026-07-28, basic/authorization): who calls is what an access
 * token says that one authorization server issued for this server. What is accepted is pinned; a token chooses nothing.
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

export interface AuthorizationOptions {
  /** The authorization server's issuer identifier, exactly as its tokens carry it in `iss`. */
  readonly issuer: string;
  /** What tokens for this server carry in `aud`: its own URI (RFC 8707), or whatever the authorization server calls it. */
  readonly audience: string | readonly string[];
  /** This server's URI as its metadata tell it to clients. Default: the first audience that is an https URL. */
  readonly resource?: string | undefined;
  /** Scopes that every token must have. Default: none. */
  readonly scopes?: readonly string[];
  /** Takes a token without `aud` whose `client_id` is among the audiences. Default: it is refused. */
  readonly acceptClientId?: boolean;
}

/** Authorization, ready to judge requests. */
export interface Authorization {
  /**
   * Who calls; or the answer that refuses: 401 or 403 with its challenge (RFC 6750 §3, RFC 9728 §5.1), or 503 where
   * it could not be found out.
   *
   * @param onRefused told why, for the log
   */
  judge(request: Pick<Request, 'headers'>, onRefused?: (reason: RefusalReason) => void): Promise<AuthInfo | Response>;
  /** The discovery documents that clients ask for (RFC 9728 §3, RFC 8414 §3); undefined for other requests. */
  discovery(request: Request): Response | undefined;
}

/**
 * Prepares authorization: asks the authorization server for its metadata. Its keys are fetched when they are
 * needed, and again when a token names one that is not known.
 *
 * @throws {ConfigError} where the metadata cannot be had, or are another issuer's
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
        // One answer whatever the cause.
        return refuse(OAuthErrorCode.InvalidToken, 'The access token is not valid here');
      }
      if (!scopes.every((scope) => verdict.scopes.includes(scope))) {
        onRefused('scope');
        return refuse(OAuthErrorCode.InsufficientScope, 'Insufficient scope');
      }
      // For the challenges of tools that demand scopes of their own.
      return { ...verdict, ...(resourceMetadataUrl && { resourceMetadataUrl }) };
    },
    discovery: (request) => resource && discovery(request, resource, metadata, scopes),
  };
}

/** The URI that is advertised: named, or the first audience that can be one; undefined where there is no such. */
export function resourceOf({ resource, audience }: Pick<AuthorizationOptions, 'resource' | 'audience'>): URL | undefined {
  const named = resource ?? [audience].flat().find(isIdentifierUrl);
  return named === undefined ? undefined : new URL(named);
}

/** The `Authorization` header of RFC 6750 §2.1. Of any other form it is refused as a whole, and no token is looked for in it. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** A scheme and an authority with no path, or with a mere slash for one. */
const BARE_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+\/?$/i;

/** Audiences as tokens may spell them: an origin with its slash and without is one (RFC 3986 §6.2.3), and so is a URL in its normal form. */
function spellingsOf(audiences: readonly string[]): ReadonlySet<string> {
  const spellings = audiences.flatMap((audience) => [audience, ...(URL.canParse(audience) ? [new URL(audience).href] : [])]);
  const withAndWithout = (text: string) => (BARE_ORIGIN.test(text) ? [text.replace(/\/$/, ''), text.replace(/\/?$/, '/')] : [text]);
  return new Set(spellings.flatMap(withAndWithout));
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';

function discovery(request: Request, resource: URL, metadata: IssuerMetadata, scopes: readonly string[]): Response | undefined {
  // RFC 9728 §3.1 has the resource's path behind the well-known part; clients that do not know it yet leave it out.
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
