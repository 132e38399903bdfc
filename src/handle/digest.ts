/** Digests of handles (for logs) and of callers (for the claim `sub`): the first bytes of a SHA-256, in base64url. */
import { sha256, toBase64url } from '#platform';

const utf8 = new TextEncoder();

/**
 * Returns the first bytes of the SHA-256 of a text.
 *
 * @param text hashed as UTF-8
 * @param length the number of bytes to keep, 1 to 32
 * @returns base64url without padding
 *
 * @example
 * ```ts
 * import { shortDigest } from 'waxseal/handle';
 *
 * const etag = await shortDigest('{"tools":[]}', 12); // 16 characters
 * ```
 */
export async function shortDigest(text: string, length: number): Promise<string> {
  return toBase64url((await sha256(utf8.encode(text))).subarray(0, length));
}

/**
 * Returns the fingerprint of a handle: the first 96 bits of its SHA-256, in 16 characters. It is safe to log.
 *
 * The next revision has this fingerprint in its claim `prv`. Whoever opens that revision can find its predecessor in a
 * log of fingerprints.
 *
 * @param handle the handle, exactly as issued; any changed character changes the fingerprint
 *
 * @example
 * ```ts
 * import { fingerprint } from 'waxseal/handle';
 *
 * const logLine = async (handle: string) => ({ event: 'opened', handle: await fingerprint(handle) });
 * ```
 */
export function fingerprint(handle: string): Promise<string> {
  return shortDigest(handle, 12);
}

/** An authenticated caller, named by the claims `iss` and `sub` of the access token (RFC 7519 §4.1.1 and §4.1.2). */
export interface Principal {
  /** The authorization server that authenticated the caller. */
  readonly issuer: string;
  /** The caller's name at that authorization server. */
  readonly subject: string;
}

/**
 * Returns the claim `sub` for a caller: 128 bits of a SHA-256, in 22 characters.
 *
 * The digest hides the account name from logs and from readers of the claims. Its input begins with `waxseal:sub:`, so
 * it differs from digests made for other purposes. A JSON array keeps the issuer and the subject apart.
 *
 * @example
 * ```ts
 * import { subjectClaim } from 'waxseal/handle';
 *
 * const subject = await subjectClaim({ issuer: 'https://login.example.com/', subject: 'alice' });
 * ```
 */
export function subjectClaim(principal: Principal): Promise<string> {
  return shortDigest(`waxseal:sub:${JSON.stringify([principal.issuer, principal.subject])}`, 16);
}
