/**
 * Makes two kinds of digests: the name that a log uses for a handle, and the name that a handle contains for its
 * caller. Each digest consists of the first bytes of a SHA-256, in base64url.
 */
import { sha256, toBase64url } from '#platform';

const utf8 = new TextEncoder();

/**
 * Returns the first bytes of the SHA-256 of a text.
 *
 * @param text the text, which is hashed as UTF-8
 * @param length how many bytes to keep, 1 to 32
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
 * Returns a name for a handle that is safe to log: the first 96 bits of the handle's SHA-256, in 16 characters.
 *
 * The next revision carries this name in its claim `prv`. So whoever opens that revision can find its predecessor in a
 * log of fingerprints.
 *
 * @param handle the handle, exactly as it was issued; text that differs in any character has a different fingerprint
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

/** An authenticated caller. The claims `iss` and `sub` of the access token (RFC 7519 §4.1.1 and §4.1.2) name the caller. */
export interface Principal {
  /** The authorization server that vouches for the caller. */
  readonly issuer: string;
  /** The caller's name at that authorization server. */
  readonly subject: string;
}

/**
 * Returns the value of a handle's `sub` claim for a caller: 128 bits of a SHA-256, in 22 characters.
 *
 * The digest is one-way, so neither a log nor the reader of the claims learns an account name. The digest's input begins
 * with the label `waxseal:sub:`, so that this digest differs from digests that were made for other purposes. The JSON
 * array in the input separates the issuer from the subject.
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
