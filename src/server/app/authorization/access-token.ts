/** Verifies access tokens. */
import type { AuthInfo } from '@modelcontextprotocol/server';
import { compactVerify, decodeJwt, decodeProtectedHeader, type errors, type JWTHeaderParameters, type JWTVerifyGetKey } from 'jose';
import { systemClock } from '../../../handle/index.ts';
import type { CallerClaims } from '../../../kit/index.ts';
import { normalAudience } from './audiences.ts';
import { type AccessClaims, CLOCK_TOLERANCE, readClaims, reasonAtOnce, type TokenReason } from './claims.ts';
import { KeysUnavailable } from './issuer-keys.ts';

/**
 * The accepted signature algorithms (RFC 8725 §3.1, RFC 9864). The list has neither `none` nor an algorithm with a
 * shared secret.
 */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA', 'Ed25519'];

/** What the operator demands of access tokens. No value in a token can change these demands. */
export interface Pinned {
  readonly issuer: string;
  /** The audiences, in their normal forms. */
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
    const unverified = decodeJwt(token);
    const header = decodeProtectedHeader(token) as JWTHeaderParameters;
    if (!ALGORITHMS.includes(header.alg)) return 'alg';
    // A critical extension could change what the signature covers (RFC 7797). Access tokens have none.
    if (header.crit !== undefined) return 'malformed';
    // The keys are not fetched for a token that is refused in any case.
    const early = reasonAtOnce(unverified, pinned.issuer, systemClock());
    if (early !== undefined) return early;
    await compactVerify(token, pinned.keys, { algorithms: ALGORITHMS });
    const claims = readClaims(decodeJwt(token), header.typ, pinned.issuer, systemClock());
    if (typeof claims === 'string') return claims;
    return isForThisServer(claims, pinned) ? authInfoOf(token, pinned.issuer, claims) : 'aud';
  } catch (error) {
    if (error instanceof KeysUnavailable) return 'keys_unavailable';
    return REASONS[(error as Partial<errors.JOSEError>).code ?? ''] ?? 'malformed';
  }
}

/** The reasons for jose's error codes. */
const REASONS: Readonly<Record<string, TokenReason>> = {
  ERR_JWKS_NO_MATCHING_KEY: 'key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'key',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
};

function isForThisServer({ aud, client_id }: AccessClaims, { audiences, acceptClientId }: Pinned): boolean {
  const named: readonly unknown[] = [aud].flat();
  const isWithout = aud === undefined || (acceptClientId && named.every((one) => one === null || one === ''));
  if (isWithout) return acceptClientId && client_id !== undefined && audiences.has(normalAudience(client_id));
  return named.some((one) => typeof one === 'string' && audiences.has(normalAudience(one)));
}

function authInfoOf(token: string, issuer: string, { sub, exp, client_id, azp, scope, scp }: AccessClaims): AuthInfo {
  return {
    token,
    clientId: client_id ?? azp ?? sub,
    scopes: [...scopesIn(scope), ...scopesIn(scp)],
    expiresAt: exp + CLOCK_TOLERANCE,
    extra: { issuer, subject: sub } satisfies CallerClaims,
  };
}

/**
 * Reads scopes from a string (RFC 8693 §4.2) or an array of strings. Some authorization servers separate scopes by
 * commas or line breaks. Any other claim gives no scopes.
 */
function scopesIn(claim: unknown): string[] {
  const texts = [claim].flat().filter((text) => text !== null);
  return texts.every((text) => typeof text === 'string') ? texts.flatMap((text) => text.split(/[\s,]+/)).filter(Boolean) : [];
}
