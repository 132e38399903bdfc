/**
 * Reads and writes the public part of a handle, which anyone can read without a key.
 *
 * A handle is a JWE in compact serialization (RFC 7516 §7.1). The JWE encrypts the signature and the claims. A handle has
 * five parts in base64url. The first part is the protected header. The second part is empty, because the JWE uses direct
 * encryption (`dir`).
 *
 * The protected header of the JWE has exactly one spelling. The reader compares the header as text and parses no JSON.
 * So the reader refuses a different order of members, white space, escapes, duplicate members, and additional members
 * such as `crit`, `jwk` and `jku`.
 */
import { fromBase64url, toBase64url } from '#platform';
import { HandleMalformed } from './errors.ts';
import { IV_LENGTH } from './keys.ts';

/** The default limit on the length of a handle, in characters. The limit applies when a handle is made and when a handle is read. */
export const DEFAULT_MAX_LENGTH = 8_192;

/** The maximum number of bytes that the signature and the claims may have together. A compressed handle may not inflate to more bytes. */
export const MAX_PLAINTEXT_LENGTH = 65_536;

/** The number of characters in an encoded IV, and in an encoded tag. */
const [IV_CHARACTERS, TAG_CHARACTERS] = [16, 22];

/** The spelling of a key ID (`kid`): 1 to 32 characters of the base64url alphabet. */
export const KID = /^[A-Za-z0-9_-]{1,32}$/;

/** The protected header of the JWE (RFC 7516 §4.1), with its members in the order in which they are written. */
export interface ProtectedHeader {
  readonly alg: 'dir';
  readonly enc: 'A256GCM';
  readonly kid: string;
  readonly typ: 'handle';
  readonly zip?: 'DEF';
}

/**
 * Returns the protected header of a handle. The text that `JSON.stringify` makes of this object is the only accepted
 * spelling.
 *
 * @param kid names the pair of keys that seals the handle
 * @param compressed whether the plaintext is compressed (`zip`, RFC 7516 §4.1.3)
 *
 * @example
 * ```ts
 * import { protectedHeader } from 'waxseal/handle';
 *
 * JSON.stringify(protectedHeader('k-2026-07', false)); // {"alg":"dir","enc":"A256GCM","kid":"k-2026-07","typ":"handle"}
 * ```
 */
export function protectedHeader(kid: string, compressed: boolean): ProtectedHeader {
  return { alg: 'dir', enc: 'A256GCM', kid, typ: 'handle', ...(compressed && { zip: 'DEF' as const }) };
}

/**
 * Returns the protected header of the JWS, the signature over the claims. The algorithm is fully specified (RFC 9864), the
 * payload is unencoded (RFC 7797), and the type is explicit (RFC 8725 §3.11). A handle does not carry this header, because
 * the verifier can make the header from the `kid` alone.
 */
export function signatureHeader(kid: string) {
  return { alg: 'Ed25519', b64: false, crit: ['b64'], kid, typ: 'handle+jws' } as const;
}

/** The number of bytes in an authentication tag: 128 bits (RFC 7518 §5.3). */
export const TAG_LENGTH = 16;

/** The number of bytes in an Ed25519 signature (RFC 8032 §5.1.6). */
export const SIGNATURE_LENGTH = 64;

/** Encodes a protected header in base64url. A JWS signs this text (RFC 7515 §3), and a JWE authenticates it (RFC 7516 §3). */
export function encodeHeader(header: object): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify(header)));
}

/** The public part of a handle, which anyone who has the handle can read without a key. */
export interface HandleParts {
  readonly header: ProtectedHeader;
  /** The number of characters in the whole handle. */
  readonly length: number;
  /** The number of bytes in the ciphertext. If `header.zip` is present, the ciphertext contains a compressed plaintext. */
  readonly ciphertextLength: number;
}

/**
 * Reads the public part of a handle. The function needs no key, and does not prove that the handle is authentic: anyone can
 * write text of this form.
 *
 * @param maxLength the longest handle to read, in characters; default: 8,192
 * @throws {HandleMalformed} `malformed`: the value is not spelled like a handle; the message says what is wrong with it
 *
 * @example
 * ```ts
 * import { readParts } from 'waxseal/handle';
 *
 * const kidOf = (handle: unknown) => readParts(handle).header.kid;
 * ```
 */
export function readParts(handle: unknown, maxLength?: number): HandleParts {
  const { header, ciphertext } = splitHandle(handle, maxLength);
  return { header, length: (handle as string).length, ciphertextLength: ciphertext.length };
}

