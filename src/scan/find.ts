import { base64url } from 'jose';
import { HandleMalformed, type HandleParts, readParts } from '../handle/index.ts';

/** A handle in a text. */
export interface FoundHandle extends HandleParts {
  readonly handle: string;
  /** Where it begins in the text, in UTF-16 code units. */
  readonly index: number;
}

/** How every handle begins: base64url of all that stands before the `kid`. 36 bytes, so that no bits are left over. */
export const HANDLE_PREFIX: string = base64url.encode('{"alg":"dir","enc":"A256GCM","kid":"');

/** How every header of a handle begins: what is looked for, since the rest of {@link HANDLE_PREFIX} may stand on another line. */
export const START: string = HANDLE_PREFIX.slice(0, 16);

/** The longest handle that is looked for, in characters: that of the most generous server. */
export const LONGEST_HANDLE = 262_144;

/**
 * The five parts; what follows must not go on as the last one would. A dot may: a sentence ends, or a name has `.json`.
 * A header is at most 128 bytes: without that bound a text full of beginnings would be read to its end from each.
 */
const HANDLE = /([A-Za-z0-9_-]{48,171}\.\.[A-Za-z0-9_-]{16}\.)([A-Za-z0-9_-]+)(\.[A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])/y;

/**
 * Finds handles in any text, by their form alone: no key is needed, and nothing is said about authenticity.
 * What may stand before one is anything, since logs escape line breaks as `\n`.
 *
 * @param known handles that were found before: they need no second look
 */
export function* findHandles(text: string, known?: ReadonlyMap<string, HandleParts>): Generator<FoundHandle> {
  let index = text.indexOf(HANDLE_PREFIX);
  while (index !== -1) {
    const found = readAt(text, index, known);
    if (found !== undefined) yield found;
    index = text.indexOf(HANDLE_PREFIX, index + (found?.length ?? HANDLE_PREFIX.length));
  }
}

/** Whether a text is one handle and nothing else, by its form. */
export function isHandle(text: string): boolean {
  return text.startsWith(HANDLE_PREFIX) && readAt(text, 0)?.length === text.length;
}

/** The handle that begins at a place in a text; undefined where none does. */
export function readAt(text: string, index: number, known?: ReadonlyMap<string, HandleParts>): FoundHandle | undefined {
  HANDLE.lastIndex = index;
  const [handle, start = '', ciphertext = '', tag = ''] = HANDLE.exec(text) ?? [];
  if (handle === undefined) return undefined;
  const before = known?.get(handle);
  if (before !== undefined) return { ...before, handle, index };
  try {
    // Whether base64url is canonical shows in its last group of four: the others have no bits left over.
    const { header } = readParts(`${start}${ciphertext.slice(-(ciphertext.length % 4 || 4))}${tag}`);
    return { handle, index, header, length: handle.length, ciphertextLength: Math.floor((ciphertext.length * 3) / 4) };
  } catch (error) {
    if (error instanceof HandleMalformed) return undefined;
    throw error;
  }
}
