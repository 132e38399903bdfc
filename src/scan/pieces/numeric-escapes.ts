/** Finds pieces of handles in which every character is a numeric escape, such as `%65` or `&#101;`. */
import { START } from '../find.ts';
import { mapped, type Part } from '../mapped.ts';
import { normalized } from '../normalize.ts';
import { isLikeCiphertext, isSuspectPiece, SHORTEST_JUDGED } from './ciphertext.ts';

/** For each character code: 1 if the character can directly precede the number of an escape, as `%` does in `%65`. */
export const ESCAPE_SIGN = new Uint8Array(128);
for (const sign of '%=\\#') ESCAPE_SIGN[sign.charCodeAt(0)] = 1;

/** A word of numeric escapes that may be a piece of a handle. */
interface EscapedWord extends Part {
  /** Whether the word alone looks like a piece. If not, the text after it decides. */
  readonly isClear: boolean;
}

/** The numeric escapes for characters of a handle. Each sign except `=` may be escaped in turn. */
const ESCAPES = [
  '%(?:25){0,4}(?:u00)?[2-7][0-9a-fA-F]',
  String.raw`\\{1,8}(?:(?:u00|U000000|x)[2-7][0-9a-fA-F]|[01][0-7]{2})`,
  String.raw`\\{1,8}[ux]\{0{0,4}[2-7][0-9a-fA-F]\}`,
  '&(?:amp;){0,3}#[xX]0{0,2}[2-7][0-9a-fA-F];?',
  String.raw`&(?:amp;){0,3}#0{0,2}\d{2,3};?`,
  '=[2-7][0-9a-fA-F]',
];

/** Matches up to 400 numeric escapes of one kind. Longer text is read in parts. */
const ESCAPED = new RegExp(ESCAPES.map((form) => `(?:${form}){2,400}`).join('|'), 'y');

/**
 * Matches two successive numeric escapes, which ordinary text hardly ever contains. The match begins at the last
 * character of the first escape's sign, such as the `#` in `&#101;`.
 */
const TWO_ESCAPES = new RegExp(
  [
    String.raw`%(?:25){0,4}(?:u00)?[2-7][0-9a-fA-F]%|=[2-7][0-9a-fA-F]=|#(?:[xX][0-9a-fA-F]{2,4}|\d{2,5});?&`,
    String.raw`\\(?:(?:u00|U000000|x)[2-7][0-9a-fA-F]|[01][0-7]{2}|[ux]\{0{0,4}[2-7][0-9a-fA-F]\})\\`,
  ].join('|'),
  'y',
);

/** Matches the sign of an escape, and the characters that escape the sign. */
const SIGN_BEFORE = /(?:%|\\{1,8}|&(?:amp;){0,3}#|=)$/;
/** No sign with the characters that escape it is longer, in characters. */
const LONGEST_SIGN = 16;

/** Matches the rest of a text, if it may be the end of one escape and the beginning of the next. */
const PART_OF_ESCAPE = /^[%\\&#=;{}0-9a-fA-FmpuUxX]{0,24}$/;

/** The shortest word to report, in characters. The limit is low, because nobody writes ordinary words as numeric escapes. */
const SHORTEST_ESCAPED = 10;

/**
 * Reads text that consists of numeric escapes.
 *
 * @param start the index after the sign of the first escape
 * @param from the index before which no text is read
 * @returns the index at which the escapes end, and the first word that may be a piece of a handle. Undefined if no
 *   escapes are at `start`
 */
export function escapedAt(text: string, start: number, from: number, isLast: boolean): { end: number; word?: EscapedWord } | undefined {
  TWO_ESCAPES.lastIndex = start - 1;
  const mayBeFirst = !isLast && PART_OF_ESCAPE.test(text.slice(start, start + 2 * LONGEST_SIGN));
  if (!mayBeFirst && !TWO_ESCAPES.test(text)) return undefined;
  const index = start - (SIGN_BEFORE.exec(text.slice(Math.max(from, start - LONGEST_SIGN), start))?.[0].length ?? 0);
  if (mayBeFirst && index < start) return { end: text.length, word: { index, end: text.length, isClear: false } };
  ESCAPED.lastIndex = index;
  if (index === start || !ESCAPED.test(text)) return undefined;
  const end = ESCAPED.lastIndex;
  const read = normalized(mapped(text, index, end), 'known');
  const undecided = (first: number) => ({ end, word: { index: read.from[first] ?? index, end, isClear: false } });
  const mayContinue = !isLast && PART_OF_ESCAPE.test(text.slice(end, end + 2 * LONGEST_SIGN));
  // The text has too few characters to judge. More numeric escapes may follow.
  if (mayContinue && read.text.length < SHORTEST_JUDGED) return undecided(0);
  for (const { 0: word, index: at } of read.text.matchAll(/[A-Za-z0-9_.-]+/g)) {
    const place = word.indexOf(START);
    if (place === -1 && !isLikeCiphertext(word) && (word.length < SHORTEST_ESCAPED || !isSuspectPiece(word))) continue;
    const first = at + Math.max(place, 0);
    return { end, word: { index: read.from[first] ?? index, end: read.to[at + word.length - 1] ?? index, isClear: true } };
  }
  // The last word may begin a handle that continues in later text, or in the next part of a long text. A `%` at its end
  // may be the sign of the next escape, so the `%` counts as a part of the word.
  const last = Math.max(read.text.search(/[A-Za-z0-9_.-]*%?$/), read.text.length - SHORTEST_JUDGED);
  if (mayContinue && last < read.text.length) return undecided(last);
  ESCAPED.lastIndex = end;
  return { end: last > 0 && ESCAPED.test(text) ? (read.from[last] ?? end) : end };
}

/** Returns how many characters at the beginning of a word belong to an escape whose sign precedes the word. */
export function lengthOfEscape(text: string, at: number): number {
  const before = text.charAt(at - 1);
  if (before === '%') return /^[0-9A-Fa-f]{2}/.test(text.slice(at, at + 2)) ? 2 : 0;
  if (before !== '\\') return 0;
  return /^(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrtbfv])/.exec(text.slice(at, at + 5))?.[0].length ?? 0;
}