/** The decoded parts of a handle, except its second part, which is always empty. */
export interface Parts {
  readonly header: ProtectedHeader;
  /** The first part of the handle, still encoded, because GCM authenticates this text (RFC 7516 §5.1, step 14). */
  readonly encodedHeader: string;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Splits a handle into its parts and decodes the parts, with the same checks as {@link readParts}. @throws {HandleMalformed} */
export function splitHandle(handle: unknown, maxLength: number = DEFAULT_MAX_LENGTH): Parts {
  if (typeof handle !== 'string') throw new HandleMalformed('length', 'A handle is a string.');
  if (handle.length === 0) throw new HandleMalformed('length', 'The handle is empty.');
  if (!(handle.length <= maxLength)) {
    throw new HandleMalformed('length', `The handle has ${handle.length} characters; at most ${maxLength} are read.`);
  }
  const parts = handle.split('.', 6);
  const [header, encryptedKey, iv, ciphertext, tag] = parts.map(decodeCanonical);
  const isHandle =
    parts.length === 5 &&
    header?.length &&
    encryptedKey?.length === 0 &&
    iv?.length === IV_LENGTH &&
    ciphertext?.length &&
    tag?.length === TAG_LENGTH;
  if (!isHandle) throw new HandleMalformed('grammar', whatIsWrong(handle, parts));
  return { header: readHeader(header), encodedHeader: parts[0] as string, iv, ciphertext, tag };
}

/**
 * Decodes base64url, and accepts only the text that an encoder writes for the bytes (canonical base64url). Other decoders
 * accept more texts for the same bytes: they ignore up to four bits of the last character, and some skip characters outside
 * the alphabet. This function refuses these texts, because two texts for the same handle would have two fingerprints.
 *
 * @returns undefined if the text is not canonical base64url
 */
export function decodeCanonical(text: string): Uint8Array | undefined {
  try {
    const bytes = fromBase64url(text);
    // Encoding the bytes again is five times as fast as matching the text against a pattern.
    return toBase64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Says what is wrong with text that does not have five parts of the right lengths in canonical base64url. */
function whatIsWrong(handle: string, parts: readonly string[]): string {
  const foreign = foreignCharacter(handle);
  if (foreign !== undefined) return foreign;
  const [header, encryptedKey, iv = '', ciphertext, tag = ''] = parts;
  if (parts.length < 5) return `The handle is cut short: it has ${parts.length} of 5 parts (${handle.length} characters arrived).`;
  if (parts.length > 5) return 'The handle has more than 5 parts separated by dots; 5 are expected.';
  if (encryptedKey !== '') return 'The second part of a handle is empty; here it is not.';
  if (header === '') return 'The first part is missing.';
  if (iv.length !== IV_CHARACTERS) return `The third part has ${iv.length} characters; ${IV_CHARACTERS} are expected.`;
  if (ciphertext === '') return 'The fourth part is missing.';
  const surplus = tag.length - TAG_CHARACTERS;
  if (surplus < 0) return `The handle is truncated at ${handle.length} of ${handle.length - surplus} characters.`;
  if (surplus > 0) return `The handle has ${surplus} surplus character${surplus === 1 ? '' : 's'} at its end.`;
  return 'A part of the handle is not canonical base64url: a character was changed, lost or added.';
}

function foreignCharacter(handle: string): string | undefined {
  const at = handle.search(/[^A-Za-z0-9_.-]/);
  if (at === -1) return undefined;
  const character = String.fromCodePoint(handle.codePointAt(at) as number);
  return `Character ${at + 1} is ${describeCharacter(character)}, which no handle contains.`;
}

function describeCharacter(character: string): string {
  if (character === ' ') return 'a space';
  if (character === '\n' || character === '\r') return 'a line break';
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character)) return JSON.stringify(character);
  return `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Matches the accepted spellings of a protected header, which differ only in the `kid`, and in whether `zip` is present. */
const HEADER = /^\{"alg":"dir","enc":"A256GCM","kid":"([A-Za-z0-9_-]{1,32})","typ":"handle"(,"zip":"DEF")?\}$/;

/** The number of bytes in the longest text that matches the pattern {@link HEADER}. */
const LONGEST_HEADER = 97;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function readHeader(bytes: Uint8Array): ProtectedHeader {
  const text = bytes.length <= LONGEST_HEADER ? decoder.decode(bytes) : '';
  const [, kid, zip] = HEADER.exec(text) ?? [];
  if (kid === undefined) throw new HandleMalformed('header', 'The first part is not the protected header of a handle.');
  return protectedHeader(kid, zip !== undefined);
}
