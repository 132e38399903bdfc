/** Digests that a handle carries or is named by: SHA-256, cut short, in base64url. */
import { sha256, toBase64url } from '#platform';

const utf8 = new TextEncoder();

/** SHA-256 over text, cut to its first `length` bytes, in base64url. */
export async function shortDigest(text: string, length: number): Promise<string> {
  return toBase64url((await sha256(utf8.encode(text))).subarray(0, length));
}

/**
 * A name for one handle that is safe to log: 96 bits of SHA-256 over it, in 16 characters.
 *
 * It is the very value that the next revision carries as `prv`, so a log of
 * fingerprints can be laid beside the handles that were opened later.
 */
export function fingerprint(handle: string): Promise<string> {
  return shortDigest(handle, 12);
}

/** An authenticated caller: who vouches for it, and its name there (RFC 7519 §4.1.1 and §4.1.2, of the access token). */
export interface Principal {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * The `sub` claim for a caller: 128 bits, in 22 characters. One-way, so that a log or an inspector learns no
 * account name; the label keeps it apart from every other digest, the JSON array keeps issuer and subject apart.
 */
export function subjectClaim(principal: Principal): Promise<string> {
  return shortDigest(`waxseal:sub:${JSON.stringify([principal.issuer, principal.subject])}`, 16);
}
