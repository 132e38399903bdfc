/** Finds handles in a part of a log, and counts texts that begin as a handle, but were cut or changed. */
import { type FoundHandle, findHandles, HANDLE_PREFIX, LONGEST_HANDLE } from '../../scan/index.ts';

/** The beginning of every header of a handle, whatever follows its first members. */
export const START: string = HANDLE_PREFIX.slice(0, 16);

/** The characters that the search for a handle looks for, if the handle was cut within {@link START}. Other tokens begin with them, too. */
export const SHORT_START: string = START.slice(0, 7);

/**
 * A beginning that was cut, and the mark of the cut: an ellipsis, a mask, or the end of its value or of its line. A masked
 * bearer token is no handle.
 */
const MORE = [...START.slice(SHORT_START.length, -1)].reduceRight((more, character) => `(?:${character}${more})?`, '');
const CUT = new RegExp(`(?<!Bearer )${SHORT_START}${MORE}${String.raw`(?:\.\.|…|\\u2026|\*\*|["'\\\x60]|[ \t\r]*$)`}`, 'gm');
const CUT_HERE = new RegExp(CUT.source, 'my');

/** Whether a whole or a cut handle begins at a place, and not another token. @param at where {@link SHORT_START} stands */
export function isBeginningAt(text: string, at: number): boolean {
  CUT_HERE.lastIndex = at;
  return text.startsWith(START, at) || CUT_HERE.test(text);
}

/**
 * How many characters of a part of a line are read again with the next part: the longest handle, and two characters behind
 * it that show its end.
 */
export const OVERLAP: number = LONGEST_HANDLE + 2;

/** How many handles are remembered at a time. The handles of a log come up again and again. */
const MOST_KNOWN = 256;

export interface HandleFinder {
  /**
   * @param upTo handles that begin at this place or later are left out
   * @returns the handles, and the number of texts that begin as a handle and were cut or changed
   */
  find(text: string, upTo: number): { readonly handles: readonly FoundHandle[]; readonly incomplete: number };
}

/** Finds handles, and reads a handle that comes up again only once. */
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

/** How many texts begin as a handle between two places. */
function beginningsIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf(START, from); at !== -1 && at < to; at = text.indexOf(START, at + START.length)) {
    if (isBeginning(text, at)) count += 1;
  }
  return count;
}

/** How many texts begin as a handle before a place, and were cut after a few characters. */
function cutBeginningsIn(text: string, to: number): number {
  let count = 0;
  for (const { index } of text.matchAll(CUT)) if (index < to) count += 1;
  return count;
}

const WORD = /^[A-Za-z0-9_-]*/;

/** Whether a text has the whole {@link HANDLE_PREFIX}, or ends within it. Other tokens begin alike, but go on in another way. */
function isBeginning(text: string, at: number): boolean {
  if (text.startsWith(HANDLE_PREFIX, at)) return true;
  const word = WORD.exec(text.slice(at, at + HANDLE_PREFIX.length))?.[0] ?? '';
  return HANDLE_PREFIX.startsWith(word);
}
