/**
 * Finds the words of a text that may be pieces of handles. Every line of a log goes through this module, so the module passes
 * quickly over other words.
 */
import { CLASS, isLikeCiphertext, isSuspect, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from './ciphertext.ts';
import { HANDLE_PREFIX, START } from './find.ts';
import { BEGINNING_OF_BREAK, BREAK, peeled, placeOfPiece, UNKNOWN_PREFIX } from './layers.ts';
import { mapped } from './mapped.ts';

/** A word that looks like a piece of a handle. */
export interface Candidate {
  /** Where in the text the word begins and ends. */
  readonly index: number;
  readonly end: number;
  /** Whether the word looks like a piece by itself, and not only together with the words behind it. */
  readonly isClear: boolean;
  /** Whether the text writes all characters of the word by their numbers, as `%65` or `&#101;`. */
  readonly isNumbered?: boolean;
}

/** The part of a text in which pieces are searched. */
export interface Range {
  readonly from: number;
  readonly end: number;
  /** Whether nothing follows the text. */
  readonly isLast: boolean;
  /** Up to this place more pieces are expected, because a piece stood before. So the search judges shorter words there, too. */
  readonly wake: number;
  /** The end of the last whole handle. A row of pieces begins behind this place, because parts of a whole handle are no pieces. */
  readonly floor: number;
}

/** The number of characters that are enough to judge a piece, wherever among them the piece begins. */
const ENOUGH = 2 * SHORTEST_JUDGED;

/**
 * A row of pieces: three strings of at least 12 characters, at most 160 characters apart, none of which looks like a word.
 * Values of one name may be twice as far apart.
 */
const ROW = 3;
const SHORTEST_IN_ROW = 12;
const MOST_BETWEEN = 160;

/** The characters by which the beginning of a handle is searched: they are rare in other texts, and seldom broken. */
const ANCHOR = START.slice(0, 3);

/** Finds the first word of a text that begins a handle, also if something breaks the handle within its first characters. */
export function findStart(text: string, from: number, isLast: boolean): Candidate | undefined {
  for (let at = indexOfAnchor(text, from); at !== -1; at = indexOfAnchor(text, at + 1)) {
    if (text.startsWith(START, at)) return { index: at, end: at + START.length, isClear: true };
    const end = endOfWord(text, at, at + START.length);
    const isBroken = START.startsWith(text.slice(at, end)) && end < text.length && mayBreak(text, end);
    if (isBroken && goesOn(text, at, end, text.length, isLast, true)) return { index: at, end, isClear: false };
  }
  return undefined;
}

/** What stands before the number of a character. */
const NUMBER_SIGN = new Uint8Array(128);
for (const sign of '%=\\#') NUMBER_SIGN[sign.charCodeAt(0)] = 1;

/** The ways to write a character of a handle by its number. The sign may be escaped itself. */
const NUMBERS = [
  '%(?:25){0,4}(?:u00)?[2-7][0-9a-fA-F]',
  String.raw`\\{1,8}(?:(?:u00|U000000|x)[2-7][0-9a-fA-F]|[01][0-7]{2})`,
  String.raw`\\{1,8}[ux]\{0{0,4}[2-7][0-9a-fA-F]\}`,
  '&(?:amp;){0,3}#[xX]0{0,2}[2-7][0-9a-fA-F];?',
  String.raw`&(?:amp;){0,3}#0{0,2}\d{2,3};?`,
  '=[2-7][0-9a-fA-F]',
];

/** Text that writes every character by its number, in one of these ways. A text of more than 400 characters is read in parts. */
const NUMBERED = new RegExp(NUMBERS.map((number) => `(?:${number}){2,400}`).join('|'), 'y');

/** Two characters by their numbers, from the last sign before the first number on. Hardly any other text has two in a row. */
const TWO_NUMBERED = new RegExp(
  [
    String.raw`%(?:25){0,4}(?:u00)?[2-7][0-9a-fA-F]%|=[2-7][0-9a-fA-F]=|#(?:[xX][0-9a-fA-F]{2,4}|\d{2,5});?&`,
    String.raw`\\(?:(?:u00|U000000|x)[2-7][0-9a-fA-F]|[01][0-7]{2}|[ux]\{0{0,4}[2-7][0-9a-fA-F]\})\\`,
  ].join('|'),
  'y',
);

/** The sign before a number, with its own escapes. */
const SIGN_BEFORE = /(?:%|\\{1,8}|&(?:amp;){0,3}#|=)$/;
const LONGEST_SIGN = 16;

/** The end of a text, if it may be the rest of a number and the beginning of the next number. */
const PART_OF_NUMBER = /^[%\\&#=;{}0-9a-fA-FmpuUxX]{0,24}$/;

/** The shortest word of characters by their numbers that is reported. Nobody writes a word of a language in this way. */
const SHORTEST_NUMBERED = 10;

/**
 * Reads text that writes its characters by their numbers.
 *
 * @param start the place just behind the sign of the first number
 * @returns where the text ends, and the first piece of a handle in it; undefined if no such text stands there
 */
function numberedAt(text: string, start: number, from: number, isLast: boolean): { end: number; candidate?: Candidate } | undefined {
  TWO_NUMBERED.lastIndex = start - 1;
  const mayBeFirst = !isLast && PART_OF_NUMBER.test(text.slice(start, start + 2 * LONGEST_SIGN));
  if (!mayBeFirst && !TWO_NUMBERED.test(text)) return undefined;
  const index = start - (SIGN_BEFORE.exec(text.slice(Math.max(from, start - LONGEST_SIGN), start))?.[0].length ?? 0);
  if (mayBeFirst && index < start) return { end: text.length, candidate: { index, end: text.length, isClear: false, isNumbered: true } };
  NUMBERED.lastIndex = index;
  if (index === start || !NUMBERED.test(text)) return undefined;
  const end = NUMBERED.lastIndex;
  const read = peeled(mapped(text, index, end), 'known');
  const open = (first: number) => ({ end, candidate: { index: read.from[first] ?? index, end, isClear: false, isNumbered: true } });
  const isOpen = !isLast && PART_OF_NUMBER.test(text.slice(end, end + 2 * LONGEST_SIGN));
  // There are too few numbers to judge, and more may follow.
  if (isOpen && read.text.length < SHORTEST_JUDGED) return open(0);
  for (const { 0: word, index: at } of read.text.matchAll(/[A-Za-z0-9_.-]+/g)) {
    const place = word.indexOf(START);
    if (place === -1 && !isLikeCiphertext(word) && (word.length < SHORTEST_NUMBERED || !isSuspectPiece(word))) continue;
    const first = at + Math.max(place, 0);
    const candidate = { index: read.from[first] ?? index, end: read.to[at + word.length - 1] ?? index, isClear: true, isNumbered: true };
    return { end, candidate };
  }
  // The last word may begin a handle that goes on behind the text, or in the next part of a long text. `%25` may be the sign of a number.
  const last = Math.max(read.text.search(/[A-Za-z0-9_.-]*%?$/), read.text.length - SHORTEST_JUDGED);
  if (isOpen && last < read.text.length) return open(last);
  NUMBERED.lastIndex = end;
  return { end: last > 0 && NUMBERED.test(text) ? (read.from[last] ?? end) : end };
}

/** Finds the anchor in text. Its last character is by far the rarest one in text, so the search looks for that character first. */
function indexOfAnchor(text: string, from: number): number {
  const last = ANCHOR.length - 1;
  for (let at = text.indexOf(ANCHOR.charAt(last), from + last); at !== -1; at = text.indexOf(ANCHOR.charAt(last), at + 1)) {
    if (text.startsWith(ANCHOR, at - last)) return at - last;
  }
  return -1;
}

/** Finds the first piece of a handle that begins in a part of a text. */
export function findCandidate(text: string, range: Range): Candidate | undefined {
  const { from, end, isLast, wake, floor } = range;
  for (let at = from; at < end; ) {
    let kinds = kindAt(text, at);
    if (kinds === 0) {
      at += 1;
      continue;
    }
    let start = at;
    let stop = at + 1;
    for (; stop < end; stop += 1) {
      const kind = kindAt(text, stop);
      if (kind === 0) break;
      kinds |= kind;
    }
    if (NUMBER_SIGN[text.charCodeAt(start - 1)] === 1) {
      const numbered = numberedAt(text, start, from, isLast);
      if (numbered?.candidate !== undefined) return numbered.candidate;
      if (numbered !== undefined) {
        at = numbered.end;
        continue;
      }
      start += lengthOfEscape(text, start);
    }
    at = stop;
    if (stop === start) continue;
    // Most of a log is words in one case, numbers and hexadecimal digests. By themselves they are no pieces.
    if ((kinds & MIXED) === MIXED) {
      const isClear = isLikeCiphertext(text, start, stop) || (start < wake && isSuspectPiece(text, start, stop));
      if (isClear) return { index: start, end: stop, isClear };
      if (beginOfRow(text, start, stop, floor) !== -1) return { index: start, end: stop, isClear: true };
    }
    if (stop < end && mayBreak(text, stop) && goesOn(text, start, stop, end, isLast, false))
      return { index: start, end: stop, isClear: false };
  }
  return undefined;
}

/** The kinds of characters of a piece: small letters and capitals. */
const MIXED = 0b110;

/** The kind of a character, as a bit; 0 for a character that no handle contains. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 256 ? (KIND[code] as number) : 0;
}

/** The bit of each character's class. */
const KIND = CLASS.map((kind) => (kind === 0 ? 0 : 1 << kind));

/** What stands between a value and its name, as in JSON, logfmt, cookies, or the objects that Python prints. */
const BEFORE_VALUE = /(?:\\{0,8}"\s{0,4}:\s{0,4}\\{0,8}"|(?<=\w)=["']?)$/;
const LONGEST_NAME = 64;

/** How programs name the pieces of a stream. */
const STREAM = /(?:chunk|delta|partial|piece|text|content|argument|data|body|input|output)s?(?:_?json)?$/i;

/** The name of the value that begins at a place; undefined if no value with a name begins there. */
function nameAt(text: string, start: number): string | undefined {
  const before = BEFORE_VALUE.exec(text.slice(Math.max(0, start - 24), start))?.[0].length;
  if (before === undefined) return undefined;
  const end = start - before;
  let from = end;
  while (end - from < LONGEST_NAME && /[\w.$-]/.test(text.charAt(from - 1))) from -= 1;
  return text.slice(from, end);
}

/**
 * Whether two values with names are pieces of one text. This is so if the names differ only by a number, or if both have
 * the same name, and pieces of a stream have such a name. Other values, such as ids, are members of different records.
 */
function areOfOneText(name: string, other: string, isStream: boolean): boolean {
  return name === other ? isStream : name !== '' && name.replace(/\d+/g, '#') === other.replace(/\d+/g, '#');
}

/** Whether a word not far before a place is the beginning of a handle. If so, values with one name are pieces of this handle. */
function isBehindBeginning(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 2 * MOST_BETWEEN), start);
  for (let at = before.indexOf(ANCHOR); at !== -1; at = before.indexOf(ANCHOR, at + 1)) {
    const end = endOfWord(before, at, at + HANDLE_PREFIX.length);
    if (end < before.length && end - at < HANDLE_PREFIX.length && HANDLE_PREFIX.startsWith(before.slice(at, end))) return true;
  }
  return false;
}

/**
 * Where the row begins that a word completes; -1 if the word completes no row. Anything may stand between the pieces of a
 * row.
 */
export function beginOfRow(text: string, start: number, stop: number, floor: number): number {
  if (stop - start < SHORTEST_IN_ROW || !isSuspectPiece(text, start, stop)) return -1;
  const name = nameAt(text, start);
  const isStream = name !== undefined && (STREAM.test(name) || isBehindBeginning(text, start));
  if (name !== undefined && !isStream && !/\d/.test(name)) return -1;
  let [row, begin, at] = [1, start, start];
  const between = name === undefined ? MOST_BETWEEN : 2 * MOST_BETWEEN;
  while (row < ROW && at > floor && begin - at < between) {
    const end = at;
    while (at > floor && isSymbol(text, at - 1)) at -= 1;
    if (end - at >= SHORTEST_IN_ROW && isSuspectPiece(text, at, end) && isInRow(text, at, name, isStream)) [row, begin] = [row + 1, at];
    if (at === end) at -= 1;
  }
  return row === ROW ? begin : -1;
}

/** Whether a word can be in a row: it and the last word of the row both have no name, or have the names of one text. */
function isInRow(text: string, at: number, name: string | undefined, isStream: boolean): boolean {
  const other = nameAt(text, at);
  return name === undefined || other === undefined ? name === other : areOfOneText(name, other, isStream);
}

function isSymbol(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 256 && CLASS[code] !== 0;
}

/** How many characters at the beginning of a word belong to an escape before it. */
export function lengthOfEscape(text: string, at: number): number {
  const before = text.charAt(at - 1);
  if (before === '%') return /^[0-9A-Fa-f]{2}/.test(text.slice(at, at + 2)) ? 2 : 0;
  if (before !== '\\') return 0;
  return /^(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrtbfv])/.exec(text.slice(at, at + 5))?.[0].length ?? 0;
}

/** The printable characters that may begin a break. */
const BREAKS = new Uint8Array(128);
for (const character of '"\'` =|\\%&<') BREAKS[character.charCodeAt(0)] = 1;

/** Whether a break may begin at a place, as far as a few characters tell. */
export function mayBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x20 || code >= 0x7f) return true;
  if (BREAKS[code] !== 1) return false;
  switch (text.charAt(at)) {
    // These characters break a word only at the end of a line, where a program joins, marks or frames its texts.
    case '=':
      return isAtEndOfLine(text, at + 1) || /^[2-7][0-9a-fA-F]$/.test(text.slice(at + 1, at + 3));
    case '"':
    case "'":
    case '`':
    case ' ':
    case '|':
      return isAtEndOfLine(text, at + 1);
    case '\\':
      // At the end of a text, the rest of the escape may follow.
      return at + 1 === text.length || /[\\nrtuUx01\r\n]/.test(text.charAt(at + 1));
    case '%':
    case '&':
    case '<':
      return true;
    default:
      return false;
  }
}

