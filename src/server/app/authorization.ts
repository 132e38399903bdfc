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
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod';
import type { CallerClaims } from '../../kit/index.ts';
import { ConfigError } from './config-error.ts';
import { isLoopbackUrl, isSecureUrl } from './loopback.ts';

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

/** How long its keys are waited for: whoever shows a token waits meanwhile, and has a place among the requests in hand. Milliseconds. */
const KEYS_TIMEOUT_MS = 2_000;

/**
 * Prepares authorization: asks the authorization server for its metadata. Its keys are fetched when they are
 * needed, and again when a token names one that is not known.
 *
 * @throws {ConfigError} where the metadata cannot be had, or are another issuer's
 */
export async function prepareAuthorization({ issuer, audience, scopes }: AuthorizationOptions): Promise<Authorization> {
  const metadata = await discover(issuer);
  const resource = new URL(audience);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: KEYS_TIMEOUT_MS });
  const verifier = { verifyAccessToken: (token: string) => verify(token, { issuer, audience: [audience, resource.href], keys }) };
  const judge = requireBearerAuth({
    verifier,
    requiredScopes: [...scopes],
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resource),
  });
  return {
    judge: (request) => judge(withOneToken(request)),
    discovery: (request) =>
      oauthMetadataResponse(request, {
        oauthMetadata: metadata as unknown as OAuthMetadata,
        resourceServerUrl: resource,
        resourceName: 'Waxseal',
        ...(scopes.length > 0 && { scopesSupported: [...scopes] }),
        dangerouslyAllowInsecureIssuerUrl: isLoopbackUrl(new URL(issuer)),
      }),
  };
}

interface Pinned {
  readonly issuer: string;
  readonly audience: string[];
  readonly keys: JWTVerifyGetKey;
}

/** The `Authorization` header of RFC 6750 §2.1. */
const BEARER = /^Bearer +[A-Za-z0-9._~+/-]+=*$/i;

/** A header of any other form is refused as a whole, and no token is looked for in it. */
function withOneToken(request: Request): Request {
  const header = request.headers.get('authorization');
  if (header === null || BEARER.test(header)) return request;
  const headers = new Headers(request.headers);
  headers.set('authorization', 'Bearer malformed');
  return new Request(request.url, { method: request.method, headers, signal: request.signal });
}

async function verify(token: string, { issuer, audience, keys }: Pinned): Promise<AuthInfo> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE,
    });
    return authInfoOf(token, { issuer, ...AccessToken.parse({ ...payload, typ: protectedHeader.typ }) });
  } catch {
    // One answer whatever the cause; that the keys could not be fetched is one.
    throw new OAuthError(OAuthErrorCode.InvalidToken, 'The access token is not valid here');
  }
}

/** What is needed of an access token (RFC 9068), and what must not be in it. */
const AccessToken = z.object({
  // Absent from the tokens of some authorization servers; another type is another thing (RFC 8725 §3.11).
  typ: z
    .string()
    .regex(/^(application\/)?(at\+)?jwt$/i)
    .optional(),
  sub: z.string().min(1),
  exp: z.number(),
  client_id: z.string().optional(),
  scope: z.string().optional(),
  // Bound to a key that the caller would have to prove (RFC 7800): as a mere bearer token it must not pass.
  cnf: z.undefined().optional(),
  // What only ID tokens have (OpenID Connect Core §2): they are for clients, and not for servers.
  nonce: z.undefined().optional(),
  at_hash: z.undefined().optional(),
});

function authInfoOf(
  token: string,
  { issuer, sub, exp, client_id, scope = '' }: z.output<typeof AccessToken> & { issuer: string },
): AuthInfo {
  return {
    token,
    clientId: client_id ?? sub,
    scopes: scope.split(' ').filter(Boolean),
    // Looked at once more by the SDK, which knows of no tolerance.
    expiresAt: exp + CLOCK_TOLERANCE,
    extra: { issuer, subject: sub } satisfies CallerClaims,
  };
}

const endpoint = z.string().refine(isSecureUrl);
const Metadata = z.looseObject({ issuer: z.string(), jwks_uri: endpoint, authorization_endpoint: endpoint, token_endpoint: endpoint });

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
