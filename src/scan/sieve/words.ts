/**
 * Finds the first word of a log that makes the redactor stop: the same words as `candidates.ts`. All work for each byte or
 * line is in this module, because the JavaScript engine folds the constants of a module, but not imported constants.
 */
import { SHORTEST_JUDGED, SHORTEST_SUSPECT } from '../ciphertext.ts';
import { DIGITS, isShortDoubt, mayStart, placeOfLongDoubt, tableOf } from './judge.ts';

/** The part of a log that makes the redactor stop. An empty part means that no doubt was found; it begins where the sieve has stopped. */
export interface Doubt {
  readonly index: number;
  readonly end: number;
}

/** The kinds of bytes, as bits: small letters, capitals, and the other characters of handles. */
const [SMALL, CAPITAL, OTHER] = [1, 2, 4];
const SYMBOL = SMALL | CAPITAL | OTHER;
const MIXED = SMALL | CAPITAL;
/** The kinds of bytes that may begin a break: anywhere, or only at the end of a line. */
const [BREAK, BREAK_AT_END] = [16, 32];

/** What the loop adds for a byte: 1 for a character of a handle, {@link EVENT} for a byte at which the loop stops, otherwise 0. */
const WEIGHT = new Uint8Array(256);
const EVENT = 64;

/** The bytes of UTF-8 that begin invisible characters, and the soft hyphen by itself. */
const UNSEEN = [0xad, 0xc2, 0xd8, 0xe1, 0xe2, 0xef, 0xf3];

/** A byte that UTF-8 never has. Two marks of compressed data contain this byte and no control character. */
const MARK = 0xfd;

