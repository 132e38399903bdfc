/** Checks whether a word of a log is suspicious: whether it may be a piece of a handle. */
import { mayContinue } from '../pieces/breaks.ts';
import { areLikeCiphertext, areSuspect, SHORTEST_SUSPECT } from '../pieces/ciphertext.ts';
import { lengthOfEscape } from '../pieces/numeric-escapes.ts';
import { SHORTEST_IN_SERIES, startOfSeries } from '../pieces/series.ts';

const [QUOTE, PERCENT, COLON, BACKSLASH] = [0x22, 0x25, 0x3a, 0x5c];

/**
 * The last characters of the names that a stream gives to its pieces, such as `delta` and `partial_json`. A backslash
 * may precede the quotation mark after the name.
 */
const ENDS_OF_STREAM_NAMES = tableOf('kaeltsnyKAELTSNY\\');
const LONGEST_NAME = 64;

/**
 * Checks a long word. It may be a piece by itself, or the last piece of a series of pieces.
 *
 * @param isMixed whether the word has small letters and capitals
 * @param isAtBreak whether a break, such as a line break or an escape, may follow the word
 * @returns where the word or the series begins, or -1 if the word is not suspicious
 */
export function checkLongWord(
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
    if (areSuspect(bytes, first, end) && !mayBeId(bytes, first)) {
      const series = startOfSeries(text(), first, end, 0);
      if (series !== -1) return series;
    }
  }
  if (end === first || !isAtBreak) return -1;
  const isWord = end - first >= SHORTEST_SUSPECT && !areSuspect(bytes, first, end);
  return !isWord && mayContinue(text(), first, end) ? start : -1;
}

/** Tells whether a short word is suspicious together with the next words. Only breaks may stand between these words. */
export function isSuspiciousShortWord(bytes: Uint8Array, text: () => string, start: number, end: number): boolean {
  const first = start + lengthOfEscapeBefore(bytes, text, start);
  return first < end && mayContinue(text(), first, end);
}

function lengthOfEscapeBefore(bytes: Uint8Array, text: () => string, start: number): number {
  return bytes[start - 1] === PERCENT || bytes[start - 1] === BACKSLASH ? lengthOfEscape(text(), start) : 0;
}

/**
 * Tells whether a word may be an id. An id is the value of a JSON member. The member's name has no digits, and no
 * stream gives this name to its pieces.
 *
 * Shortly after the beginning of a handle, the redactor takes any name for the name of a piece. This function does not,
 * because the search finds the beginning by itself.
 */
function mayBeId(bytes: Uint8Array, start: number): boolean {
  if (bytes[start - 1] !== QUOTE || bytes[start - 2] !== COLON || bytes[start - 3] !== QUOTE) return false;
  let at = start - 4;
  if (ENDS_OF_STREAM_NAMES[bytes[at] as number] === 1) return false;
  while (at > 0 && start - at < LONGEST_NAME && bytes[at] !== QUOTE) {
    if (DIGITS[bytes[at] as number] === 1) return false;
    at -= 1;
  }
  return bytes[at] === QUOTE;
}

/** Makes a table with a 1 for the byte of each given character. */
export function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

export const DIGITS = tableOf('0123456789');
