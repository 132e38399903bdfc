/** Finds handles in a part of a log, and counts cut and changed handles. */
import { type FoundHandle, findHandles, HANDLE_PREFIX, LONGEST_HANDLE } from '../../scan/index.ts';

/** The characters with which every handle begins. */
export const START: string = HANDLE_PREFIX.slice(0, 16);

/**
 * The search looks for these characters, because a handle may be cut within {@link START}. Other tokens begin with
 * these characters as well.
 */
export const SHORT_START: string = START.slice(0, 7);

/** Matches the first characters of those that follow {@link SHORT_START} in {@link START}: none, some, or all but the last. */
const MORE = [...START.slice(SHORT_START.length, -1)].reduceRight((more, character) => `(?:${character}${more})?`, '');
/**
 * Matches the beginning of a cut handle up to the cut. The cut shows as an ellipsis, as asterisks, or as the end of the
 * value or line. After `Bearer`, such a text is another token.
 */
const CUT = new RegExp(`(?<!Bearer )${SHORT_START}${MORE}${String.raw`(?:\.\.|…|\\u2026|\*\*|["'\\\x60]|[ \t\r]*$)`}`, 'gm');
const CUT_HERE = new RegExp(CUT.source, 'my');

/**
 * Tells whether a whole or a cut handle begins at an index, and not another token.
 *
 * @param at the index of {@link SHORT_START} in the text
 */
export function isBeginningAt(text: string, at: number): boolean {
  CUT_HERE.lastIndex = at;
  return text.startsWith(START, at) || CUT_HERE.test(text);
}

/**
 * How many characters of a part are read again with the next part: the longest handle, and two characters that show its
 * end.
 */
export const OVERLAP: number = LONGEST_HANDLE + 2;

/** How many handles the finder remembers, so that it does not read the header of a repeated handle again. */
const MOST_KNOWN = 256;

export interface HandleFinder {
  /**
   * Finds the handles in a text.
   *
   * @param upTo handles that begin at this index or later are left out
   * @returns the handles, and the number of texts that begin like a handle, but were cut or changed
   */
  find(text: string, upTo: number): { readonly handles: readonly FoundHandle[]; readonly incomplete: number };
}

export function createHandleFinder(): HandleFinder {
  const known = new Map<string, FoundHandle>();
  return {
    find(text, upTo) {
      const handles: FoundHandle[] = [];
      let [incomplete, end] = [0, 0];
      for (const found of findHandles(text, known)) {
        if (found.index >= upTo) break;
        if (found.length > LONGEST_HANDLE) continue;
        incomplete += beginningsIn(text, end, found.index);
        end = found.index + found.length;
        handles.push(found);
        if (known.size >= MOST_KNOWN) known.clear();
        known.set(found.handle, found);
      }
      return { handles, incomplete: incomplete + beginningsIn(text, end, upTo) + cutBeginningsIn(text, upTo) };
    },
  };
}

function beginningsIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf(START, from); at !== -1 && at < to; at = text.indexOf(START, at + START.length)) {
    if (isBeginning(text, at)) count += 1;
  }
  return count;
}

/** Counts the texts before an index that begin like a handle and were cut after a few characters. */
function cutBeginningsIn(text: string, to: number): number {
  let count = 0;
  for (const { index } of text.matchAll(CUT)) if (index < to) count += 1;
  return count;
}

const WORD = /^[A-Za-z0-9_-]*/;

/**
 * Tells whether {@link HANDLE_PREFIX}, whole or cut, stands at an index. Other tokens begin with the same characters,
 * but differ later in this prefix. A hyphen may stand at the end of a word, where a program broke the line.
 */
function isBeginning(text: string, at: number): boolean {
  if (text.startsWith(HANDLE_PREFIX, at)) return true;
  const word = WORD.exec(text.slice(at, at + HANDLE_PREFIX.length))?.[0] ?? '';
  return HANDLE_PREFIX.startsWith(word.replace(/-$/, ''));
}
