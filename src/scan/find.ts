import { encode } from 'jose/base64url';
import { HandleMalformed } from '../handle/errors.ts';
import { type HandleParts, readParts } from '../handle/format.ts';

/** A handle in a text. */
export interface FoundHandle extends HandleParts {
  readonly handle: string;
  /** The index of the handle's first character in the text, in UTF-16 code units. */
  readonly index: number;
}

/**
 * The text with which every handle begins: the header in base64url, until the value of `kid`. These 36 bytes of the
 * header give whole groups of four characters in base64url, so the text is the same for every `kid`.
 */
export const HANDLE_PREFIX: string = encode('{"alg":"dir","enc":"A256GCM","kid":"');

/**
 * The search for broken handles looks for these characters, the first 16 of {@link HANDLE_PREFIX}. It cannot look for
 * the whole prefix, because a line break may stand within the prefix.
 */
export const START: string = HANDLE_PREFIX.slice(0, 16);

/**
 * The first characters of {@link START}. Other text seldom has these characters. A break, which is text that a program
 * puts into a handle, seldom separates them.
 */
export const ANCHOR: string = START.slice(0, 3);

/**
 * The longest handle that the audit and the inspector read, in characters: four times the largest limit that a server
 * accepts for its handles.
 */
export const LONGEST_HANDLE = 262_144;

/**
 * Matches a whole handle. No base64url character may follow the handle. A dot may follow, because a handle can end a
 * sentence, or stand before `.json` in a file name. The first part is bounded, because a header has 128 bytes at most.
 * Without this bound, a text full of the beginnings of handles would be read to its end from each beginning.
 */
const HANDLE = /([A-Za-z0-9_-]{48,171}\.\.[A-Za-z0-9_-]{16}\.)([A-Za-z0-9_-]+)(\.[A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])/y;

/**
 * Finds handles in any text by their form. The search uses no key, so it does not show whether a handle is authentic.
 * Any character can precede a handle, because a log that writes a line break as `\n` puts the letter `n` before the
 * handle.
 *
 * @param known the handles that an earlier search found. This search does not read their headers again
 *
 * @example
 * ```ts
 * import { findHandles } from 'waxseal/scan';
 *
 * const keysIn = (text: string) => [...findHandles(text)].map(({ index, header }) => `${header.kid} at ${index}`);
 * ```
 */
export function* findHandles(text: string, known?: ReadonlyMap<string, HandleParts>): Generator<FoundHandle> {
  let index = text.indexOf(HANDLE_PREFIX);
  while (index !== -1) {
    const found = readAt(text, index, known);
    if (found !== undefined) yield found;
    index = text.indexOf(HANDLE_PREFIX, index + (found?.length ?? HANDLE_PREFIX.length));
  }
}

/**
 * Tells whether a text is one handle and contains nothing else. The function judges only the form of the text.
 *
 * @example
 * ```ts
 * import { isHandle } from 'waxseal/scan';
 *
 * isHandle('task_7f3a9c'); // false: an alias of a wallet
 * ```
 */
export function isHandle(text: string): boolean {
  return text.startsWith(HANDLE_PREFIX) && readAt(text, 0)?.length === text.length;
}

/**
 * Returns the length of the handle that begins at an index of the text, in characters, or 0 if no handle begins there.
 * The function checks only the form, and accepts base64url that is not canonical.
 */
export function wholeLengthAt(text: string, index: number): number {
  HANDLE.lastIndex = index;
  return HANDLE.test(text) ? HANDLE.lastIndex - index : 0;
}

/** Returns the handle that begins at an index of the text, or undefined if no handle begins there. */
export function readAt(text: string, index: number, known?: ReadonlyMap<string, HandleParts>): FoundHandle | undefined {
  HANDLE.lastIndex = index;
  const [handle, start = '', ciphertext = '', tag = ''] = HANDLE.exec(text) ?? [];
  if (handle === undefined) return undefined;
  const before = known?.get(handle);
  if (before !== undefined) return { ...before, handle, index };
  try {
    // Only the last group of four characters in the ciphertext can be non-canonical base64url, because all other groups
    // encode whole bytes. So `readParts` gets only the last group of the ciphertext.
    const { header } = readParts(`${start}${ciphertext.slice(-(ciphertext.length % 4 || 4))}${tag}`);
    return { handle, index, header, length: handle.length, ciphertextLength: Math.floor((ciphertext.length * 3) / 4) };
  } catch (error) {
    if (error instanceof HandleMalformed) return undefined;
    throw error;
  }
}
