/**
 * Finds the words of a text that may be pieces of handles. A word is a series of characters that a handle can contain:
 * base64url and dots. A piece is a part of a handle that a break separates from the other parts. The redactor sends
 * every line of a log through this module, so the module must pass quickly over all other words.
 */
import { CLASS, isLikeCiphertext, isSuspect, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from './ciphertext.ts';
import { HANDLE_PREFIX, START } from './find.ts';
import { BEGINNING_OF_BREAK, BREAK, peeled, placeOfPiece, UNKNOWN_PREFIX } from './layers.ts';
import { mapped } from './mapped.ts';

/** A word that looks like a piece of a handle. */
export interface Candidate {
  /** The index of the word's first character in the text, and the index after its last character. */
  readonly index: number;
  readonly end: number;
  /**
   * Whether the word looks like a piece by itself. If false, it looks like a piece only together with the words after
   * it.
   */
  readonly isClear: boolean;
  /** Whether the text writes every character of the word as a number, such as `%65` or `&#101;`. */
  readonly isNumbered?: boolean;
}

/** The part of a text in which pieces are searched, from the index `from` to the index `end`. */
export interface Range {
  readonly from: number;
  readonly end: number;
  /** Whether no text will follow this text. */
  readonly isLast: boolean;
  /**
   * The index until which more pieces are expected, because a piece stands shortly before. Until this index the search
   * also reports shorter words.
   */
  readonly wake: number;
  /**
   * The index after the last whole handle. A row of pieces begins only after this index, because the parts of a whole
   * handle are not pieces.
   */
  readonly floor: number;
}

/**
 * The number of characters that are enough to judge a word, even if the piece of a handle begins only in the middle of
 * the word.
 */
const ENOUGH = 2 * SHORTEST_JUDGED;

/**
 * A row of pieces consists of three strings that do not look like words. Each string has at least 12 characters, and at
 * most 160 characters separate two strings. If the strings are values with names, as in JSON, at most 320 characters
 * separate them.
 */
const ROW = 3;
const SHORTEST_IN_ROW = 12;
const MOST_BETWEEN = 160;

/**
 * The characters by which the search finds the beginning of a handle. Other text seldom has these characters, and a
 * break seldom separates them.
 */
const ANCHOR = START.slice(0, 3);

/**
 * Finds the first word in a text with which a handle begins. The function also finds a beginning whose first characters
 * are separated by a break.
 */
export function findStart(text: string, from: number, isLast: boolean): Candidate | undefined {
  for (let at = indexOfAnchor(text, from); at !== -1; at = indexOfAnchor(text, at + 1)) {
    if (text.startsWith(START, at)) return { index: at, end: at + START.length, isClear: true };
    const end = endOfWord(text, at, at + START.length);
    const isBroken = START.startsWith(text.slice(at, end)) && end < text.length && mayBreak(text, end);
    if (isBroken && goesOn(text, at, end, text.length, isLast, true)) return { index: at, end, isClear: false };
  }
  return undefined;
}

/**
 * For each character code: 1 if the character can stand immediately before a number that encodes another character, as
 * `%` does in `%65`.
 */
const NUMBER_SIGN = new Uint8Array(128);
for (const sign of '%=\\#') NUMBER_SIGN[sign.charCodeAt(0)] = 1;

/** The ways to write a character of a handle as a number. The sign before the number may itself be escaped. */
const NUMBERS = [
  '%(?:25){0,4}(?:u00)?[2-7][0-9a-fA-F]',
  String.raw`\\{1,8}(?:(?:u00|U000000|x)[2-7][0-9a-fA-F]|[01][0-7]{2})`,
  String.raw`\\{1,8}[ux]\{0{0,4}[2-7][0-9a-fA-F]\}`,
  '&(?:amp;){0,3}#[xX]0{0,2}[2-7][0-9a-fA-F];?',
  String.raw`&(?:amp;){0,3}#0{0,2}\d{2,3};?`,
  '=[2-7][0-9a-fA-F]',
];

/**
 * Matches text that writes every character as a number, in one of the ways above. The pattern matches 400 characters at
 * most. A longer text is read in parts.
 */
const NUMBERED = new RegExp(NUMBERS.map((number) => `(?:${number}){2,400}`).join('|'), 'y');

/**
 * Matches two characters that are written as numbers. The match begins at the last character of the sign before the
 * first number. Ordinary text hardly ever contains two such numbers in succession.
 */
const TWO_NUMBERED = new RegExp(
  [
    String.raw`%(?:25){0,4}(?:u00)?[2-7][0-9a-fA-F]%|=[2-7][0-9a-fA-F]=|#(?:[xX][0-9a-fA-F]{2,4}|\d{2,5});?&`,
    String.raw`\\(?:(?:u00|U000000|x)[2-7][0-9a-fA-F]|[01][0-7]{2}|[ux]\{0{0,4}[2-7][0-9a-fA-F]\})\\`,
  ].join('|'),
  'y',
);

/** Matches the sign before a number, with the characters that escape the sign. */
const SIGN_BEFORE = /(?:%|\\{1,8}|&(?:amp;){0,3}#|=)$/;
const LONGEST_SIGN = 16;

/** Matches the rest of a text, if this rest may be the end of one number and the beginning of the next number. */
const PART_OF_NUMBER = /^[%\\&#=;{}0-9a-fA-FmpuUxX]{0,24}$/;

/**
 * The shortest word that is reported if its characters are written as numbers. Nobody writes an ordinary word in this
 * way.
 */
const SHORTEST_NUMBERED = 10;

/**
 * Reads text that writes its characters as numbers.
 *
 * @param start the index after the sign of the first number
 * @returns the index at which the text ends, and the first piece of a handle in it; undefined if the text at `start` is
 *   not written in this way
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
  // The text has too few characters to judge, and more characters that are written as numbers may follow.
  if (isOpen && read.text.length < SHORTEST_JUDGED) return open(0);
  for (const { 0: word, index: at } of read.text.matchAll(/[A-Za-z0-9_.-]+/g)) {
    const place = word.indexOf(START);
    if (place === -1 && !isLikeCiphertext(word) && (word.length < SHORTEST_NUMBERED || !isSuspectPiece(word))) continue;
    const first = at + Math.max(place, 0);
    const candidate = { index: read.from[first] ?? index, end: read.to[at + word.length - 1] ?? index, isClear: true, isNumbered: true };
    return { end, candidate };
  }
  // The last word may begin a handle that continues in later text, or in the next part of a long text. A `%` at the end
  // of the word counts as a part of the word, because the `%` may be the sign of a further number.
  const last = Math.max(read.text.search(/[A-Za-z0-9_.-]*%?$/), read.text.length - SHORTEST_JUDGED);
  if (isOpen && last < read.text.length) return open(last);
  NUMBERED.lastIndex = end;
  return { end: last > 0 && NUMBERED.test(text) ? (read.from[last] ?? end) : end };
}

/**
 * Finds the next {@link ANCHOR}. The search looks for the anchor's last character first, because this character is the
 * rarest in ordinary text.
 */
function indexOfAnchor(text: string, from: number): number {
  const last = ANCHOR.length - 1;
  for (let at = text.indexOf(ANCHOR.charAt(last), from + last); at !== -1; at = text.indexOf(ANCHOR.charAt(last), at + 1)) {
    if (text.startsWith(ANCHOR, at - last)) return at - last;
  }
  return -1;
}

/** Searches a part of a text for the first word that looks like a piece of a handle. */
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
    // Most words of a log have only one case, or are numbers or hexadecimal digits. Such a word by itself is not a
    // piece.
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

/** The bits for small letters and capitals. A piece has characters of both kinds. */
const MIXED = 0b110;

/** Returns the kind of the character at an index as a bit, or 0 if a handle cannot contain the character. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 256 ? (KIND[code] as number) : 0;
}

/** For each character code: the kind of the character, as a bit. */
const KIND = CLASS.map((kind) => (kind === 0 ? 0 : 1 << kind));

/**
 * Matches the text between the name of a value and the value, as in JSON, logfmt, cookies, or the objects that Python
 * prints.
 */
const BEFORE_VALUE = /(?:\\{0,8}"\s{0,4}:\s{0,4}\\{0,8}"|(?<=\w)=["']?)$/;
const LONGEST_NAME = 64;

/** Matches the names that programs give to the pieces of a stream. */
const STREAM = /(?:chunk|delta|partial|piece|text|content|argument|data|body|input|output)s?(?:_?json)?$/i;

/** Returns the name of the value that begins at an index, or undefined if the text there is not a value with a name. */
function nameAt(text: string, start: number): string | undefined {
  const before = BEFORE_VALUE.exec(text.slice(Math.max(0, start - 24), start))?.[0].length;
  if (before === undefined) return undefined;
  const end = start - before;
  let from = end;
  while (end - from < LONGEST_NAME && /[\w.$-]/.test(text.charAt(from - 1))) from -= 1;
  return text.slice(from, end);
}

/**
 * Tells whether two values with names are pieces of one text. This is so if their names differ only by a number, or if
 * their names are equal and `isStream` says that pieces of a stream have this name. All other values, such as ids, are
 * members of different records.
 */
function areOfOneText(name: string, other: string, isStream: boolean): boolean {
  return name === other ? isStream : name !== '' && name.replace(/\d+/g, '#') === other.replace(/\d+/g, '#');
}

/**
 * Tells whether a word shortly before an index is the beginning of a handle. If so, successive values with equal names
 * are pieces of this handle.
 */
function isBehindBeginning(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 2 * MOST_BETWEEN), start);
  for (let at = before.indexOf(ANCHOR); at !== -1; at = before.indexOf(ANCHOR, at + 1)) {
    const end = endOfWord(before, at, at + HANDLE_PREFIX.length);
    if (end < before.length && end - at < HANDLE_PREFIX.length && HANDLE_PREFIX.startsWith(before.slice(at, end))) return true;
  }
  return false;
}

/**
 * If a word completes a row of pieces, returns the index at which this row begins; otherwise returns -1. Any text may
 * stand between the pieces of a row.
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

/**
 * Tells whether a word can belong to a row of pieces. Either this word and the last word of the row have no name, or
 * their names are those of one text.
 *
 * @param name the name of the last word of the row
 */
function isInRow(text: string, at: number, name: string | undefined, isStream: boolean): boolean {
  const other = nameAt(text, at);
  return name === undefined || other === undefined ? name === other : areOfOneText(name, other, isStream);
}

function isSymbol(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 256 && CLASS[code] !== 0;
}

/** Returns how many characters at the beginning of a word belong to an escape whose sign stands before the word. */
export function lengthOfEscape(text: string, at: number): number {
  const before = text.charAt(at - 1);
  if (before === '%') return /^[0-9A-Fa-f]{2}/.test(text.slice(at, at + 2)) ? 2 : 0;
  if (before !== '\\') return 0;
  return /^(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrtbfv])/.exec(text.slice(at, at + 5))?.[0].length ?? 0;
}

/** For each character code: 1 if the character is printable and a break can begin with it. */
const BREAKS = new Uint8Array(128);
for (const character of '"\'` =|\\%&<') BREAKS[character.charCodeAt(0)] = 1;

/** Tells whether a break may begin at an index. The function looks only at a few characters. */
export function mayBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x20 || code >= 0x7f) return true;
  if (BREAKS[code] !== 1) return false;
  switch (text.charAt(at)) {
    // These characters begin a break only at the end of a line, where a program joins strings, marks a line that goes
    // on, or draws the frame of a table.
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

/** The result of {@link placeBehind} for a piece of a handle. */
const IS_PIECE = -1;

/**
 * Tells whether a break follows a word, and whether the word, joined to the words after the break, looks like a piece
 * of a handle.
 *
 * @param isStart whether the word begins like a handle
 */
function goesOn(text: string, start: number, to: number, end: number, isLast: boolean, isStart: boolean): boolean {
  return placeBehind(text, start, to, end, isLast, isStart) === IS_PIECE;
}

/**
 * Does the same as {@link goesOn} for a text that will continue. The end of such a text says nothing about the word.
 */
export function mayGoOn(text: string, start: number, to: number): boolean {
  return goesOn(text, start, to, text.length, false, false);
}

/**
 * Joins a word to the words after its breaks, and judges the joined words.
 *
 * @returns {@link IS_PIECE} if the joined words look like a piece of a handle. Otherwise the function returns the index
 *   at which the search for pieces goes on: the end of the word, or the beginning of a later short word. No piece
 *   begins before this index
 */
function placeBehind(text: string, start: number, to: number, end: number, isLast: boolean, isStart: boolean): number {
  const isShort = to - start < SHORTEST_SUSPECT && !isStart;
  if (!isShort && !isStart && !isSuspect(text, start, to)) return to;
  let [joined, at] = [text.slice(start, to), to];
  /** For each joined word: its index in the text, and its index among the joined characters. */
  const starts: number[] = [];
  const offsets: number[] = [];
  for (let count = 0; joined.length < ENOUGH; count += 1) {
    const next = behindBreak(text, at);
    if (next === undefined) {
      if (!isLast && mayBecomeBreak(text, at)) return IS_PIECE;
      break;
    }
    // The following text may belong to the piece. But a line of short words is given out at once, so that whoever
    // follows the log need not wait for the next line.
    if (next >= end) return !isLast && (!isShort || count > 0 || !text.slice(at, next).includes('\n')) ? IS_PIECE : to;
    at = endOfWord(text, next);
    // A short word is a piece only among other short words.
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
    // A piece may begin in the last characters and continue after them, so the search goes on at the word with these
    // characters.
    const place = offsets.findIndex((offset) => offset > joined.length - SHORTEST_JUDGED);
    return starts[place] ?? to;
  }
  if (at === to || !isSuspectPiece(text, start, to)) return to;
  // The rest of a handle may follow an unknown prefix that has not arrived yet.
  const mayFollow = !isLast && text.length - to < UNKNOWN_PREFIX && to - start >= SHORTEST_IN_ROW;
  return mayFollow || placeOfPiece(text.slice(to, to + UNKNOWN_PREFIX), 0) !== -1 ? IS_PIECE : to;
}

/** Returns the index after a break that begins at an index, or undefined if no break begins there. */
function behindBreak(text: string, from: number): number | undefined {
  let at = from;
  for (;;) {
    BREAK.lastIndex = at;
    const length = BREAK.exec(text)?.[0].length ?? 0;
    if (length === 0) return at > from ? at : undefined;
    at += length;
  }
}

/** Tells whether a break begins at an index and the end of the text cuts this break. */
export function mayBecomeBreak(text: string, at: number): boolean {
  BEGINNING_OF_BREAK.lastIndex = at;
  return BEGINNING_OF_BREAK.test(text);
}

/**
 * Returns the index after the word that begins at an index.
 *
 * @param end the index at which the search ends
 */
export function endOfWord(text: string, from: number, end = text.length): number {
  let at = from;
  while (at < end && isSymbol(text, at)) at += 1;
  return at;
}
