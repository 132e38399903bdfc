/**
 * The keys that make and open handles: a name (`kid`) and a few functions. The module `keys/` makes them from JWKs. An
 * HSM or a KMS can provide them, too, because no function returns key material.
 */

/** A value, or a promise of it. `node:crypto` answers at once; Web Crypto or a KMS answers later. */
export type Awaitable<T> = T | Promise<T>;

/** The output of AES-256-GCM (RFC 7518 §5.3): an IV of 12 bytes, the ciphertext, and a tag of 16 bytes. */
export interface Encrypted {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The length of an IV in bytes: the 96 bits that NIST recommends for GCM (NIST SP 800-38D §5.2.1.1). */
export const IV_LENGTH = 12;

/**
 * The HKDF input `info` for the key that derives IVs. This label keeps the key apart from any other key that is derived
 * from the same private key.
 */
export function ivLabel(kid: string): string {
  return `waxseal handle iv v1:${kid}`;
}

/** One entry of a ring: the AES-256 secret `k` and the Ed25519 public key `x`, in base64url as in the JWKs. */
export interface KeyMaterial {
  readonly kid: string;
  readonly k: string;
  readonly x: string;
}

/** Opens handles. One `kid` names its two keys: an AES-256 secret and an Ed25519 key. */
export interface OpeningKey {
  readonly kid: string;
  /**
   * Decrypts with AES-256-GCM.
   *
   * @param additionalData the encoded protected header in ASCII, exactly as in the handle
   * @returns the plaintext; undefined if the tag does not match, because this key did not seal these bytes
   * @throws {Error} if the key could not try, for example because a key service is unreachable. `open` passes this
   *   error on, and does not reject the handle.
   */
  decrypt(encrypted: Encrypted, additionalData: Uint8Array): Awaitable<Uint8Array | undefined>;
  /** Tells whether this pair's private key signed the message: Ed25519, 64 bytes (RFC 8032 §5.1.7). */
  verify(signature: Uint8Array, message: Uint8Array): Awaitable<boolean>;
  /**
   * Derives the IV of a handle: the first 12 bytes of an HMAC-SHA-256. HKDF derives the HMAC key from the private key
   * (docs/handle-format.md, section 2).
   *
   * Minting keys have this function, and `open` then checks the IV and skips the signature. Inspector keys must set
   * this member to `undefined`. If the member is missing, `open` refuses the key: somebody may have forgotten the
   * function.
   *
   * @param message the encoded header, a dot, and the bytes to encrypt
   */
  readonly deriveIv: ((message: Uint8Array) => Awaitable<Uint8Array>) | undefined;
}

/** Opens handles and also makes them. */
export interface MintingKey extends OpeningKey {
  readonly deriveIv: (message: Uint8Array) => Awaitable<Uint8Array>;
  /** Encrypts with AES-256-GCM under an IV of 12 bytes. */
  encrypt(plaintext: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Awaitable<Omit<Encrypted, 'iv'>>;
  /** Signs a message with Ed25519. @returns 64 bytes (RFC 8032 §5.1.6) */
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}

/**
 * Finds the pair of keys that a `kid` names. Returns undefined if the pair may not open handles now: it is unknown or
 * revoked, or its life has ended.
 */
export type FindKey = (kid: string) => OpeningKey | undefined;