const KIND = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const character = String.fromCharCode(byte);
  if (/[a-z]/.test(character)) KIND[byte] = SMALL;
  else if (/[A-Z]/.test(character)) KIND[byte] = CAPITAL;
  else if (/[0-9._-]/.test(character)) KIND[byte] = OTHER;
  else if (/[\t "'`=|]/.test(character)) KIND[byte] = BREAK_AT_END;
  else if (/[\\%&<]|[^ -~]/.test(character)) KIND[byte] = BREAK;
  if (((KIND[byte] as number) & SYMBOL) !== 0) WEIGHT[byte] = 1;
  if (KIND[byte] === BREAK ? byte < 0x80 || byte === MARK || UNSEEN.includes(byte) : '=J'.includes(character)) WEIGHT[byte] = EVENT;
}

const [TAB, LINE_FEED, RETURN, ESCAPE] = [0x09, 0x0a, 0x0d, 0x1b];
const [SPACE, HASH, PERCENT, AND, PLUS, COMMA, HYPHEN, FULL_STOP] = [0x20, 0x23, 0x25, 0x26, 0x2b, 0x2c, 0x2d, 0x2e];
const [ZERO, ONE, COLON, LESS, EQUALS, MORE, LETTER_J, CAPITAL_T, CAPITAL_Z] = [0x30, 0x31, 0x3a, 0x3c, 0x3d, 0x3e, 0x4a, 0x54, 0x5a];
const [BACKSLASH, LETTER_A, LETTER_S, LETTER_T, LETTER_U, BRACE, BAR] = [0x5c, 0x61, 0x73, 0x74, 0x75, 0x7b, 0x7c];

/** The number of characters by their numbers in a row that raises a doubt. The redactor stops at 10. */
const MOST_NUMBERED = 8;

/** The longest number of a character with its sign, also behind a backslash or an ampersand, and the longest end of a line, as far as they matter here. Bytes. */
const [LONGEST_NUMBER, LONGEST_ESCAPE] = [14, 24];
const LONGEST_LINE_END = 256;

const SIGNS_OF_ESCAPES = tableOf('ux0');
const SIGNS_OF_PERCENT = tableOf('152EeCc');
const AT_END = tableOf(' \t+.,&|\\="\'`');
/**
 * The characters with which the prefix of a line may begin or go on, besides its writer and its time. The operator and the
 * quotation mark of a joined string may stand there, too.
 */
const MAY_BE_PREFIX = tableOf('>|#*;+/-.&"\'`');
for (let byte = 0x80; byte < 0x100; byte += 1) MAY_BE_PREFIX[byte] = 1;
/** The characters that follow a backslash before the number of a character, or a backslash, `%` or `&` at the beginning of a break. */
const BY_NUMBER = tableOf('xU01');
const BREAKS_BY_ESCAPE = tableOf('\\nrtuUx01\r\n');
const BREAKS_BY_PERCENT = tableOf('012cCeE');
const BREAKS_BY_ENTITY = tableOf('#snlZN');

/**
 * The next place at which a word becomes long, or an {@link EVENT} stands. Most words are short and in the middle of a line:
 * this loop passes over them.
 */
function nextStop(bytes: Uint8Array, from: number, limit: number, before: number): number {
  let [at, length] = [from, before];
  for (; at < limit; at += 1) {
    const weight = WEIGHT[bytes[at] as number] as number;
    length = (length & -(weight & 1)) + weight;
    if (length >= SHORTEST_SUSPECT) return at;
  }
  return at;
}

/** The first word that raises a doubt, and whether signs of confetti or of data stand before this word. */
export function findWord(bytes: Uint8Array, text: () => string, from: number, limit: number): Doubt & { readonly hasSigns: boolean } {
  let hasSigns = false;
  /** How many characters in a row are written by their numbers, and where the first and the last one stand. */
  let [numbered, firstNumber, lastNumber] = [0, 0, 0];
  /** Up to where short words were judged together with the words before them. */
  let judged = 0;
  /** How many characters of a word stand before the next byte. */
  let length = 0;
  for (let at = from; ; at += 1) {
    at = nextStop(bytes, at, limit, length);
    if (at >= limit) break;
    const byte = bytes[at] as number;
    length = WEIGHT[byte] === EVENT ? EVENT : SHORTEST_SUSPECT;
    if (byte === LETTER_J) {
      length = at + 1 - startOfWord(bytes, at, from);
      if (mayStart(bytes, at - 2, limit)) return { index: at + 1 - length, end: at + 1, hasSigns };
      if (length < SHORTEST_SUSPECT) continue;
    }
    if (length < EVENT) {
      const start = at + 1 - length;
      let [end, kinds] = [start, 0];
      for (let kind = SYMBOL; end < limit; end += 1) {
        kind = KIND[bytes[end] as number] as number;
        if ((kind & SYMBOL) === 0) break;
        kinds |= kind;
      }
      if (end === limit) break;
      const isAtBreak = mayGoOnAt(bytes, end);
      if (isAtBreak || (kinds & MIXED) === MIXED) {
        const begin = placeOfLongDoubt(bytes, text, start, end, (kinds & MIXED) === MIXED, isAtBreak);
        if (begin !== -1) return { index: begin, end, hasSigns };
      }
      [at, length, judged] = [end - 1, 0, end];
      continue;
    }
    length = 0;
    hasSigns ||= isSign(bytes, at);
    if (isNumber(bytes, at)) {
      const longest = byte === BACKSLASH || byte === AND ? LONGEST_ESCAPE : LONGEST_NUMBER;
      numbered = at - lastNumber <= longest ? numbered + 1 : 1;
      if (numbered === 1) firstNumber = at;
      lastNumber = at;
      if (numbered >= MOST_NUMBERED) return { index: at, end: at + 1, hasSigns };
    }
    const end = byte === LINE_FEED || byte === RETURN ? endOfLastWord(bytes, at) : at;
    if (end <= judged || end <= from || !isSymbol(bytes, end - 1) || (byte !== LINE_FEED && !mayBreak(bytes, at))) continue;
    judged = endOfFewSymbols(bytes, end, end - startOfWord(bytes, end, from));
    if (judged === -1 && isShortDoubt(bytes, text, startOfWord(bytes, end, from), end))
      return { index: startOfWord(bytes, end, from), end, hasSigns };
  }
  // A row of characters by their numbers may go on: all of it is judged again, with the signs before it.
  const isInRow = numbered > 0 && limit - lastNumber <= LONGEST_ESCAPE;
  let index = startOfWord(bytes, isInRow ? Math.max(from, firstNumber - LONGEST_NUMBER) : limit, from);
  const least = Math.max(from, index - LONGEST_NUMBER);
  while (index > least && bytes[index - 1] === BACKSLASH) index -= 1;
  return { index, end: index, hasSigns };
}

export function isSymbol(bytes: Uint8Array, at: number): boolean {
  return ((KIND[bytes[at] as number] as number) & SYMBOL) !== 0;
}

function endOfWord(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && isSymbol(bytes, at)) at += 1;
  return at;
}

