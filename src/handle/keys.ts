/**
 * What a handle asks of a key: a name and a few functions. The ring in `keys/` makes such keys from JWKs; an HSM or a
 * KMS can stand behind them as well. No function ever gives out key material.
 */

/** A value, or a promise of it: `node:crypto` answers at once, Web Crypto and a KMS answer later. */
export type Awaitable<T> = T | Promise<T>;

/** What AES-256-GCM encrypts and authenticates (RFC 7518 §5.3). The IV has 12 bytes, the tag 16. */
export interface Encrypted {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Bytes in an IV: 96 bits, as AES-GCM takes them best (NIST SP 800-38D §8.2). */
export const IV_LENGTH = 12;

/** Keeps the key that IVs are derived with apart from whatever else may be derived from a private key. */
export function ivLabel(kid: string): string {
  return `waxseal handle iv v1:${kid}`;
}

/** One entry of a ring as its JWKs spell it: AES-256 secret `k`, Ed25519 public key `x` and private key `d`, in base64url. */
export interface KeyMaterial {
  readonly kid: string;
  readonly k: string;
  readonly x: string;
}

/** The pair of keys named by one `kid`, as far as opening needs it. */
export interface OpeningKey {
  readonly kid: string;
  /**
   * Decrypts with AES-256-GCM.
   *
   * @param additionalData the protected header as it stands in the handle, in ASCII
   * @returns undefined where the tag does not fit: the handle is not this key's
   * @throws {Error} only where that could not be found out, because a key service cannot be reached, say. Whoever opens
   *   handles passes the error on, and refuses no handle for it.
   */
  decrypt(encrypted: Encrypted, additionalData: Uint8Array): Awaitable<Uint8Array | undefined>;
  /** Whether an Ed25519 signature of 64 bytes is this pair's, over a message (RFC 8032 §5.1.7). */
  verify(signature: Uint8Array, message: Uint8Array): Awaitable<boolean>;
  /**
   * The IV, 12 bytes, of a handle with this header and these encrypted bytes: HMAC-SHA-256 over the message, under a key
   * that HKDF derives from the private key (docs/handle-format.md, section 2).
   *
   * Only who can mint has this function, and who has it recognises handles by it and does not verify their signatures.
   * The key of an inspector says `undefined`: a key without the member was put together wrongly, and opens nothing.
   *
   * @param message the encoded header, a dot, the bytes that are encrypted
   */
  readonly deriveIv: ((message: Uint8Array) => Awaitable<Uint8Array>) | undefined;
}

/** The pair that new handles are made with. */
export interface MintingKey extends OpeningKey {
  readonly deriveIv: (message: Uint8Array) => Awaitable<Uint8Array>;
  /** Encrypts with AES-256-GCM under an IV of 12 bytes. */
  encrypt(plaintext: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Awaitable<Omit<Encrypted, 'iv'>>;
  /** Signs a message with Ed25519; 64 bytes (RFC 8032 §5.1.6). */
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}

/** Finds the pair that may open a handle now; undefined for unknown, revoked and bygone ones. */
export type FindKey = (kid: string) => OpeningKey | undefined;
