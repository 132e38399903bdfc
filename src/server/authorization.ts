/**
 * This server as an OAuth 2.1 resource server (MCP 2026-07-28, basic/authorization): who calls is what an access
 * token says that one authorization server issued for this server. What is accepted is pinned; a token chooses nothing.
 */
import {
  type AuthInfo,
  getOAuthProtectedResourceMetadataUrl,
  OAuthError,
  OAuthErrorCode,
  type OAuthMetadata,
  oauthMetadataResponse,
  requireBearerAuth,
} from '@modelcontextprotocol/server';
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod';
import type { CallerClaims } from './caller.ts';
import { ConfigError } from './config.ts';

/** Asymmetric, and fit for access tokens (RFC 8725 §3.1, RFC 9864). Never `none`, never a shared secret. */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA', 'Ed25519'];

/** How far the authorization server's clock may be off. Seconds. */
const CLOCK_TOLERANCE = 5;

export interface AuthorizationOptions {
  /** The authorization server's issuer identifier, exactly as its tokens carry it in `iss`. */
  readonly issuer: string;
  /** This server's own URI, as clients know it and tokens carry it in `aud` (RFC 8707). */
  readonly audience: string;
  /** Scopes that every token must have. */
  readonly scopes: readonly string[];
}

/** Authorization, ready to judge requests. */
export interface Authorization {
  /** Who calls; or the answer that refuses, 401 or 403 with its challenge (RFC 6750 §3, RFC 9728 §5.1). */
  judge(request: Request): Promise<AuthInfo | Response>;
  /** The discovery documents that clients ask for (RFC 9728 §3, RFC 8414 §3); undefined for other requests. */
  discovery(request: Request): Response | undefined;
}

/**
 * Prepares authorization: asks the authorization server for its metadata. Its keys are fetched when they are
 * needed, and again when a token names one that is not known.
 *
 * @throws {ConfigError} where the metadata cannot be had, or are another issuer's
 */
export async function prepareAuthorization({ issuer, audience, scopes }: AuthorizationOptions): Promise<Authorization> {
  const metadata = await discover(issuer);
  const resource = new URL(audience);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const verifier = { verifyAccessToken: (token: string) => verify(token, { issuer, audience: [audience, resource.href], keys }) };
  return {
    judge: requireBearerAuth({
      verifier,
      requiredScopes: [...scopes],
      resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resource),
    }),
    discovery: (request) =>
      oauthMetadataResponse(request, {
        oauthMetadata: metadata as unknown as OAuthMetadata,
        resourceServerUrl: resource,
        resourceName: 'Waxseal',
        ...(scopes.length > 0 && { scopesSupported: [...scopes] }),
        dangerouslyAllowInsecureIssuerUrl: isOnThisMachine(new URL(issuer)),
      }),
  };
}

interface Pinned {
  readonly issuer: string;
  readonly audience: string[];
  readonly keys: JWTVerifyGetKey;
}

async function verify(token: string, { issuer, audience, keys }: Pinned): Promise<AuthInfo> {
  let payload: JWTPayload;
  try {
    const required = { requiredClaims: ['exp', 'sub'], algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE };
    ({ payload } = await jwtVerify(token, keys, { issuer, audience, ...required }));
  } catch {
    // One answer whatever the cause; that the keys could not be fetched is one.
    throw new OAuthError(OAuthErrorCode.InvalidToken, 'The access token is not valid here');
  }
  const { sub = '', exp = 0, scope, client_id } = payload;
  return {
    token,
    clientId: typeof client_id === 'string' ? client_id : sub,
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
    expiresAt: exp,
    extra: { issuer, subject: sub } satisfies CallerClaims,
  };
}

const Metadata = z.looseObject({ issuer: z.string(), jwks_uri: z.url(), authorization_endpoint: z.url(), token_endpoint: z.url() });

/** RFC 8414 §3 puts the well-known part before the issuer's path, OpenID Connect Discovery §4 after it. */
async function discover(issuer: string): Promise<z.output<typeof Metadata>> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const candidates = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  for (const url of candidates) {
    const found = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(10_000) })
      .then(async (response) => (response.ok ? Metadata.safeParse(await response.json()) : undefined))
      .catch(() => undefined);
    // RFC 8414 §3.3: metadata that name another issuer must not be used.
    if (found?.success && found.data.issuer === issuer) return found.data;
  }
  throw new ConfigError(
    `--auth-issuer ${issuer}: no metadata of that issuer, with "jwks_uri", at ${candidates.join(' or ')}. ` +
      'Is the authorization server up, and the issuer written exactly as in its tokens, the slash at the end included?',
  );
}

function isOnThisMachine({ hostname }: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