/** The beginning of the word that ends at a place, but never before `from`. */
function startOfWord(bytes: Uint8Array, end: number, from: number): number {
  let at = end;
  while (at > from && isSymbol(bytes, at - 1)) at -= 1;
  return at;
}

/** Whether a word may go on behind a break that begins at a place. */
function mayGoOnAt(bytes: Uint8Array, at: number): boolean {
  const kind = KIND[bytes[at] as number];
  return kind === BREAK ? mayBreak(bytes, at) : kind === BREAK_AT_END && isAtEndOfLine(bytes, at + 1);
}

/** The end of the last word of a line, without the characters behind this word that join lines. */
function endOfLastWord(bytes: Uint8Array, lineEnd: number): number {
  let at = lineEnd;
  while (at > 0 && lineEnd - at < LONGEST_LINE_END && (AT_END[bytes[at - 1] as number] === 1 || (bytes[at - 1] as number) >= 0x80)) {
    if (isSymbol(bytes, at - 1) && (at === lineEnd || at < 2 || isSymbol(bytes, at - 2))) break;
    at -= 1;
  }
  return at;
}

/** Whether the number of a character that a handle has stands behind a sign. */
function isNumber(bytes: Uint8Array, at: number): boolean {
  const [sign, first, second] = [bytes[at], bytes[at + 1] as number, bytes[at + 2]];
  // The ampersand may be escaped itself: `&amp;#101;`.
  if (sign === AND) return first === HASH || (first === LETTER_A && (bytes[at + 5] === HASH || bytes[at + 5] === LETTER_A));
  if (sign === BACKSLASH) return first === LETTER_U ? second === ZERO || second === BRACE : BY_NUMBER[first] === 1;
  return (sign === PERCENT || sign === EQUALS) && ((first > ONE && first < 0x38) || (sign === PERCENT && first === LETTER_U));
}

/** Whether a byte may begin one of the signs of confetti, or stands in data that is no text. */
function isSign(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1] as number;
  switch (bytes[at]) {
    case BACKSLASH:
      return SIGNS_OF_ESCAPES[next] === 1;
    case PERCENT:
      return SIGNS_OF_PERCENT[next] === 1;
    case AND:
      return next === HASH || next === 0x73 || next === 0x6c;
    case LESS:
      return next === 0x77 || next === 0x57;
    case LINE_FEED:
    case RETURN:
      return false;
    case 0xe2:
      return next === 0x80 || next === 0x81;
    case 0xc2:
      return next === 0xad;
    case MARK:
      return true;
    default:
      return isUnseen(bytes, at);
  }
}

function isAtEndOfLine(bytes: Uint8Array, from: number): boolean {
  let at = from;
  while (AT_END[bytes[at] as number] === 1 && at - from < 64) at += 1;
  const byte = bytes[at] as number;
  return byte < 0x20 || byte >= 0x7f;
}

/** Whether a byte of the kind {@link BREAK} may begin a break. */
function mayBreak(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1] as number;
  switch (bytes[at]) {
    case BACKSLASH:
      return BREAKS_BY_ESCAPE[next] === 1;
    case PERCENT:
      return BREAKS_BY_PERCENT[next] === 1;
    case AND:
      return BREAKS_BY_ENTITY[next] === 1;
    case LINE_FEED:
    case RETURN:
    case LESS:
      return true;
    case 0xe2:
      // The frames of tables stand before the end of a line.
      return next === 0x94 || next === 0x95 || isUnseen(bytes, at);
    default:
      return isUnseen(bytes, at);
  }
}

/** Whether a control character or an invisible character stands at a place: in UTF-8, and the soft hyphen in Latin-1, too. */
function isUnseen(bytes: Uint8Array, at: number): boolean {
  const [byte, next] = [bytes[at] as number, bytes[at + 1] as number];
  switch (byte) {
    case 0xc2:
      return next === 0xad;
    case 0xd8:
      return next === 0x9c;
    case 0xe1:
    case 0xf3:
      return next === 0xa0;
    case 0xe2:
      return next === 0x80 || next === 0x81;
    case 0xef:
      return next === 0xb8 || next === 0xbb;
    default:
      return byte < 0x20 || byte === 0x7f || byte === 0xad;
  }
}

