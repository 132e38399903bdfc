/** Digests that a handle carries, or that name it: the first bytes of a SHA-256, in base64url. */
import { sha256, toBase64url } from '#platform';

const utf8 = new TextEncoder();

/**
 * The first bytes of the SHA-256 of a text.
 *
 * @param text hashed as UTF-8
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
 * A name for one handle that is safe to log: the first 96 bits of its SHA-256, in 16 characters.
 *
 * The next revision carries this value as its claim `prv`. So a log of fingerprints can be compared with the handles
 * that were opened later.
 *
 * @param handle the handle, exactly as it was issued: any other spelling has another fingerprint
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
  /** The authorization server that vouches for the caller. */
  readonly issuer: string;
  /** The caller's name at that authorization server. */
  readonly subject: string;
}

/**
 * The `sub` claim for a caller: 128 bits of a SHA-256, in 22 characters.
 *
 * The digest is one-way, so a log or an inspector learns no account name. The label `waxseal:sub:` separates it from
 * every other digest, and the JSON array separates the issuer from the subject.
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