/** The characters that may stand between a word and the end of its line, by their codes. */
const AT_END = new Uint8Array(128);
for (const character of ' \t+.,&|\\="\'`') AT_END[character.charCodeAt(0)] = 1;

function isAtEndOfLine(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && at - from < 64 && AT_END[text.charCodeAt(at)] === 1) at += 1;
  const code = text.charCodeAt(at);
  return at === text.length || code < 0x20 || code >= 0x7f;
}

/** What {@link placeBehind} returns for a piece. */
const IS_PIECE = -1;

/**
 * Whether something breaks a word, and the word together with the words behind the break looks like a piece of a handle.
 *
 * @param isStart whether the word begins as a handle
 */
function goesOn(text: string, start: number, to: number, end: number, isLast: boolean, isStart: boolean): boolean {
  return placeBehind(text, start, to, end, isLast, isStart) === IS_PIECE;
}

/** The same for a text that goes on, so that the end of the text tells nothing. */
export function mayGoOn(text: string, start: number, to: number): boolean {
  return goesOn(text, start, to, text.length, false, false);
}

/**
 * Reads a word on through its breaks.
 *
 * @returns {@link IS_PIECE} if the joined words look like a piece of a handle; otherwise the end of the word, or the
 *   beginning of a later short word, before which no piece begins, because all pairs of characters up to it were judged
 */
