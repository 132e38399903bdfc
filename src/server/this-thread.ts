/**
 * Web Crypto and `deflate-raw` of this process, on this thread.
 *
 * Node hands each of these operations to its thread pool, and builds web streams around zlib. For a handle of a few
 * kilobytes that costs two to four times what the work itself does (`node bench/codecs.mjs` has both). Here the same
 * functions call the same OpenSSL and the same zlib at once: `node:crypto` and `node:zlib`, nothing else, below `jose`,
 * which does not know. Only what a handle needs is taken over, and only while it is short; all else goes the way that
 * it always went. Elsewhere than on Node nothing of this is loaded.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
  type webcrypto,
} from 'node:crypto';
import { provideBase64 } from './base64.ts';
import { deflateOnThisThread, MOST_AT_ONCE } from './deflate.ts';

type CryptoKey = webcrypto.CryptoKey;
type Subtle = webcrypto.SubtleCrypto;

/** AES-GCM as handles use it (RFC 7518 §5.3): a nonce of 96 bits, a tag of 128. Bytes. */
const [NONCE_LENGTH, TAG_LENGTH] = [12, 16];

/** An Ed25519 signature (RFC 8032 §5.1.6). Bytes. */
const SIGNATURE_LENGTH = 64;

let done = false;

/**
 * Has this process encrypt, decrypt, sign, verify, digest, deflate and inflate what is short on the calling thread:
 * AES-GCM, Ed25519, SHA-256 and `deflate-raw`, up to 64 KiB. For a program that opens and seals handles, at its start,
 * before it imports keys; `waxseal` itself and `serve` do it. Results and errors are those of the functions that it
 * stands in for.
 *
 * It replaces members of the globals `crypto.subtle`, `CompressionStream` and `DecompressionStream`. A second call does nothing.
 */
export function workOnThisThread(): void {
  if (done) return;
  done = true;
  provideBase64();
  Object.assign(crypto.subtle, cryptoOnThisThread(crypto.subtle as Subtle));
  deflateOnThisThread();
}

function cryptoOnThisThread(subtle: Subtle): Pick<Subtle, 'importKey' | 'encrypt' | 'decrypt' | 'sign' | 'verify' | 'digest'> {
  const pool = {
    importKey: subtle.importKey.bind(subtle) as ImportKey,
    encrypt: subtle.encrypt.bind(subtle),
    decrypt: subtle.decrypt.bind(subtle),
    sign: subtle.sign.bind(subtle),
    verify: subtle.verify.bind(subtle),
    digest: subtle.digest.bind(subtle),
  };
  return {
    importKey: async (format: string, data: unknown, algorithm: unknown, extractable: boolean, usages: readonly webcrypto.KeyUsage[]) => {
      const keyObject = keyObjectFrom(format, data, algorithm);
      const key = await pool.importKey(format, data, algorithm, extractable, usages);
      if (keyObject !== undefined) known.set(key, { keyObject, usages: [...key.usages] });
      return key;
    },
    encrypt: async (algorithm, key, data) => {
      if (!(isAesGcm(algorithm, key, 'encrypt') && isShort(data))) return pool.encrypt(algorithm, key, data);
      const secret = keyObjectOf(key);
      const cipher = createCipheriv(cipherOf(secret), secret, algorithm.iv, { authTagLength: TAG_LENGTH });
      cipher.setAAD(algorithm.additionalData);
      return joined(cipher.update(data), cipher.final(), cipher.getAuthTag());
    },
    decrypt: async (algorithm, key, data) => {
      if (!(isAesGcm(algorithm, key, 'decrypt') && isShort(data) && data.length >= TAG_LENGTH)) return pool.decrypt(algorithm, key, data);
      const secret = keyObjectOf(key);
      const decipher = createDecipheriv(cipherOf(secret), secret, algorithm.iv, { authTagLength: TAG_LENGTH });
      decipher.setAAD(algorithm.additionalData).setAuthTag(data.subarray(-TAG_LENGTH));
      const plaintext = decipher.update(data.subarray(0, -TAG_LENGTH));
      try {
        return joined(plaintext, decipher.final());
      } catch {
        throw new DOMException('The operation failed for an operation-specific reason', 'OperationError');
      }
    },
    sign: async (algorithm, key, data) => {
      if (!(isEd25519(algorithm, key, 'sign') && isShort(data))) return pool.sign(algorithm, key, data);
      return joined(sign(null, data, keyObjectOf(key)));
    },
    verify: async (algorithm, key, signature, data) => {
      const fits = isEd25519(algorithm, key, 'verify') && isShort(data) && isShort(signature) && signature.length === SIGNATURE_LENGTH;
      return fits ? verify(null, data, keyObjectOf(key), signature) : pool.verify(algorithm, key, signature, data);
    },
    digest: async (algorithm, data) => {
      if (!(nameOf(algorithm) === 'SHA-256' && isShort(data))) return pool.digest(algorithm, data);
      return joined(createHash('sha256').update(data).digest());
    },
  };
}

