/** Finds the words of a text that may be pieces of handles. All of a log goes through here, so it is quick about the rest. */
import { CLASS, isLikeCiphertext, isSuspect, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from './ciphertext.ts';
import { START } from './find.ts';
import { BEGINNING_OF_BREAK, BREAK, placeOfPiece, UNKNOWN_PREFIX } from './layers.ts';

/** A word that looks like a piece of a handle. */
export interface Candidate {
  /** Where in the text it begins, and where it ends. */
  readonly index: number;
  readonly end: number;
  /** Whether it does by itself, and not only together with what follows. */
  readonly isClear: boolean;
}

/** What part of a text is looked at. */
export interface Range {
  readonly from: number;
  readonly end: number;
  /** Whether nothing follows the text. */
  readonly isLast: boolean;
  /** Up to here pieces are expected, since there were others before: shorter ones are looked at, too. */
  readonly wake: number;
}

/** So many characters show what they are, wherever among them a piece begins. */
const ENOUGH = 2 * SHORTEST_JUDGED;

/** So many words of so many characters, so near to each other, are pieces of something. */
const ROW = 3;
const SHORTEST_IN_ROW = 12;
const MOST_BETWEEN = 160;

/** A handle's beginning is looked for by so much of it: rare in other texts, and seldom broken. */
const ANCHOR = START.slice(0, 3);

/** Where in a text handles begin, up to the first break. */
export function findStart(text: string, from: number, isLast: boolean): Candidate | undefined {
  for (let at = text.indexOf(ANCHOR, from); at !== -1; at = text.indexOf(ANCHOR, at + 1)) {
    if (text.startsWith(START, at)) return { index: at, end: at + START.length, isClear: true };
    const end = endOfWord(text, at, at + START.length);
    const isBroken = START.startsWith(text.slice(at, end)) && end < text.length && mayBreak(text, end);
    if (isBroken && goesOn(text, at, end, text.length, isLast, true)) return { index: at, end, isClear: false };
  }
  return undefined;
}

/** Finds the first piece of a handle that begins in a part of a text. */
export function findCandidate(text: string, { from, end, isLast, wake }: Range, mayBeShort: boolean): Candidate | undefined {
  const shortest = mayBeShort ? 1 : SHORTEST_SUSPECT;
  for (let at = from; at < end; ) {
    // A word of this length that begins here or later has this character, or one behind it.
    const probe = at + shortest - 1;
    if (probe >= end) return undefined;
    const code = text.charCodeAt(probe);
    if (code > 255 || CLASS[code] === 0) {
      at = probe + 1;
      continue;
    }
    let start = probe;
    while (start > at && isSymbol(text, start - 1)) start -= 1;
    start += lengthOfEscape(text, start);
    let stop = probe + 1;
    while (stop < end && isSymbol(text, stop)) stop += 1;
    at = stop;
    if (stop - start < shortest) continue;
    const isClear = isLikeCiphertext(text, start, stop) || (start < wake && isSuspectPiece(text, start, stop));
    if (isClear) return { index: start, end: stop, isClear };
    if (isPieceOfRow(text, start, stop) && lengthOfRow(text, start) === ROW - 1) return { index: start, end: stop, isClear: true };
    if (stop < end && mayBreak(text, stop) && goesOn(text, start, stop, end, isLast, false)) return { index: start, end: stop, isClear };
  }
  return undefined;
}

function isPieceOfRow(text: string, start: number, end: number): boolean {
  return end - start >= SHORTEST_IN_ROW && isSuspectPiece(text, start, end);
}

/** How many words that are hardly any stand before a place in a row, whatever stands between them; no more are counted than matter. */
function lengthOfRow(text: string, place: number): number {
  let [row, begin, at] = [0, place, place];
  while (row < ROW - 1 && at > 0 && begin - at < MOST_BETWEEN) {
    const end = at;
    while (at > 0 && isSymbol(text, at - 1)) at -= 1;
    if (isPieceOfRow(text, at, end)) [row, begin] = [row + 1, at];
    if (at === end) at -= 1;
  }
  return row;
}

/** What may break a text within a line, where one does so all the time. */
const UNSEEN = [
  '\u001b',
  '\u00ad',
  '\u200b',
  '\u200c',
  '\u200d',
  '\u2060',
  '\u00e2\u0080',
  '\u00e2\u0081',
  '\u00c2\u00ad',
  '&#',
  '&shy;',
  '<',
];

/** A line with so few characters is a piece of something, where there are many of them. */
const SHORT_LINE = 24;
const MANY = 4;

/** Whether a text may be broken into pieces that are too short to be told from words: a colour for each character, or narrow columns. */
export function mayHaveShortPieces(text: string): boolean {
  // Nothing is gained by being quick about a few.
  if (text.length < 2_048 || UNSEEN.some((one) => text.includes(one))) return true;
  let count = 0;
  for (let from = 0; ; ) {
    const at = text.indexOf('\n', from);
    if (at === -1) return false;
    count = at - from <= SHORT_LINE ? count + 1 : 0;
    if (count === MANY) return true;
    from = at + 1;
  }
}

function isSymbol(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 256 && CLASS[code] !== 0;
}

/** The letters of an escape are none of the word behind it. */
function lengthOfEscape(text: string, at: number): number {
  const before = text.charAt(at - 1);
  if (before === '%') return /^[0-9A-Fa-f]{2}/.test(text.slice(at, at + 2)) ? 2 : 0;
  if (before !== '\\') return 0;
  return /^(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrtbfv])/.exec(text.slice(at, at + 5))?.[0].length ?? 0;
}

