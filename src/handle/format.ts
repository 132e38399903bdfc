/**
 * What of a handle anyone can see: five parts, base64url, a protected header.
 *
 * A handle is the compact serialization of a JWE (RFC 7516 §7.1) with direct
 * encryption, so the second of its five parts is empty. Both protected headers
 * have one spelling only: the reader compares text instead of interpreting
 * JSON, so member order, white space, escapes, duplicate members and members
 * that nobody asked for (`crit`, `jwk`, `jku`) are refused alike.
 */
import { fromBase64url, toBase64url } from '#platform';
import { HandleMalformed } from './errors.ts';
import { IV_LENGTH } from './keys.ts';

/** Longest handle that is made or read unless told otherwise, in characters. */
export const DEFAULT_MAX_LENGTH = 8_192;

/** Longest signature and claims together, in bytes: bounds what a compressed handle may inflate to. */
export const MAX_PLAINTEXT_LENGTH = 65_536;

/** Characters in an encoded IV, and in an encoded tag. */
const [IV_CHARACTERS, TAG_CHARACTERS] = [16, 22];

/** How a key's identifier is spelled: 1 to 32 characters of the base64url alphabet. */
export const KID = /^[A-Za-z0-9_-]{1,32}$/;

/** The protected header of the JWE, in the order in which it is written. */
export interface ProtectedHeader {
  readonly alg: 'dir';
  readonly enc: 'A256GCM';
  readonly kid: string;
  readonly typ: 'handle';
  readonly zip?: 'DEF';
}

/** The one spelling of a header. */
export function protectedHeader(kid: string, compressed: boolean): ProtectedHeader {
  return { alg: 'dir', enc: 'A256GCM', kid, typ: 'handle', ...(compressed && { zip: 'DEF' as const }) };
}

/**
 * The protected header of the signature: RFC 9864's fully specified algorithm, RFC 7797's unencoded payload, RFC 8725
 * §3.11's explicit typing. It depends on the `kid` alone, so no handle carries it.
 */
export function signatureHeader(kid: string) {
  return { alg: 'Ed25519', b64: false, crit: ['b64'], kid, typ: 'handle+jws' } as const;
}

/** Bytes in a tag: 128 bits (RFC 7518 §5.3). */
export const TAG_LENGTH = 16;

/** Bytes in an Ed25519 signature. */
export const SIGNATURE_LENGTH = 64;

/** A protected header as it is signed or authenticated (RFC 7515 §3, RFC 7516 §3). */
export function encodeHeader(header: object): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify(header)));
}

/** What anyone who holds a handle can see of it, without a key. */
export interface HandleParts {
  readonly header: ProtectedHeader;
  /** Characters in the whole handle. */
  readonly length: number;
  /** Bytes that are encrypted, as they travel: compressed where `header.zip` says so. */
  readonly ciphertextLength: number;
}

/**
 * Reads the public part of a handle and refuses whatever is not spelled like one.
 * Says nothing about authenticity.
 *
 * @param maxLength in characters
 * @throws {HandleMalformed} `malformed`, with what is wrong with the copy
 */
export function readParts(handle: unknown, maxLength?: number): HandleParts {
  const { header, ciphertext } = splitHandle(handle, maxLength);
  return { header, length: (handle as string).length, ciphertextLength: ciphertext.length };
}

/** The parts of a handle, decoded; the second of the five is empty. */
export interface Parts {
  readonly header: ProtectedHeader;
  /** The header as it is authenticated. */
  readonly encodedHeader: string;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The same, with the parts themselves. @throws {HandleMalformed} */
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
 * Decodes base64url of the one spelling that an encoder writes. A decoder ignores up to four bits of the last character,
 * and some decoders take foreign characters. Two spellings of one handle would have two fingerprints and two lineages.
 *
 * @returns undefined for any other text
 */
function decodeCanonical(text: string): Uint8Array | undefined {
  try {
    const bytes = fromBase64url(text);
    // Encoding the bytes again costs a fifth of looking at each character with a pattern.
    return toBase64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Says what is wrong with text that is not five parts in canonical base64url of the right lengths. */
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
  if (surplus > 0) return `The handle goes on after its end, by ${surplus} character${surplus === 1 ? '' : 's'}.`;
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

/** The header as it may be spelled: from handle to handle only the kid differs, and whether the last member is there. */
const HEADER = /^\{"alg":"dir","enc":"A256GCM","kid":"([A-Za-z0-9_-]{1,32})","typ":"handle"(,"zip":"DEF")?\}$/;

/** Bytes in the longest that fits this. */
const LONGEST_HEADER = 97;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function readHeader(bytes: Uint8Array): ProtectedHeader {
  const text = bytes.length <= LONGEST_HEADER ? decoder.decode(bytes) : '';
  const [, kid, zip] = HEADER.exec(text) ?? [];
  if (kid === undefined) throw new HandleMalformed('header', 'The first part is not the protected header of a handle.');
  return protectedHeader(kid, zip !== undefined);
}