function placeBehind(text: string, start: number, to: number, end: number, isLast: boolean, isStart: boolean): number {
  const isShort = to - start < SHORTEST_SUSPECT && !isStart;
  if (!isShort && !isStart && !isSuspect(text, start, to)) return to;
  let [joined, at] = [text.slice(start, to), to];
  /** The place of each word in the text, and its place among the joined characters. */
  const starts: number[] = [];
  const offsets: number[] = [];
  for (let count = 0; joined.length < ENOUGH; count += 1) {
    const next = behindBreak(text, at);
    if (next === undefined) {
      if (!isLast && mayBecomeBreak(text, at)) return IS_PIECE;
      break;
    }
    // The text that follows may belong to the piece. But a line of short words is given out at once, so that its reader
    // need not wait for the next line.
    if (next >= end) return !isLast && (!isShort || count > 0 || !text.slice(at, next).includes('\n')) ? IS_PIECE : to;
    at = endOfWord(text, next);
    // A short piece stands among other short ones.
    if (at === next || (isShort && at - next > SHORTEST_SUSPECT)) break;
    starts.push(next);
    offsets.push(joined.length);
    joined += text.slice(next, at);
    if (at === text.length && !isLast) return !isStart || START.startsWith(joined.slice(0, START.length)) ? IS_PIECE : to;
    if (isStart && !joined.startsWith(START.slice(0, joined.length))) return to;
    if (isStart && joined.length >= START.length) return IS_PIECE;
  }
  if (joined.includes(START) || isLikeCiphertext(joined)) return IS_PIECE;
  if (isShort) {
    // A piece that begins in the last characters may go on behind them.
    const place = offsets.findIndex((offset) => offset > joined.length - SHORTEST_JUDGED);
    return starts[place] ?? to;
  }
  if (at === to || !isSuspectPiece(text, start, to)) return to;
  // The rest of a handle may stand behind an unknown prefix that has not arrived yet.
  const mayFollow = !isLast && text.length - to < UNKNOWN_PREFIX && to - start >= SHORTEST_IN_ROW;
  return mayFollow || placeOfPiece(text.slice(to, to + UNKNOWN_PREFIX), 0) !== -1 ? IS_PIECE : to;
}

/** Where a text goes on behind the break that begins at a place; undefined if no break begins there. */
function behindBreak(text: string, from: number): number | undefined {
  let at = from;
  for (;;) {
    BREAK.lastIndex = at;
    const length = BREAK.exec(text)?.[0].length ?? 0;
    if (length === 0) return at > from ? at : undefined;
    at += length;
  }
}

/** Whether a text ends in the middle of a break that begins at a place. */
export function mayBecomeBreak(text: string, at: number): boolean {
  BEGINNING_OF_BREAK.lastIndex = at;
  return BEGINNING_OF_BREAK.test(text);
}

/** Where the word ends that begins at a place. @param end the end of the search */
export function endOfWord(text: string, from: number, end = text.length): number {
  let at = from;
  while (at < end && isSymbol(text, at)) at += 1;
  return at;
}
