/**
 * The public part of a handle, which needs no key to read.
 *
 * A handle is a JWE in compact serialization (RFC 7516 §7.1), which encrypts the signature and the claims. It has five
 * parts in base64url. The first is the protected header. The second is empty, because the algorithm is `dir`.
 *
 * The header has one accepted spelling. It is compared as text, and no JSON is parsed. So another order of members,
 * white space, escapes, duplicates, and extra members such as `crit`, `jwk` and `jku` are all refused.
 */
import { fromBase64url, toBase64url } from '#platform';
import { HandleMalformed } from './errors.ts';
import { IV_LENGTH } from './keys.ts';

/** The default maximum length of a handle, in characters, both for making and for reading. */
export const DEFAULT_MAX_LENGTH = 8_192;

/** The maximum size of signature and claims together, in bytes. A compressed handle must not inflate to more. */
export const MAX_PLAINTEXT_LENGTH = 65_536;

/** The lengths of an encoded IV and of an encoded tag, in characters. */
const [IV_CHARACTERS, TAG_CHARACTERS] = [16, 22];

/** The spelling of a key ID (`kid`): 1 to 32 characters of the base64url alphabet. */
export const KID = /^[A-Za-z0-9_-]{1,32}$/;

/** The protected header of the JWE (RFC 7516 §4.1). Its members are written in this order. */
export interface ProtectedHeader {
  readonly alg: 'dir';
  readonly enc: 'A256GCM';
  readonly kid: string;
  readonly typ: 'handle';
  readonly zip?: 'DEF';
}

/**
 * Returns the protected header of a handle. What `JSON.stringify` makes of it is the only accepted spelling.
 *
 * @param kid the id of the pair of keys that seals the handle
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
 * Returns the protected header of the JWS that signs the claims. The header has a fully specified algorithm (RFC 9864),
 * an unencoded payload (RFC 7797) and an explicit type (RFC 8725 §3.11). Handles do not contain this header: the
 * verifier makes it from the `kid`.
 */
export function signatureHeader(kid: string) {
  return { alg: 'Ed25519', b64: false, crit: ['b64'], kid, typ: 'handle+jws' } as const;
}

/** The length of an authentication tag, in bytes (RFC 7518 §5.3). */
export const TAG_LENGTH = 16;

/** The length of an Ed25519 signature, in bytes (RFC 8032 §5.1.6). */
export const SIGNATURE_LENGTH = 64;

/** Encodes a protected header. The JWS signs this text (RFC 7515 §3), and the JWE authenticates it (RFC 7516 §3). */
export function encodeHeader(header: object): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify(header)));
}

/** The public part of a handle, which needs no key to read. */
export interface HandleParts {
  readonly header: ProtectedHeader;
  /** The length of the whole handle, in characters. */
  readonly length: number;
  /** The length of the ciphertext, in bytes. If `header.zip` is present, the plaintext is compressed. */
  readonly ciphertextLength: number;
}

/**
 * Reads the public part of a handle, without a key. The result does not prove that the handle is authentic: anyone can
 * write such text.
 *
 * @param maxLength the longest handle to read, in characters. Default: 8,192
 * @throws {HandleMalformed} `malformed`: the value is not spelled like a handle. The message says what is wrong.
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

/** The decoded parts of a handle, without the second, which is always empty. */
export interface Parts {
  readonly header: ProtectedHeader;
  /** The first part as it stands in the handle: GCM authenticates this text (RFC 7516 §5.1, step 14). */
  readonly encodedHeader: string;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/**
 * Splits a handle and decodes its parts. Checks the length, the five parts in canonical base64url, and the header.
 *
 * @throws {HandleMalformed}
 */
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
 * Decodes canonical base64url: exactly the text that an encoder writes. Other decoders ignore spare bits at the end, or
 * foreign characters. Then one handle would have two spellings, and two fingerprints.
 *
 * @returns undefined if the text is not canonical base64url
 */
export function decodeCanonical(text: string): Uint8Array | undefined {
  try {
    const bytes = fromBase64url(text);
    // Encoding again is five times as fast as a regular expression.
    return toBase64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function whatIsWrong(handle: string, parts: readonly string[]): string {
  const other = OTHER_TEXTS.find(([form]) => form.test(handle))?.[1] ?? foreignCharacter(handle);
  if (other !== undefined) return other;
  const [header, encryptedKey = '', iv = '', ciphertext, tag = ''] = parts;
  const count = `${parts.length} of 5 parts (${handle.length} characters arrived)`;
  if (parts.length < 5 && !handle.startsWith('eyJ')) return `This does not begin like a handle ("eyJ"), and has ${count}.`;
  if (parts.length < 5) return `The handle is cut short: it has ${count}.`;
  if (parts.length > 5) return 'The handle has more than 5 parts separated by dots; 5 are expected.';
  if (encryptedKey !== '') return `The second part has ${encryptedKey.length} characters; it must be empty.`;
  if (header === '') return 'The first part is missing.';
  if (iv.length !== IV_CHARACTERS) return `The third part has ${iv.length} characters; ${IV_CHARACTERS} are expected.`;
  if (ciphertext === '') return 'The fourth part is missing.';
  const surplus = tag.length - TAG_CHARACTERS;
  if (surplus < 0) return `The handle is truncated at ${handle.length} of ${handle.length - surplus} characters.`;
  if (surplus > 0) return `The handle has ${surplus} surplus character${surplus === 1 ? '' : 's'} at its end.`;
  return 'A part of the handle is not canonical base64url: a character was changed, lost or added.';
}

/** Texts that clients pass in place of a handle, each with a message that says what the text is. */
const OTHER_TEXTS: readonly (readonly [RegExp, string])[] = [
  // Three dots before an IV are one dot too many, and no abbreviation.
  [/…|\.{3}(?![\w-]{16}\.)/, 'The handle is abbreviated.'],
  [/^[[({<$%*]{1,9}[\w .:-]{0,99}[\])}>%*]{0,9}$|^(\w{1,99}[ _-])?handle([ :_-]\w{1,99})?$/i, 'This is a placeholder.'],
  [/^task_[2-9a-z]{6}(@\d+)?$/, 'This looks like an alias of waxseal wallet, but the call did not go through the wallet.'],
  [/^(?!eyJ)[\w-]{16}$/, 'This looks like the id of a task (handle_info.id), not its handle.'],
];

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

/** The accepted protected headers. Only the `kid` and `zip` vary. */
const HEADER = /^\{"alg":"dir","enc":"A256GCM","kid":"([A-Za-z0-9_-]{1,32})","typ":"handle"(,"zip":"DEF")?\}$/;

/** The longest text that {@link HEADER} matches, in bytes. */
const LONGEST_HEADER = 97;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function readHeader(bytes: Uint8Array): ProtectedHeader {
  const text = bytes.length <= LONGEST_HEADER ? decoder.decode(bytes) : '';
  const [, kid, zip] = HEADER.exec(text) ?? [];
  if (kid === undefined) throw new HandleMalformed('header', 'The first part is not the protected header of a handle.');
  return protectedHeader(kid, zip !== undefined);
}
