/** Joins words between which only breaks stand, such as line breaks and escapes. Judges the joined words. */
import { START } from '../find.ts';
import { BEGINNING_OF_BREAK, BREAK, placeOfPiece, UNKNOWN_PREFIX } from '../normalize.ts';
import { endOfWord, isLikeCiphertext, isSuspect, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from './ciphertext.ts';
import { SHORTEST_IN_SERIES } from './series.ts';

/** This many characters suffice to judge a word, even if a piece of a handle begins only in the middle of the word. */
const ENOUGH = 2 * SHORTEST_JUDGED;

/** For each character code: 1 if the character is printable and can begin a break. */
const BREAKS = new Uint8Array(128);
for (const character of '"\'` =|\\%&<') BREAKS[character.charCodeAt(0)] = 1;

/** Tells whether a break may begin at an index. The function examines only a few characters. */
export function mayBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x20 || code >= 0x7f) return true;
  if (BREAKS[code] !== 1) return false;
  switch (text.charAt(at)) {
    // These characters begin a break only at a line end. There a program joins strings, continues a line, or draws the
    // frame of a table.
    case '=':
      return isAtEndOfLine(text, at + 1) || /^[2-7][0-9a-fA-F]$/.test(text.slice(at + 1, at + 3));
    case '"':
    case "'":
    case '`':
    case ' ':
    case '|':
      return isAtEndOfLine(text, at + 1);
    case '\\':
      // At the end of a text, the rest of the escape may arrive later.
      return at + 1 === text.length || /[\\nrtuUx01\r\n]/.test(text.charAt(at + 1));
    case '%':
    case '&':
    case '<':
      return true;
    default:
      return false;
  }
}

/** For each character code: 1 if the character may stand between a word and the end of its line. */
const AT_END = new Uint8Array(128);
for (const character of ' \t+.,&|\\="\'`') AT_END[character.charCodeAt(0)] = 1;

function isAtEndOfLine(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && at - from < 64 && AT_END[text.charCodeAt(at)] === 1) at += 1;
  const code = text.charCodeAt(at);
  return at === text.length || code < 0x20 || code >= 0x7f;
}

/**
 * Tells whether a word may be a piece of a handle that goes on after a break. The words after the breaks help to judge
 * it.
 *
 * @param to the end of the word
 * @param end the end of the text that may be read
 * @param isStart whether the word begins like a handle
 */
export function continuesAcrossBreaks(text: string, start: number, to: number, end: number, isLast: boolean, isStart: boolean): boolean {
  const isShort = to - start < SHORTEST_SUSPECT && !isStart;
  if (!isShort && !isStart && !isSuspect(text, start, to)) return false;
  let [joined, at] = [text.slice(start, to), to];
  for (let count = 0; joined.length < ENOUGH; count += 1) {
    const next = afterBreaks(text, at);
    if (next === undefined) {
      if (!isLast && mayBecomeBreak(text, at)) return true;
      break;
    }
    // The following text may belong to the piece. But a line of short words is released at once, so that whoever
    // follows the log need not wait.
    if (next >= end) return !isLast && (!isShort || count > 0 || !text.slice(at, next).includes('\n'));
    at = endOfWord(text, next);
    // A short word is a piece only among other short words.
    if (at === next || (isShort && at - next > SHORTEST_SUSPECT)) break;
    joined += text.slice(next, at);
    if (at === text.length && !isLast) return !isStart || START.startsWith(joined.slice(0, START.length));
    if (isStart && !joined.startsWith(START.slice(0, joined.length))) return false;
    if (isStart && joined.length >= START.length) return true;
  }
  if (joined.includes(START) || isLikeCiphertext(joined)) return true;
  if (isShort || at === to || !isSuspectPiece(text, start, to)) return false;
  // The rest of a handle may follow an unknown prefix that has not arrived yet.
  const mayFollow = !isLast && text.length - to < UNKNOWN_PREFIX && to - start >= SHORTEST_IN_SERIES;
  return mayFollow || placeOfPiece(text.slice(to, to + UNKNOWN_PREFIX), 0) !== -1;
}

/** Does the same as {@link continuesAcrossBreaks} for text that will continue. */
export function mayContinue(text: string, start: number, to: number): boolean {
  return continuesAcrossBreaks(text, start, to, text.length, false, false);
}

/**
 * The search reads further breaks only if the breaks before them have at most this many characters. A program may print
 * thousands of empty lines that begin with a time. Without the limit, the search would read the rest of these lines again
 * at each time.
 */
const LONGEST_BREAKS = 512;

/** Returns the index after the breaks that begin at an index. Undefined without breaks, or if they are too long. */
function afterBreaks(text: string, from: number): number | undefined {
  for (let at = from; at - from <= LONGEST_BREAKS; ) {
    BREAK.lastIndex = at;
    const length = BREAK.exec(text)?.[0].length ?? 0;
    if (length === 0) return at > from ? at : undefined;
    at += length;
  }
  return undefined;
}

/** Tells whether the text ends within a break that begins at an index. */
export function mayBecomeBreak(text: string, at: number): boolean {
  BEGINNING_OF_BREAK.lastIndex = at;
  return BEGINNING_OF_BREAK.test(text);
}
