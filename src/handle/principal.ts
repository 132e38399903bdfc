import { shortDigest } from './fingerprint.ts';

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
