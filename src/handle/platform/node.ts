/**
 * Cryptography and compression on Node, Deno and Bun, on the calling thread. Web Crypto would use a thread pool. For a
 * few kilobytes, the way through the pool takes two to four times as long as the operation (`npm run bench:codecs`).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { IV_LENGTH, ivLabel, type KeyMaterial, type MintingKey, type OpeningKey } from '../keys.ts';

const CIPHER = 'aes-256-gcm';
const TAG = { authTagLength: 16 };

/** Makes an inspector's key, which cannot mint. @throws {Error} if `x` is not an Ed25519 public key */
export function openingKeyFrom({ kid, k, x }: KeyMaterial): OpeningKey {
  // The KeyObject is made once, here. From raw bytes, Node 24 would make a new one in each call.
  const secret = createSecretKey(fromBase64url(k));
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return {
    kid,
    decrypt: ({ iv, ciphertext, tag }, additionalData) => {
      const decipher = createDecipheriv(CIPHER, secret, iv, TAG).setAAD(additionalData).setAuthTag(tag);
      const plaintext = decipher.update(ciphertext);
      try {
        // For GCM, `final` returns no bytes. It throws if the tag is wrong.
        decipher.final();
        return plaintext;
      } catch {
        return undefined;
      }
    },
    verify: (signature, message) => verify(null, message, publicKey, signature),
    deriveIv: undefined,
  };
}

/** Makes a key that opens and mints. @throws {Error} if `d` is not an Ed25519 private key */
export function mintingKeyFrom({ d, ...material }: KeyMaterial & { readonly d: string }): MintingKey {
  const secret = createSecretKey(fromBase64url(material.k));
  const ivKey = createSecretKey(Buffer.from(hkdfSync('sha256', fromBase64url(d), '', ivLabel(material.kid), 32)));
  const privateKey = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: material.x, d }, format: 'jwk' });
  return {
    ...openingKeyFrom(material),
    encrypt: (plaintext, iv, additionalData) => {
      const cipher = createCipheriv(CIPHER, secret, iv, TAG).setAAD(additionalData);
      const ciphertext = cipher.update(plaintext);
      cipher.final();
      return { ciphertext, tag: cipher.getAuthTag() };
    },
    sign: (message) => sign(null, message, privateKey),
    deriveIv: (message) => createHmac('sha256', ivKey).update(message).digest().subarray(0, IV_LENGTH),
  };
}

/** Compares bytes in constant time: the time does not depend on where they differ. */
export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Returns the SHA-256 of the data: 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest();
}

/** Compresses bytes to a raw DEFLATE stream (RFC 1951). */
export function deflate(data: Uint8Array): Uint8Array {
  return deflateRawSync(data);
}

/**
 * Inflates a raw DEFLATE stream (RFC 1951).
 *
 * @param most the maximum size of the output, in bytes
 * @throws {Error} if the output exceeds `most`, or the input is cut short, is not DEFLATE, or goes on after the
 *   stream's end
 */
export function inflate(data: Uint8Array, most: number): Uint8Array {
  const { buffer, engine } = inflateRawSync(data, { maxOutputLength: most, info: true }) as unknown as Inflated;
  if (engine.bytesWritten === data.length) return buffer;
  throw new RangeError('bytes follow the end of the DEFLATE stream');
}

/** What zlib returns for `info: true`. `bytesWritten` is the number of input bytes that zlib has read. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Encodes bytes as base64url without padding (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/**
 * Decodes base64url. For text that is not canonical, the function throws, or returns bytes that {@link toBase64url}
 * encodes differently. To find such text, encode the bytes again and compare.
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Buffer.from(text, 'base64url') as Uint8Array<ArrayBuffer>;
}
