/**
 * The two layers of a handle, composed in one place: the claims, signed (JWS, RFC 7515), then encrypted (JWE, RFC 7516).
 * All that varies in the protected headers is the `kid` and whether there is a `zip`, so they are written and not built.
 */
import { deflate, fromBase64url, inflate, toBase64url } from '#platform';
import { HandleRejected, type RejectionReason, StateTooLarge } from './errors.ts';
import {
  ENCODED_SIGNATURE_HEADER,
  MAX_PLAINTEXT_LENGTH,
  type Parts,
  protectedHeader,
  requireCanonical,
  SIGNATURE_LENGTH,
} from './format.ts';
import type { MintingKey, OpeningKey } from './keys.ts';

/** Below this an inner JWS is not worth compressing. Bytes. */
export const COMPRESSION_THRESHOLD = 1024;

const IV_LENGTH = 12;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Signs and encrypts claims.
 *
 * @param payload the claims, in canonical JSON
 * @param compress whether to compress what is worth it
 * @returns the handle: JWE compact serialization
 * @throws {StateTooLarge} where the JWS is longer than any reader inflates
 */
export async function sealLayers(payload: string, key: MintingKey, compress: boolean): Promise<string> {
  const input = `${ENCODED_SIGNATURE_HEADER}.${toBase64url(encoder.encode(payload))}`;
  const jws = `${input}.${toBase64url(await key.sign(encoder.encode(input)))}`;
  if (jws.length > MAX_PLAINTEXT_LENGTH) throw new StateTooLarge(jws.length, MAX_PLAINTEXT_LENGTH, 'bytes');

  const compressed = compress && jws.length > COMPRESSION_THRESHOLD;
  const header = toBase64url(encoder.encode(JSON.stringify(protectedHeader(key.kid, compressed))));
  const plaintext = compressed ? await deflate(encoder.encode(jws)) : encoder.encode(jws);
  const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
  const { ciphertext, tag } = await key.encrypt(plaintext, iv, encoder.encode(header));
  return `${header}..${toBase64url(iv)}.${toBase64url(ciphertext)}.${toBase64url(tag)}`;
}

/**
 * Decrypts and verifies a handle.
 *
 * @returns the claims, as they are written
 * @throws {HandleRejected} `decryption`, `inflation`, `inner_structure`, `signature` or `claims`
 */
export async function openLayers(parts: Parts, key: OpeningKey): Promise<string> {
  const { iv, ciphertext, tag } = parts;
  const encrypted = { iv: fromBase64url(iv), ciphertext: fromBase64url(ciphertext), tag: fromBase64url(tag) };
  const decrypted = await orReject('decryption', () => key.decrypt(encrypted, encoder.encode(parts.encodedHeader)));
  const plaintext =
    parts.header.zip === undefined ? decrypted : await orReject('inflation', () => inflate(decrypted, MAX_PLAINTEXT_LENGTH));
  const { payload, signature, input } = await orReject('inner_structure', () => readInnerStructure(plaintext));
  if (!(await key.verify(fromBase64url(signature), encoder.encode(input)))) throw new HandleRejected('signature');
  return orReject('claims', () => decoder.decode(fromBase64url(payload)));
}

/** Three canonical parts, of which the first is spelled exactly as {@link sealLayers} spells it. Throws where it is anything else. */
function readInnerStructure(plaintext: Uint8Array): { payload: string; signature: string; input: string } {
  const jws = decoder.decode(plaintext);
  const [header, payload = '', signature = '', ...surplus] = jws.split('.', 4);
  const fits = header === ENCODED_SIGNATURE_HEADER && payload !== '' && signature.length === SIGNATURE_LENGTH && surplus.length === 0;
  if (!fits) throw new SyntaxError('not an inner JWS');
  [payload, signature].forEach(requireCanonical);
  return { payload, signature, input: `${header}.${payload}` };
}

async function orReject<T>(reason: RejectionReason, step: () => T): Promise<Awaited<T>> {
  try {
    return await step();
  } catch {
    throw new HandleRejected(reason);
  }
}
