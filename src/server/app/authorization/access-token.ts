/** Verifies access tokens. */
import type { AuthInfo } from '@modelcontextprotocol/server';
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, type JWTHeaderParameters } from 'jose';
import { systemClock } from '../../../handle/index.ts';
import type { CallerClaims } from '../../../kit/index.ts';
import { normalAudience } from './audiences.ts';
import { type AccessClaims, CLOCK_TOLERANCE, readClaims, reasonAtOnce, type TokenReason } from './claims.ts';
import type { Issuer } from './issuer.ts';
import { IssuerUnavailable } from './issuer-document.ts';
import { ALGORITHMS, type FindKeys, type KeyHeader } from './key-set.ts';

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
}

/** Verifies a token. @returns the caller, or the reason why the token is not accepted */
export async function verifyAccessToken(
  token: string,
  pinned: Pinned,
  keys: Pick<Issuer, 'keys' | 'newKeys'>,
): Promise<AuthInfo | TokenReason> {
  try {
    const unverified = decodeJwt(token);
    const header = decodeProtectedHeader(token) as JWTHeaderParameters;
    if (!ALGORITHMS.includes(header.alg)) return 'alg';
    // A critical extension could change what the signature covers (RFC 7797). Access tokens have none.
    if (header.crit !== undefined) return 'malformed';
    // The keys are not fetched for a token that is refused in any case.
    const early = reasonAtOnce(unverified, pinned.issuer, systemClock());
    if (early !== undefined) return early;
    const payload = await signedPayload(token, header, keys);
    if (typeof payload === 'string') return payload;
    const claims = readClaims(payload, header.typ, pinned.issuer, systemClock());
    if (typeof claims === 'string') return claims;
    return isForThisServer(claims, pinned) ? authInfoOf(token, pinned.issuer, claims) : 'aud';
  } catch (error) {
    return error instanceof IssuerUnavailable ? 'keys_unavailable' : 'malformed';
  }
}

type Payload = Readonly<Record<string, unknown>>;

/**
 * Verifies the signature. If no key has the token's `kid`, the authorization server may have a new key, and the request
 * waits for it. If a key with this `kid` did not sign the token, the keys are fetched for later requests only: the wait
 * would tell the caller that the signature is wrong.
 */
async function signedPayload(
  token: string,
  header: KeyHeader,
  { keys, newKeys }: Pick<Issuer, 'keys' | 'newKeys'>,
): Promise<Payload | TokenReason> {
  const verdict = await payloadSignedBy(await keys(), token, header);
  if (typeof verdict !== 'string') return verdict;
  if (verdict === 'signature') {
    newKeys().catch(() => {});
    return verdict;
  }
  const renewed = await newKeys();
  return renewed === undefined ? verdict : payloadSignedBy(renewed, token, header);
}

async function payloadSignedBy(find: FindKeys, token: string, header: KeyHeader): Promise<Payload | 'key' | 'signature'> {
  const candidates = find(header);
  for (const key of candidates) {
    try {
      await compactVerify(token, key, { algorithms: [...ALGORITHMS] });
      return decodeJwt(token);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  return candidates.length === 0 ? 'key' : 'signature';
}

function isForThisServer({ aud, client_id }: AccessClaims, { audiences, acceptClientId }: Pinned): boolean {
  const named: readonly unknown[] = [aud].flat();
  const isWithout = aud === undefined || (acceptClientId && named.every((one) => one === null || one === ''));
  if (isWithout) return acceptClientId && client_id !== undefined && audiences.has(client_id);
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
 * Reads scopes from a string (RFC 8693 §4.2) or an array of strings. Some authorization servers separate scopes by tabs,
 * line breaks or commas. Any other claim gives no scopes.
 */
function scopesIn(claim: unknown): string[] {
  const texts = [claim].flat().filter((text) => text !== null);
  return texts.every((text) => typeof text === 'string') ? texts.flatMap(scopesInText) : [];
}

/**
 * A comma can be a part of a scope (RFC 6749 §3.3), such as `group:x,y`. A client may choose this part. So commas
 * separate scopes only in a text of plain words.
 */
function scopesInText(text: string): string[] {
  return text.split(/^[\w.,\- \t\r\n]*$/.test(text) ? /[, \t\r\n]+/ : /[ \t\r\n]+/).filter(Boolean);
}