/**
 * Judges a short word with the short words behind its breaks: fewer than {@link SHORTEST_JUDGED} symbols are no piece.
 *
 * @returns the end of these words; -1 if there are more symbols, or breaks of which this function does not know the end
 */
function endOfFewSymbols(bytes: Uint8Array, from: number, length: number): number {
  let [at, symbols] = [from, length];
  for (;;) {
    const next = behindBreak(bytes, at);
    if (next === -1) return at;
    if (next === -2) return -1;
    let end = next;
    while (((KIND[bytes[end] as number] as number) & SYMBOL) !== 0 && end - next <= SHORTEST_SUSPECT) end += 1;
    if (end === next || end - next > SHORTEST_SUSPECT) return at;
    symbols += end - next;
    if (symbols >= SHORTEST_JUDGED) return -1;
    at = end;
  }
}

/** Where the text goes on behind a break; -1 if no break begins at the place, -2 if only `layers.ts` can tell. */
function behindBreak(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] as number;
    const kind = KIND[byte] as number;
    if (byte === LINE_FEED || (byte === RETURN && bytes[at + 1] === LINE_FEED)) {
      at = behindPrefix(bytes, at + (byte === RETURN ? 2 : 1));
      if (at === -2) return -2;
    } else if (byte === LESS) {
      let end = at + 1;
      while (end - at < 202 && bytes[end] !== MORE && bytes[end] !== LESS) end += 1;
      if (bytes[end] !== MORE) return at > from ? at : -1;
      at = end + 1;
    } else if (byte === ESCAPE && bytes[at + 1] === 0x5b) {
      let end = at + 2;
      while (end - at < 80 && (bytes[end] as number) >= 0x20 && (bytes[end] as number) < 0x40) end += 1;
      if ((bytes[end] as number) < 0x40 || (bytes[end] as number) > 0x7e) return -2;
      at = end + 1;
    } else if (kind === BREAK) {
      if (mayBreak(bytes, at)) return -2;
      return at > from ? at : -1;
    } else if (kind === BREAK_AT_END && isAtEndOfLine(bytes, at + 1)) {
      const end = behindSpaces(bytes, at);
      if (end === at || end - at > 64 || (bytes[end] !== LINE_FEED && bytes[end] !== RETURN)) return -2;
      at = end;
    } else return at > from ? at : -1;
  }
}

/** The end of a line's prefix that is blank or a time; -2 if only `layers.ts` can tell. */
function behindPrefix(bytes: Uint8Array, from: number): number {
  const start = behindSpaces(bytes, from);
  if (!isSymbol(bytes, start)) return MAY_BE_PREFIX[bytes[start] as number] === 1 ? -2 : start;
  const end = endOfWord(bytes, start, start + 64);
  if (end - start === 64 || bytes[behindSpaces(bytes, end)] === BAR) return -2;
  const at = DIGITS[bytes[start] as number] === 1 ? behindTime(bytes, start) : start;
  // The mark of a removed line, and the stream of a container's line.
  return MAY_BE_PREFIX[bytes[at] as number] === 1 || (at > start && bytes[at] === LETTER_S && bytes[at + 1] === LETTER_T) ? -2 : at;
}

function behindSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
  return at;
}

/** The form of a time without its fraction and its zone. */
const TIME = '0000-00-00T00:00:00';

/** The place behind a time and the spaces behind it; the same place if no time stands there. */
function behindTime(bytes: Uint8Array, start: number): number {
  for (let at = 0; at < TIME.length; at += 1) {
    const [byte, form] = [bytes[start + at] as number, TIME.charCodeAt(at)];
    if (form === ZERO ? DIGITS[byte] !== 1 : byte !== form && !(form === CAPITAL_T && byte === SPACE)) return start;
  }
  let end = start + TIME.length;
  if (bytes[end] === FULL_STOP || bytes[end] === COMMA) {
    end += 1;
    while (DIGITS[bytes[end] as number] === 1 && end - start < TIME.length + 10) end += 1;
  }
  if (bytes[end] === CAPITAL_Z) end += 1;
  else if (bytes[end] === PLUS || bytes[end] === HYPHEN) end += bytes[end + 3] === COLON ? 6 : 5;
  const behind = behindSpaces(bytes, end);
  return behind > end ? behind : start;
}
