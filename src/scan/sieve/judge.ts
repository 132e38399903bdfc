/** Judges a word of a log that may be a piece of a handle. */
import { START } from '../find.ts';
import { mayContinue } from '../pieces/breaks.ts';
import { areLikeCiphertext, areSuspect, CLASS, SHORTEST_SUSPECT } from '../pieces/ciphertext.ts';
import { lengthOfEscape } from '../pieces/numeric-escapes.ts';
import { SHORTEST_IN_SERIES, startOfSeries } from '../pieces/series.ts';

const [QUOTE, PERCENT, COLON, BACKSLASH] = [0x22, 0x25, 0x3a, 0x5c];

/** The last letters of the names that a stream gives to its pieces: `delta`, `text`, `partial_json` and others. */
const ENDS_OF_PIECES = tableOf('kaeltsnyKAELTSNY\\');
const LONGEST_NAME = 64;

/**
 * Judges a long word. The word may be a piece by itself, or the last piece of a row of pieces.
 *
 * @param isMixed whether the word has small letters and capitals
 * @param isAtBreak whether the word may continue after a break, such as a line break or an escape
 * @returns where the doubt begins, or -1 if there is no doubt
 */
export function placeOfLongDoubt(
  bytes: Uint8Array,
  text: () => string,
  start: number,
  end: number,
  isMixed: boolean,
  isAtBreak: boolean,
): number {
  const first = start + lengthOfEscapeBefore(bytes, text, start);
  if (isMixed && end - first >= SHORTEST_IN_SERIES) {
    if (areLikeCiphertext(bytes, first, end)) return start;
    if (areSuspect(bytes, first, end) && !isMember(bytes, first)) {
      const row = startOfSeries(text(), first, end, 0);
      if (row !== -1) return row;
    }
  }
  if (end === first || !isAtBreak) return -1;
  const isWord = end - first >= SHORTEST_SUSPECT && !areSuspect(bytes, first, end);
  return !isWord && mayContinue(text(), first, end) ? start : -1;
}

/** Tells whether a short word raises a doubt together with the words after it, if only breaks stand between them. */
export function isShortDoubt(bytes: Uint8Array, text: () => string, start: number, end: number): boolean {
  const first = start + lengthOfEscapeBefore(bytes, text, start);
  return first < end && mayContinue(text(), first, end);
}

function lengthOfEscapeBefore(bytes: Uint8Array, text: () => string, start: number): number {
  return bytes[start - 1] === PERCENT || bytes[start - 1] === BACKSLASH ? lengthOfEscape(text(), start) : 0;
}

/** Tells whether a handle, or a broken handle, may begin at a place. */
export function mayStart(bytes: Uint8Array, at: number, limit: number): boolean {
  let length = 0;
  while (length < START.length && bytes[at + length] === START.charCodeAt(length)) length += 1;
  return length === START.length || (length > 2 && (at + length >= limit || CLASS[bytes[at + length] as number] === 0));
}

/**
 * Tells whether a word is the value of a member of JSON that may be an id: the member's name has no digits, and differs
 * from the names that a stream gives to its pieces. Shortly after the beginning of a handle, the redactor takes even
 * such a name for the name of a piece. The sieve need not do this, because the beginning raises a doubt by itself.
 */
function isMember(bytes: Uint8Array, start: number): boolean {
  if (bytes[start - 1] !== QUOTE || bytes[start - 2] !== COLON || bytes[start - 3] !== QUOTE) return false;
  let at = start - 4;
  if (ENDS_OF_PIECES[bytes[at] as number] === 1) return false;
  while (at > 0 && start - at < LONGEST_NAME && bytes[at] !== QUOTE) {
    if (DIGITS[bytes[at] as number] === 1) return false;
    at -= 1;
  }
  return bytes[at] === QUOTE;
}

/** Makes a table that has a 1 for the byte of each of some characters. */
export function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

export const DIGITS = tableOf('0123456789');