type AesGcm = { readonly iv: Uint8Array; readonly additionalData: Uint8Array };

/** Whether parameters are those that a handle is encrypted with, and the key is for that. */
function isAesGcm(algorithm: unknown, key: CryptoKey, usage: 'encrypt' | 'decrypt'): algorithm is AesGcm {
  const { iv, additionalData, tagLength } = Object(algorithm) as Record<string, unknown>;
  return (
    nameOf(algorithm) === 'AES-GCM' &&
    isShort(iv) &&
    iv.length === NONCE_LENGTH &&
    isShort(additionalData) &&
    tagLength === TAG_LENGTH * 8 &&
    isFor(key, usage)
  );
}

function isEd25519(algorithm: unknown, key: CryptoKey, usage: 'sign' | 'verify'): boolean {
  return nameOf(algorithm) === 'Ed25519' && isFor(key, usage);
}

type ImportKey = (
  format: string,
  data: unknown,
  algorithm: unknown,
  extractable: boolean,
  usages: readonly webcrypto.KeyUsage[],
) => Promise<CryptoKey>;

/** A key, and what it is for, as it was when it was imported. What it is for tells its algorithm: no usage goes with both. */
interface KnownKey {
  readonly keyObject: KeyObject;
  readonly usages: readonly webcrypto.KeyUsage[];
}

/**
 * The keys that work here, each as `node:crypto` takes it: made while its material is at hand, for Node is not to make
 * it of a key that cannot be extracted (DEP0204). Nothing else in this process gets hold of it.
 */
const known = new WeakMap<CryptoKey, KnownKey>();

/** In the two forms in which a ring's keys are imported. What is no key, the import itself refuses. */
function keyObjectFrom(format: string, data: unknown, algorithm: unknown): KeyObject | undefined {
  try {
    if (format === 'raw' && nameOf(algorithm) === 'AES-GCM') return createSecretKey(data as Uint8Array);
    if (format !== 'jwk' || nameOf(algorithm) !== 'Ed25519') return undefined;
    const jwk = { key: data as JsonWebKey, format: 'jwk' } as const;
    return jwk.key.d === undefined ? createPublicKey(jwk) : createPrivateKey(jwk);
  } catch {
    return undefined;
  }
}

function isFor(key: CryptoKey, usage: webcrypto.KeyUsage): boolean {
  return known.get(key)?.usages.includes(usage) ?? false;
}

function keyObjectOf(key: CryptoKey): KeyObject {
  return (known.get(key) as KnownKey).keyObject;
}

function nameOf(algorithm: unknown): unknown {
  return typeof algorithm === 'string' ? algorithm : (Object(algorithm) as { name?: unknown }).name;
}

function isShort(data: unknown): data is Uint8Array {
  return data instanceof Uint8Array && data.buffer instanceof ArrayBuffer && data.length <= MOST_AT_ONCE;
}

function cipherOf(secret: KeyObject): 'aes-256-gcm' {
  // `aes-128-gcm` and `aes-192-gcm` have the same types.
  return `aes-${(secret.symmetricKeySize as number) * 8}-gcm` as 'aes-256-gcm';
}

/** As Web Crypto answers: in a buffer of its own. */
function joined(...parts: Uint8Array[]): ArrayBuffer {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.buffer;
}