/** Whether something that breaks a word may begin here, told by a few characters. */
export function mayBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x20 || code >= 0x7f) return true;
  switch (text.charAt(at)) {
    // Only at the end of a line: texts that a program joins, marks, frames.
    case '"':
    case "'":
    case '`':
    case ' ':
    case '=':
    case '|':
      return isAtEndOfLine(text, at + 1);
    case '\\':
      return /[\\nrtux\r\n]/.test(text.charAt(at + 1));
    case '%':
    case '&':
    case '<':
      return true;
    default:
      return false;
  }
}

/** What may stand between a word and the end of its line. */
const AT_END = ' \t+.,&|\\="\'`';

function isAtEndOfLine(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && at - from < 64 && AT_END.includes(text.charAt(at))) at += 1;
  const code = text.charCodeAt(at);
  return at === text.length || code < 0x20 || code >= 0x7f;
}

/** Whether something breaks a word, and what is joined behind it looks like a piece of a handle. @param isStart whether it begins as a handle */
function goesOn(text: string, start: number, to: number, end: number, isLast: boolean, isStart: boolean): boolean {
  const isShort = to - start < SHORTEST_SUSPECT && !isStart;
  if (!isShort && !isStart && !isSuspect(text, start, to)) return false;
  let [joined, at] = [text.slice(start, to), to];
  for (let count = 0; joined.length < ENOUGH; count += 1) {
    const next = behindBreak(text, at);
    if (next === undefined) {
      if (!isLast && mayBecomeBreak(text, at)) return true;
      break;
    }
    // What is to come may be of it. But a line of words that has ended is said, for nobody waits for the next one to see it.
    if (next >= end) return !isLast && (!isShort || count > 0 || !text.slice(at, next).includes('\n'));
    at = endOfWord(text, next);
    // Short pieces are expected among their like.
    if (at === next || (isShort && at - next > SHORTEST_SUSPECT)) break;
    joined += text.slice(next, at);
    if (at === text.length && !isLast) return !isStart || START.startsWith(joined.slice(0, START.length));
    if (isStart && !joined.startsWith(START.slice(0, joined.length))) return false;
    if (isStart && joined.length >= START.length) return true;
  }
  if (joined.includes(START) || isLikeCiphertext(joined)) return true;
  return at > to && isSuspectPiece(text, start, to) && placeOfPiece(text.slice(to, to + UNKNOWN_PREFIX), 0) !== -1;
}

/** Where a text goes on that something breaks here; undefined where nothing does. */
function behindBreak(text: string, from: number): number | undefined {
  let at = from;
  for (;;) {
    BREAK.lastIndex = at;
    const length = BREAK.exec(text)?.[0].length ?? 0;
    if (length === 0) return at > from ? at : undefined;
    at += length;
  }
}

/** Whether a text ends in the middle of what may break a word. */
export function mayBecomeBreak(text: string, at: number): boolean {
  BEGINNING_OF_BREAK.lastIndex = at;
  return BEGINNING_OF_BREAK.test(text);
}

/** Where a word ends, or what of the text is looked at. */
export function endOfWord(text: string, from: number, end = text.length): number {
  let at = from;
  while (at < end && isSymbol(text, at)) at += 1;
  return at;
}
