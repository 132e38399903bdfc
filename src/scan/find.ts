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
 * The text with which every handle begins: its header in base64url, up to the value of `kid`. The 36 bytes before this
 * value are a multiple of three. So the value does not change their base64url.
 */
export const HANDLE_PREFIX: string = encode('{"alg":"dir","enc":"A256GCM","kid":"');

/**
 * The beginning by which the search finds handles with breaks. It is short, because a break may interrupt a longer
 * beginning.
 */
export const START: string = HANDLE_PREFIX.slice(0, 16);

/** Other text seldom contains these characters, and a break seldom separates them. */
export const ANCHOR: string = START.slice(0, 3);

/**
 * The longest handle that the audit and the inspector read, in characters. It is four times the largest value of
 * `--max-handle-length`.
 */
export const LONGEST_HANDLE = 262_144;

/**
 * Matches a whole handle. A dot may follow it, because a handle can end a sentence or precede `.json`. Without the
 * bound of the first part, a text full of handle beginnings would take quadratic time.
 */
const HANDLE = /([A-Za-z0-9_-]{48,171}\.\.[A-Za-z0-9_-]{16}\.)([A-Za-z0-9_-]+)(\.[A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])/y;

/**
 * Finds handles in any text by their form. The search uses no key, so a handle in the result need not be authentic.
 *
 * Any character may precede a handle. For example, some logs write a line break as `\n`, so the letter `n` precedes the
 * handle.
 *
 * @param known the handles that an earlier search found. Their headers are not read again
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
 * Tells whether a text is exactly one handle. The function checks only the form.
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
 * Returns the length of the handle at an index, in characters, or 0 if no handle is there. The base64url need not be
 * canonical.
 */
export function wholeLengthAt(text: string, index: number): number {
  HANDLE.lastIndex = index;
  return HANDLE.test(text) ? HANDLE.lastIndex - index : 0;
}

export function readAt(text: string, index: number, known?: ReadonlyMap<string, HandleParts>): FoundHandle | undefined {
  HANDLE.lastIndex = index;
  const [handle, start = '', ciphertext = '', tag = ''] = HANDLE.exec(text) ?? [];
  if (handle === undefined) return undefined;
  const earlier = known?.get(handle);
  if (earlier !== undefined) return { ...earlier, handle, index };
  try {
    // Only the last four characters of the ciphertext can be non-canonical base64url. So `readParts` need not check the
    // others.
    const { header } = readParts(`${start}${ciphertext.slice(-(ciphertext.length % 4 || 4))}${tag}`);
    return { handle, index, header, length: handle.length, ciphertextLength: Math.floor((ciphertext.length * 3) / 4) };
  } catch (error) {
    if (error instanceof HandleMalformed) return undefined;
    throw error;
  }
}
