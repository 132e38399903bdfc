/** Verifies access tokens (RFC 9068), and tolerates a few common deviations from the RFC. */
import type { AuthInfo } from '@modelcontextprotocol/server';
import { type errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod';
import type { CallerClaims } from '../../../kit/index.ts';
import { KeysUnavailable } from './issuer-keys.ts';

/**
 * The accepted signature algorithms (RFC 8725 §3.1, RFC 9864). The list has neither `none` nor an algorithm with a
 * shared secret.
 */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA', 'Ed25519'];

/** How far the authorization server's clock may differ from this server's clock, in seconds. */
const CLOCK_TOLERANCE = 5;

/**
 * Why a token is not accepted. Only the log gets the reason. If the reason is the name of a claim, such as `iss`, then
 * this claim is wrong or missing.
 */
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

/** What the operator demands of access tokens. No value in a token can change these demands. */
export interface Pinned {
  readonly issuer: string;
  readonly audiences: ReadonlySet<string>;
  /**
   * Whether `client_id` counts as the audience of a token without `aud`. RFC 9068 requires `aud`, but some servers omit
   * it.
   */
  readonly acceptClientId: boolean;
  readonly keys: JWTVerifyGetKey;
}

/** Verifies a token. @returns the caller, or the reason why the token is not accepted */
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

/** Matches the type of an access token in the header `typ`, and in the claim `typ` of some authorization servers. */
const JWT_TYPE = /^(application\/)?(at\+)?jwt$/i;

const AccessToken = z.object({
  // Some authorization servers omit the header `typ`. A token of another type is refused (RFC 8725 §3.11).
  header: z.string().regex(JWT_TYPE).optional(),
  // Keycloak writes the purpose of a token into the claim `typ` ("Bearer", "ID", "Refresh", "Logout"). Cognito uses the
  // claim `token_use` ("access", "id").
  typ: z.union([z.string().regex(/^bearer$/i), z.string().regex(JWT_TYPE)]).optional(),
  token_use: z.literal('access').optional(),
  sub: z.string().min(1),
  exp: z.number(),
  aud: z.unknown().optional(),
  client_id: z.string().optional(),
  azp: z.string().optional(),
  scope: z.unknown().optional(),
  scp: z.unknown().optional(),
  // `cnf` binds a token to a key of the caller (RFC 7800). This server cannot check the key, so it refuses the token.
  cnf: z.undefined().optional(),
  // Only ID tokens have these claims (OpenID Connect Core §2 and §3.3.2.11). ID tokens are for clients.
  nonce: z.undefined().optional(),
  at_hash: z.undefined().optional(),
  c_hash: z.undefined().optional(),
  // Only security event tokens (RFC 8417), such as logout tokens, have this claim.
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

/** Reads scopes from a string (RFC 8693 §4.2) or an array of strings. Any other claim gives no scopes. */
function scopesIn(claim: unknown): string[] {
  const texts: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return texts.every((text) => typeof text === 'string') ? texts.flatMap((text) => text.split(' ')).filter(Boolean) : [];
}

/** The reasons for jose's error codes. */
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

const NAMED = ['iss', 'sub', 'exp', 'nbf', 'cnf'] as const;
/** The claims that show the type of a token. `header` stands for the header `typ`. */
const OF_TYPE: readonly unknown[] = ['header', 'typ', 'token_use', 'nonce', 'at_hash', 'c_hash', 'events'];

function reasonOfClaim(claim: unknown): TokenReason {
  return NAMED.find((name) => name === claim) ?? (OF_TYPE.includes(claim) ? 'type' : 'claims');
}
