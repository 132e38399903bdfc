/**
 * The two layers of a handle. The inner layer is a JWS over the claims, with a detached, unencoded payload (RFC 7515
 * appendix F, RFC 7797). The outer layer is a JWE that encrypts signature and claims (RFC 7516).
 */
import { deflate, inflate, isEqual, toBase64url } from '#platform';
import { HandleRejected, type RejectionReason, StateTooLarge } from './errors.ts';
import {
  encodeHeader,
  KID,
  MAX_PLAINTEXT_LENGTH,
  type Parts,
  protectedHeader,
  SIGNATURE_LENGTH,
  signatureHeader,
  TAG_LENGTH,
} from './format.ts';
import { IV_LENGTH, type MintingKey, type OpeningKey } from './keys.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const DOT = encoder.encode('.');

/** The header of a DEFLATE block that stores 64 bytes uncompressed and is not the last block (RFC 1951 §3.2.4). */
const STORED_SIGNATURE = new Uint8Array([0x00, SIGNATURE_LENGTH, 0x00, 0xff - SIGNATURE_LENGTH, 0xff]);

/**
 * Signs and encrypts claims.
 *
 * @param text the claims, in canonical JSON
 * @param compress whether to compress the claims where that shortens the handle
 * @returns the handle, in JWE compact serialization
 * @throws {StateTooLarge} `state_too_large`: signature and claims exceed {@link MAX_PLAINTEXT_LENGTH} bytes
 * @throws {TypeError} if the key returns bytes of a wrong length, or its `kid` is misspelt
 */
export async function sealLayers(text: string, key: MintingKey, compress: boolean): Promise<string> {
  const claims = encoder.encode(text);
  const length = SIGNATURE_LENGTH + claims.length;
  if (length > MAX_PLAINTEXT_LENGTH) throw new StateTooLarge(length, MAX_PLAINTEXT_LENGTH, 'bytes');
  if (!KID.test(key.kid)) throw new TypeError('seal: the kid of the key must have 1 to 32 characters of A-Z a-z 0-9 _ -');
  const signature = ofLength(SIGNATURE_LENGTH, await key.sign(signingInput(key.kid, claims)), 'sign');

  const { header, encrypted } = await shortest(key.kid, signature, claims, compress);
  const authenticated = encoder.encode(header);
  const iv = ofLength(IV_LENGTH, await key.deriveIv(joined(authenticated, DOT, encrypted)), 'deriveIv');
  const { ciphertext, tag } = await key.encrypt(encrypted, iv, authenticated);
  ofLength(encrypted.length, ciphertext, 'encrypt');
  ofLength(TAG_LENGTH, tag, 'encrypt');
  return `${header}..${toBase64url(iv)}.${toBase64url(ciphertext)}.${toBase64url(tag)}`;
}

/**
 * Checks what a key returned. With bytes of a wrong length, nobody could open the handle, and the task would be lost.
 */
function ofLength(length: number, bytes: Uint8Array, operation: string): Uint8Array {
  if (bytes instanceof Uint8Array && bytes.length === length) return bytes;
  throw new TypeError(`seal: the key's ${operation} must give ${length} bytes`);
}

/** The bytes to encrypt, and the encoded header, which says whether they are compressed. */
interface Encoded {
  readonly header: string;
  readonly encrypted: Uint8Array;
}

/**
 * Chooses the shorter encoding. The signature is never compressed: its bytes look random, and would make the claims
 * compress worse.
 */
async function shortest(kid: string, signature: Uint8Array, claims: Uint8Array, compress: boolean): Promise<Encoded> {
  const plain = { header: encodeHeader(protectedHeader(kid, false)), encrypted: joined(signature, claims) };
  if (!compress) return plain;
  const encrypted = joined(STORED_SIGNATURE, signature, await deflate(claims));
  const deflated = { header: encodeHeader(protectedHeader(kid, true)), encrypted };
  return lengthOf(deflated) < lengthOf(plain) ? deflated : plain;
}

/** The number of characters in the two parts that compression changes. */
function lengthOf({ header, encrypted }: Encoded): number {
  return header.length + Math.ceil((encrypted.length * 4) / 3);
}

/**
 * Decrypts a handle, and checks that a holder of the private key made it. A minting key checks this by the IV, before
 * anything is inflated or parsed. An inspector's key, which cannot mint, checks it by the signature.
 *
 * @returns the claims as text
 * @throws {HandleRejected} `rejected`, with reason `decryption`, `iv`, `inflation`, `signature` or `claims`
 * @throws {Error} whatever the key throws: a failing key service does not mean that the handle is bad
 */
export async function openLayers(parts: Parts, key: OpeningKey): Promise<string> {
  const authenticated = encoder.encode(parts.encodedHeader);
  const { iv, ciphertext, tag } = parts;
  if (!('deriveIv' in key))
    throw new TypeError('open: the key has no member deriveIv; an inspector key must have it, with the value undefined');
  const encrypted = await key.decrypt({ iv, ciphertext, tag }, authenticated);
  if (encrypted === undefined) throw new HandleRejected('decryption');
  if (key.deriveIv !== undefined) {
    const derived = await key.deriveIv(joined(authenticated, DOT, encrypted));
    if (!isEqual(derived, iv)) throw new HandleRejected('iv');
  }
  const plaintext = await orReject('inflation', () => inflated(encrypted, parts.header.zip !== undefined));
  const claims = plaintext.subarray(SIGNATURE_LENGTH);
  if (key.deriveIv === undefined) {
    const signature = plaintext.subarray(0, SIGNATURE_LENGTH);
    const isSigned = await key.verify(signature, signingInput(parts.header.kid, claims));
    if (!(isSigned === true)) throw new HandleRejected('signature');
  }
  return orReject('claims', () => decoder.decode(claims));
}

function inflated(encrypted: Uint8Array, isCompressed: boolean): Uint8Array | Promise<Uint8Array> {
  if (isCompressed) return inflate(encrypted, MAX_PLAINTEXT_LENGTH);
  if (encrypted.length <= MAX_PLAINTEXT_LENGTH) return encrypted;
  throw new RangeError(`more than ${MAX_PLAINTEXT_LENGTH} bytes`);
}

/** The JWS signing input: the encoded header, a dot, and the unencoded claims (RFC 7797 §3). */
function signingInput(kid: string, claims: Uint8Array): Uint8Array {
  return joined(encoder.encode(encodeHeader(signatureHeader(kid))), DOT, claims);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function orReject<T>(reason: RejectionReason, step: () => T): Promise<Awaited<T>> {
  try {
    return await step();
  } catch {
    throw new HandleRejected(reason);
  }
}
