import { encode } from 'jose/base64url';
import { HandleMalformed } from '../handle/errors.ts';
import { type HandleParts, readParts } from '../handle/format.ts';

/** A handle in a text. */
export interface FoundHandle extends HandleParts {
  readonly handle: string;
  /** Where the handle begins in the text, in UTF-16 code units. */
  readonly index: number;
}

/** The beginning of every handle: base64url of the header up to the `kid`. These are 36 bytes, so no bits are left over. */
export const HANDLE_PREFIX: string = encode('{"alg":"dir","enc":"A256GCM","kid":"');

/** The characters that the search for handles looks for. The rest of {@link HANDLE_PREFIX} may stand on another line. */
export const START: string = HANDLE_PREFIX.slice(0, 16);

/** The longest handle that is found, in characters: the limit of the most generous server. */
export const LONGEST_HANDLE = 262_144;

/**
 * The five parts of a handle. A base64url character must not follow the last part. A dot may follow, as at the end of a
 * sentence or in a file name with `.json`. A header is at most 128 bytes. Without that bound, a text full of beginnings
 * would be read to its end from each beginning.
 */
const HANDLE = /([A-Za-z0-9_-]{48,171}\.\.[A-Za-z0-9_-]{16}\.)([A-Za-z0-9_-]+)(\.[A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])/y;

/**
 * Finds handles in any text by their form. The search needs no key, and says nothing about authenticity. Any character may
 * stand before a handle, because logs escape line breaks as `\n`.
 *
 * @param known handles that were found before. Their headers are not read again
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
 * Whether a text is one handle and nothing else, by its form.
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

/** The length of the text at a place that has the form of a handle; 0 if no such text begins there. The text may be non-canonical. */
export function wholeLengthAt(text: string, index: number): number {
  HANDLE.lastIndex = index;
  return HANDLE.test(text) ? HANDLE.lastIndex - index : 0;
}

/** The handle that begins at a place in a text; undefined if no handle begins there. */
export function readAt(text: string, index: number, known?: ReadonlyMap<string, HandleParts>): FoundHandle | undefined {
  HANDLE.lastIndex = index;
  const [handle, start = '', ciphertext = '', tag = ''] = HANDLE.exec(text) ?? [];
  if (handle === undefined) return undefined;
  const before = known?.get(handle);
  if (before !== undefined) return { ...before, handle, index };
  try {
    // Only the last group of four characters can be non-canonical: the others have no bits left over.
    const { header } = readParts(`${start}${ciphertext.slice(-(ciphertext.length % 4 || 4))}${tag}`);
    return { handle, index, header, length: handle.length, ciphertextLength: Math.floor((ciphertext.length * 3) / 4) };
  } catch (error) {
    if (error instanceof HandleMalformed) return undefined;
    throw error;
  }
}
