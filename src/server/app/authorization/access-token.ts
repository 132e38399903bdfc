/** Access tokens (RFC 9068), as authorization servers really make them: what is accepted of one, and why one is not. */
import type { AuthInfo } from '@modelcontextprotocol/server';
import { type errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod';
import type { CallerClaims } from '../../../kit/index.ts';
import { KeysUnavailable } from './issuer-keys.ts';

/** Asymmetric, and fit for access tokens (RFC 8725 §3.1, RFC 9864). Never `none`, never a shared secret. */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA', 'Ed25519'];

/** How far the authorization server's clock may be off. Seconds. */
const CLOCK_TOLERANCE = 5;

/** Why a token is not accepted: for the log alone. Claims are named as they are. */
export type TokenReason =
  | 'malformed'
  | 'alg'
  | 'key'
  | 'keys_unavailable'
  | 'signature'
  | 'iss'
  | 'aud'
  | 'sub'
  | 'exp'
  | 'nbf'
  | 'cnf'
  | 'type'
  | 'claims';

/** What a deployment accepts; a token chooses nothing of it. */
export interface Pinned {
  readonly issuer: string;
  readonly audiences: ReadonlySet<string>;
  /** Whether a token without `aud` is for whom its `client_id` says (RFC 9068 wants `aud`; some authorization servers have none). */
  readonly acceptClientId: boolean;
  readonly keys: JWTVerifyGetKey;
}

/** Whom a token names, where it is accepted; otherwise why it is not. */
export async function verifyAccessToken(token: string, pinned: Pinned): Promise<AuthInfo | TokenReason> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, pinned.keys, {
      issuer: pinned.issuer,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE,
    });
    const { success, data, error } = AccessToken.safeParse({ ...payload, header: protectedHeader.typ });
    if (!success) return reasonOfClaim(error.issues[0]?.path[0]);
    return isForThisServer(data, pinned) ? authInfoOf(token, pinned.issuer, data) : 'aud';
  } catch (error) {
    return reasonOf(error);
  }
}

/** As a JWT's header says it, or as a claim of some authorization servers does. */
const JWT_TYPE = /^(application\/)?(at\+)?jwt$/i;

/** What is needed of an access token, and what must not be in it. */
const AccessToken = z.object({
  // Absent from the tokens of some authorization servers; another type is another thing (RFC 8725 §3.11).
  header: z.string().regex(JWT_TYPE).optional(),
  // Keycloak says with this claim what a token is for ("Bearer", "ID", "Refresh", "Logout"), Cognito with the other ("access", "id").
  typ: z.union([z.string().regex(/^bearer$/i), z.string().regex(JWT_TYPE)]).optional(),
  token_use: z.literal('access').optional(),
  sub: z.string().min(1),
  exp: z.number(),
  aud: z.unknown().optional(),
  client_id: z.string().optional(),
  azp: z.string().optional(),
  scope: z.unknown().optional(),
  scp: z.unknown().optional(),
  // Bound to a key that the caller would have to prove (RFC 7800): as a mere bearer token it must not pass.
  cnf: z.undefined().optional(),
  // What only ID tokens have (OpenID Connect Core §2 and §3.3.2.11): they are for clients, and not for servers.
  nonce: z.undefined().optional(),
  at_hash: z.undefined().optional(),
  c_hash: z.undefined().optional(),
  // What only security event tokens have (RFC 8417), logout tokens among them.
  events: z.undefined().optional(),
});

type AccessToken = z.output<typeof AccessToken>;

function isForThisServer({ aud, client_id }: AccessToken, { audiences, acceptClientId }: Pinned): boolean {
  if (aud === undefined) return acceptClientId && client_id !== undefined && audiences.has(client_id);
  return (Array.isArray(aud) ? aud : [aud]).some((one) => audiences.has(one));
}

function authInfoOf(token: string, issuer: string, { sub, exp, client_id, azp, scope, scp }: AccessToken): AuthInfo {
  return {
    token,
    clientId: client_id ?? azp ?? sub,
    scopes: [...scopesIn(scope), ...scopesIn(scp)],
    expiresAt: exp + CLOCK_TOLERANCE,
    extra: { issuer, subject: sub } satisfies CallerClaims,
  };
}

/** Scopes in one text (RFC 8693 §4.2) or in a list of texts; of any other form there are no scopes, which makes no token invalid. */
function scopesIn(claim: unknown): string[] {
  const texts: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return texts.every((text) => typeof text === 'string') ? texts.flatMap((text) => text.split(' ')).filter(Boolean) : [];
}

/** jose's codes, and what they come to. */
const REASONS: Readonly<Record<string, TokenReason>> = {
  ERR_JWT_EXPIRED: 'exp',
  ERR_JOSE_ALG_NOT_ALLOWED: 'alg',
  ERR_JOSE_NOT_SUPPORTED: 'malformed',
  ERR_JWKS_NO_MATCHING_KEY: 'key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'key',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
};

function reasonOf(error: unknown): TokenReason {
  if (error instanceof KeysUnavailable) return 'keys_unavailable';
  const { code = '', claim } = error as Partial<errors.JWTClaimValidationFailed>;
  return (code as string) === 'ERR_JWT_CLAIM_VALIDATION_FAILED' ? reasonOfClaim(claim) : (REASONS[code] ?? 'malformed');
}

/** The claims whose names are reasons of their own. */
const NAMED = ['iss', 'sub', 'exp', 'nbf', 'cnf'] as const;
const OF_TYPE: readonly unknown[] = ['header', 'typ', 'token_use', 'nonce', 'at_hash', 'c_hash', 'events'];

function reasonOfClaim(claim: unknown): TokenReason {
  return NAMED.find((name) => name === claim) ?? (OF_TYPE.includes(claim) ? 'type' : 'claims');
}
