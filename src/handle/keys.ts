/**
 * The keys that make and open handles. A key is a name (`kid`) and a few functions. The module `keys/` makes keys from the
 * JWKs of a key ring. An HSM or a KMS can also provide keys, because no function returns key material.
 */

/** A value, or a promise of the value: `node:crypto` returns at once, and Web Crypto or a KMS answers later. */
export type Awaitable<T> = T | Promise<T>;

/** The output of AES-256-GCM (RFC 7518 §5.3). The IV has 12 bytes, the tag has 16. */
export interface Encrypted {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The number of bytes in an IV: the 96 bits that NIST recommends for GCM (NIST SP 800-38D §5.2.1.1). */
export const IV_LENGTH = 12;

/**
 * Returns the label with which HKDF derives the key for IVs (the input `info` of HKDF). Because of this label, the key
 * differs from any other key that is derived from the same private key.
 */
export function ivLabel(kid: string): string {
  return `waxseal handle iv v1:${kid}`;
}

/** The key material of one entry of a ring: the AES-256 secret `k` and the Ed25519 public key `x`, both in base64url as in the JWKs. */
export interface KeyMaterial {
  readonly kid: string;
  readonly k: string;
  readonly x: string;
}

/** The functions that open handles. They use the two keys that one `kid` names: an AES-256 secret and an Ed25519 key. */
export interface OpeningKey {
  readonly kid: string;
  /**
   * Decrypts with AES-256-GCM.
   *
   * @param additionalData the encoded protected header, exactly as in the handle, in ASCII
   * @returns the plaintext; undefined if the tag does not match, because this key did not seal the handle
   * @throws {Error} only if the key could not try to decrypt, for example because a key service is unreachable. `open` passes
   *   this error on, and does not reject the handle.
   */
  decrypt(encrypted: Encrypted, additionalData: Uint8Array): Awaitable<Uint8Array | undefined>;
  /** Tells whether the private key of this pair made an Ed25519 signature (64 bytes) over a message (RFC 8032 §5.1.7). */
  verify(signature: Uint8Array, message: Uint8Array): Awaitable<boolean>;
  /**
   * Derives the IV of a handle: the first 12 bytes of the HMAC-SHA-256 of the message. HKDF derives the HMAC key from the
   * private key (docs/handle-format.md, section 2).
   *
   * A key that can mint has this function. If the key has the function, `open` checks the IV of a handle and does not
   * verify the signature. An inspector's key must have this member with the value `undefined`. `open` refuses a key
   * that lacks the member, because the key could be a minting key from which the function was left out by mistake.
   *
   * @param message the encoded header, a dot, and the bytes to encrypt
   */
  readonly deriveIv: ((message: Uint8Array) => Awaitable<Uint8Array>) | undefined;
}

/** A pair of keys that can open handles and also make them. */
export interface MintingKey extends OpeningKey {
  readonly deriveIv: (message: Uint8Array) => Awaitable<Uint8Array>;
  /** Encrypts with AES-256-GCM under an IV of 12 bytes. */
  encrypt(plaintext: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Awaitable<Omit<Encrypted, 'iv'>>;
  /** Signs a message with Ed25519. @returns 64 bytes (RFC 8032 §5.1.6) */
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}

/**
 * Finds the pair of keys that a `kid` names, if this pair may open handles now. Returns undefined if the `kid` is unknown or
 * revoked, or if the life of the pair has ended.
 */
export type FindKey = (kid: string) => OpeningKey | undefined;
