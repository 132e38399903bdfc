/**
 * Cryptography and compression on all other runtimes, with Web Crypto and compression streams. The functions match
 * those in `node.ts`.
 */
import { decode, encode } from 'jose/base64url';
import { IV_LENGTH, ivLabel, type KeyMaterial, type MintingKey, type OpeningKey } from '../keys.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const [AES, ED25519] = ['AES-GCM', 'Ed25519'];
const TAG_LENGTH = 16;

/** Makes an inspector's key, which cannot mint. @throws {Error} if `x` is not an Ed25519 public key */
export async function openingKeyFrom({ kid, k, x }: KeyMaterial): Promise<OpeningKey> {
  const secret = await crypto.subtle.importKey('raw', fromBase64url(k), AES, false, ['decrypt']);
  const publicKey = await crypto.subtle.importKey('jwk', { kty: 'OKP', crv: ED25519, x }, ED25519, false, ['verify']);
  return {
    kid,
    decrypt: async ({ iv, ciphertext, tag }, additionalData) => {
      const sealed = new Uint8Array(ciphertext.length + tag.length);
      sealed.set(ciphertext);
      sealed.set(tag, ciphertext.length);
      try {
        return new Uint8Array(await crypto.subtle.decrypt(aesGcm(iv, additionalData), secret, sealed));
      } catch (error) {
        // An OperationError means that the tag is wrong (Web Cryptography API, AES-GCM, decrypt).
        if ((error as Error).name === 'OperationError') return undefined;
        throw error;
      }
    },
    verify: (signature, message) => crypto.subtle.verify(ED25519, publicKey, signature as Bytes, message as Bytes),
    deriveIv: undefined,
  };
}

/** Makes a key that opens and mints. @throws {Error} if `d` is not an Ed25519 private key */
export async function mintingKeyFrom({ d, ...material }: KeyMaterial & { readonly d: string }): Promise<MintingKey> {
  const secret = await crypto.subtle.importKey('raw', fromBase64url(material.k), AES, false, ['encrypt']);
  const ivKey = await ivKeyFrom(fromBase64url(d), material.kid);
  const jwk = { kty: 'OKP', crv: ED25519, x: material.x, d };
  const privateKey = await crypto.subtle.importKey('jwk', jwk, ED25519, false, ['sign']);
  return {
    ...(await openingKeyFrom(material)),
    encrypt: async (plaintext, iv, additionalData) => {
      const sealed = new Uint8Array(await crypto.subtle.encrypt(aesGcm(iv, additionalData), secret, plaintext as Bytes));
      return { ciphertext: sealed.subarray(0, -TAG_LENGTH), tag: sealed.subarray(-TAG_LENGTH) };
    },
    sign: async (message) => new Uint8Array(await crypto.subtle.sign(ED25519, privateKey, message as Bytes)),
    deriveIv: async (message) => new Uint8Array(await crypto.subtle.sign('HMAC', ivKey, message as Bytes), 0, IV_LENGTH),
  };
}

/** Derives the key that derives IVs: HKDF (RFC 5869), without a salt. */
async function ivKeyFrom(privateKey: Bytes, kid: string): Promise<CryptoKey> {
  const input = await crypto.subtle.importKey('raw', privateKey, 'HKDF', false, ['deriveKey']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode(ivLabel(kid)) };
  return crypto.subtle.deriveKey(hkdf, input, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']);
}

function aesGcm(iv: Uint8Array, additionalData: Uint8Array) {
  return { name: AES, iv: iv as Bytes, additionalData: additionalData as Bytes, tagLength: TAG_LENGTH * 8 };
}

/** Compares every byte, so that the time does not depend on where the bytes differ. */
export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at += 1) difference |= (one[at] as number) ^ (other[at] as number);
  return difference === 0;
}

/** Returns the SHA-256 of the data: 32 bytes. */
export async function sha256(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data as Bytes));
}

/** Compresses bytes to a raw DEFLATE stream (RFC 1951). */
export function deflate(data: Uint8Array): Promise<Uint8Array> {
  return passedThrough(new CompressionStream('deflate-raw'), data, Number.POSITIVE_INFINITY);
}

/**
 * Inflates a raw DEFLATE stream (RFC 1951).
 *
 * @param most the maximum size of the output, in bytes
 * @throws {Error} if the output exceeds `most`, or the input is cut short or is not DEFLATE. Some runtimes do not
 *   notice bytes after the end of the stream.
 */
export function inflate(data: Uint8Array, most: number): Promise<Uint8Array> {
  return passedThrough(new DecompressionStream('deflate-raw'), data, most);
}

/** Collects the output of a stream, and stops after `most` bytes: a small input can inflate to gigabytes. */
async function passedThrough(stream: CompressionStream | DecompressionStream, data: Uint8Array, most: number): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // Errors of the writer are ignored, because the reader below throws the same error.
  writer.write(data as Bytes).catch(() => {});
  writer.close().catch(() => {});
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
    length += next.value.length;
    if (length > most) {
      await reader.cancel().catch(() => {});
      throw new RangeError(`more than ${most} bytes`);
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Encodes bytes as base64url without padding (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  return encode(bytes);
}

/**
 * Decodes base64url. For text that is not canonical, the function throws, or returns bytes that {@link toBase64url}
 * encodes differently. To find such text, encode the bytes again and compare.
 */
export function fromBase64url(text: string): Bytes {
  return new Uint8Array(decode(text));
}
