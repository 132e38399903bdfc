import { base64url } from 'jose';

const utf8 = new TextEncoder();

/** SHA-256 over text, cut to its first `length` bytes, in base64url. */
export async function shortDigest(text: string, length: number): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8.encode(text));
  return base64url.encode(new Uint8Array(digest, 0, length));
}

/**
 * A name for one handle that is safe to log: 72 bits of SHA-256 over it, in 12 characters.
 *
 * It is the very value that the next revision carries as `prv`, so a log of
 * fingerprints can be laid beside the handles that were opened later.
 */
export function fingerprint(handle: string): Promise<string> {
  return shortDigest(handle, 9);
}
