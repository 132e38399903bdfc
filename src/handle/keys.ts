/**
 * The keys that make and open handles. A key is a name and a few functions. The ring in `keys/` makes such keys from JWKs.
 * An HSM or a KMS can provide such keys, too, because no function returns key material.
 */

/** A value, or a promise of one: `node:crypto` returns at once, and Web Crypto or a KMS answers later. */
export type Awaitable<T> = T | Promise<T>;

/** The output of AES-256-GCM (RFC 7518 §5.3). The IV has 12 bytes, the tag has 16. */
export interface Encrypted {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The number of bytes in an IV: the 96 bits that NIST recommends for GCM (NIST SP 800-38D §5.2.1.1). */
export const IV_LENGTH = 12;

/** The HKDF info of the key that derives IVs. The label separates this key from any other key derived from the same private key. */
export function ivLabel(kid: string): string {
  return `waxseal handle iv v1:${kid}`;
}

/** The key material of one entry of a ring: the AES-256 secret `k` and the Ed25519 public key `x`, both in base64url as in the JWKs. */
export interface KeyMaterial {
  readonly kid: string;
  readonly k: string;
  readonly x: string;
}

/** The pair of keys that one `kid` names, with the functions that opening needs. */
export interface OpeningKey {
  readonly kid: string;
  /**
   * Decrypts with AES-256-GCM.
   *
   * @param additionalData the encoded protected header as it stands in the handle, in ASCII
   * @returns undefined if the tag does not match: this key did not seal the handle
   * @throws {Error} only if the key could not try to decrypt, for example because a key service is unreachable. `open` passes
   *   this error on, and does not reject the handle.
   */
  decrypt(encrypted: Encrypted, additionalData: Uint8Array): Awaitable<Uint8Array | undefined>;
  /** Tells whether an Ed25519 signature of 64 bytes over a message was made with this pair's private key (RFC 8032 §5.1.7). */
  verify(signature: Uint8Array, message: Uint8Array): Awaitable<boolean>;
  /**
   * Derives the IV of a handle, 12 bytes: HMAC-SHA-256 over the message, under a key that HKDF derives from the private
   * key (docs/handle-format.md, section 2).
   *
   * A key that can mint has this function. `open` then recognises handles by their IV, and does not verify signatures.
   * An inspector's key must have the member with the value `undefined`. `open` refuses a key without the member, because
   * such a key may be a minting key that was put together wrongly.
   *
   * @param message the encoded header, a dot, and the bytes to encrypt
   */
  readonly deriveIv: ((message: Uint8Array) => Awaitable<Uint8Array>) | undefined;
}

/** A pair of keys that can also make handles. */
export interface MintingKey extends OpeningKey {
  readonly deriveIv: (message: Uint8Array) => Awaitable<Uint8Array>;
  /** Encrypts with AES-256-GCM under an IV of 12 bytes. */
  encrypt(plaintext: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Awaitable<Omit<Encrypted, 'iv'>>;
  /** Signs a message with Ed25519. @returns 64 bytes (RFC 8032 §5.1.6) */
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}

/** Finds the pair that may open a handle now. Returns undefined if the `kid` is unknown, revoked, or past the life of its key. */
export type FindKey = (kid: string) => OpeningKey | undefined;
