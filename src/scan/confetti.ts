/**
 * Finds parts of a log that may hold a handle which nobody can put together again. The redactor only names their lines.
 *
 * - Confetti: ciphertext with a control sequence or an invisible character behind every few characters, as programs write
 *   rainbows. A program that folds lines may cut the sequences, so only the characters between whole sequences are judged.
 * - Handles in arrays of bytes or of characters.
 * - Pieces of a handle in the records of a stream, as models send their answers.
 * - Data that is no text, because nobody sees a handle in compressed data.
 */
import { isLikeCiphertext, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from './ciphertext.ts';
import { HANDLE_PREFIX, START } from './find.ts';
import { INVISIBLE, shapeOf } from './layers.ts';

/** The beginning of a control sequence, also as an escape. */
const SEQUENCE = String.raw`\u001b|(?:\\|%(?:25){0,8}5[cC]){1,16}(?:u001[bB]|x1[bB]|033)|%(?:25){0,8}1[bB]|&#27;|&#[xX]1[bB];`;

/** An invisible character, also as an escape. */
const UNSEEN = String.raw`${INVISIBLE}|\\u(?:00[aA][dD]|20[0-9a-fA-F]{2}|[fF][eE][fF]{2})|%(?:[cC]2%[aA][dD]|[eE]2%8[01]%[0-9a-fA-F]{2})|&#(?:173|82\d\d|[xX]20[0-9a-fA-F]{2}|[xX][aA][dD]);|&shy;|<wbr\b|&lt;wbr\b`;

/**
 * A flake: a few characters behind a sequence and before the next one. The pattern for invisible characters begins with
 * such a character, because a lookbehind would look back from every place of the text.
 */
const FLAKE = new RegExp(`m([A-Za-z0-9_.-]{1,6})(?=${SEQUENCE})|(?:${UNSEEN})([A-Za-z0-9_.-]{1,6})(?=${UNSEEN})`, 'g');

/** Confetti contains one of these. */
const SIGNS = [
  ...['\u001b', '\\u001', '\\x1', '\\033', '%1', '%5C', '%5c', '%25', '&#2', '&#x', '&#X', '&#8', '&#1', '&shy;', '<wbr', '&lt;wbr'],
  ...[
    '\u00ad',
    '\u00e2\u0080',
    '\u00e2\u0081',
    '\u200b',
    '\u200d',
    '\u2060',
    '\\u20',
    '\\u00a',
    '\\u00A',
    '\\ufe',
    '\\uFE',
    '%E2%8',
    '%e2%8',
    '%C2%',
    '%c2%',
  ],
];

/** The first characters of the signs. Most text has none of these characters, so they are looked for first. */
const FIRST_OF_SIGNS = [...new Set(SIGNS.map((sign) => sign.charAt(0)))];

/** Flakes that are at most so far apart belong together, because the prefix of a line may stand between them. Characters. */
const NEAR = 400;

/** A part of a text. */
export interface Part {
  readonly index: number;
  readonly end: number;
}

/** The parts of a text that are confetti of ciphertext. */
export function confettiIn(text: string): Part[] {
  if (!FIRST_OF_SIGNS.some((sign) => text.includes(sign)) || !SIGNS.some((sign) => text.includes(sign))) return [];
  const parts: Part[] = [];
  let [characters, index, end] = ['', 0, 0];
  /** Whether ciphertext stands just before. The rest behind the ciphertext may be too short to be judged by itself. */
  let goesOn = false;
  const close = () => {
    const isRest = goesOn && (characters.length < SHORTEST_SUSPECT ? characters !== '' : isSuspectPiece(characters));
    goesOn = isLikeCiphertext(characters);
    if (goesOn || isRest) parts.push({ index, end });
    characters = '';
  };
  for (const match of text.matchAll(FLAKE)) {
    if (match.index - end > NEAR) {
      close();
      goesOn = false;
    }
    if (characters === '') index = match.index;
    characters += match[1] ?? match[2];
    end = match.index + match[0].length;
    // Each part is judged by itself, so that only its own lines are named.
    if (characters.length >= 2 * SHORTEST_JUDGED) close();
  }
  close();
  return parts;
}

/**
 * What stands between the numbers of an array or of an object with numbered members, also in JSON in JSON, in XML, in YAML, in
 * PHP, in Rust, and as `od` prints bytes. A text matches this pattern in one way only, so a search that fails does not backtrack long.
 */
const BETWEEN = String.raw`(?:[\s,"'(){}[\]-]|\\{1,4}[nrt"]|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|\d{7}(?=\s)|[A-Za-z]\w{0,15}\\{0,4}["']?[:(]|</?[A-Za-z][\w.-]{0,15}>|u8\b)`;

/** The beginning of a handle as an array of bytes, and the numbers behind it. */
const ARRAY = new RegExp(
  `${[...START].map((character) => character.charCodeAt(0)).join(`${BETWEEN}{1,40}`)}(?:${BETWEEN}{1,40}\\d{1,3})*`,
  'g',
);

/**
 * What stands between the characters of a text that was taken apart: in a list, in an object with numbered members (JavaScript
 * makes one of `{ ...text }`), in PHP, in YAML, and as `od -c` and `hexdump -c` print a text. Each backslash matches in one way only.
 */
const APART = String.raw`(?:[\s,|"'{}[\]]|\\[nrt]?|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|(?<=\n)[0-9a-f]{7,8}(?=\s)|(?<=\n[ \t]{0,16})-(?= )|string\(1\)){1,32}`;

/** The beginning of a handle as an array of characters. The search looks for the third character; the group ends with it. */
const THIRD = START.charAt(2);
const CHARACTERS = new RegExp(
  `${THIRD}(?<=(${[...START.slice(0, 3)].join(APART)}))${APART}${[...START.slice(3)].join(APART)}(?:${APART}[A-Za-z0-9_.-](?![A-Za-z0-9_.-]))*`,
  'y',
);

/**
 * The parts of a text that are a handle as an array of bytes or of characters. In JSON, journald and the buffers of Node.js
 * are arrays of bytes.
 */
export function arraysIn(text: string): Part[] {
  const parts = [...text.matchAll(ARRAY)].map(({ 0: array, index }) => ({ index, end: index + array.length }));
  for (let at = text.indexOf(THIRD); at !== -1; at = text.indexOf(THIRD, at + 1)) {
    CHARACTERS.lastIndex = at;
    const beginning = CHARACTERS.exec(text)?.[1];
    if (beginning !== undefined) parts.push({ index: at + 1 - beginning.length, end: CHARACTERS.lastIndex });
  }
  return parts.sort((one, other) => one.index - other.index);
}

/** A string at the end of which a handle begins, and the quotation mark behind it with its backslashes. */
const BEGINNING_AT_END = new RegExp(`(${START.slice(0, 3)}[A-Za-z0-9_-]{0,45})(\\\\{0,16})"`, 'g');

/** How many other lines may stand between two records of a stream: the names of their events, and empty lines. */
const MOST_OTHERS = 4;

/**
 * Follows a stream whose records have the pieces of a handle in their strings. `isRecord` takes every line, and tells
 * whether the line has a piece, and the pieces up to it begin as a handle.
 */
export function createFollower(): { isRecord(line: string): boolean; readonly isFollowing: boolean } {
  /** The form of each record up to its piece, the joined pieces so far, and the number of other lines since the last record. */
  let stream: { readonly shape: RegExp; readonly joined: string; readonly others: number } | undefined;
  const isRecord = (line: string) => {
    if (stream !== undefined) {
      const [all, piece = '', behind = ''] = stream.shape.exec(line) ?? [];
      if (all === undefined) {
        stream = stream.others < MOST_OTHERS ? { ...stream, others: stream.others + 1 } : undefined;
      } else {
        const joined = (stream.joined + piece).slice(0, START.length);
        const isHandle = joined === START;
        // Only a whole string goes on in the next record.
        const goesOn = piece !== '' && behind === '"' && START.startsWith(joined);
        stream = goesOn ? { ...stream, joined, others: 0 } : undefined;
        if (isHandle && piece !== '') return true;
      }
    }
    if (stream !== undefined || !line.includes(START.slice(0, 3))) return false;
    for (const { 0: all, 1: piece = '', 2: slashes = '', index } of line.matchAll(BEGINNING_AT_END)) {
      const opening = HANDLE_PREFIX.startsWith(piece) ? placeOfQuote(line, index, slashes.length) : -1;
      if (opening === -1 || index + all.length > LONGEST_RECORD) continue;
      const prefix = shapeOf(line.slice(0, opening + 1)).source;
      stream = { shape: new RegExp(`${prefix}([A-Za-z0-9_.-]*)\\\\{0,16}(.?)`), joined: piece.slice(0, START.length), others: 0 };
      return false;
    }
    return false;
  };
  return {
    isRecord,
    get isFollowing() {
      return stream !== undefined;
    },
  };
}

/** The longest record of a stream up to its piece, in characters. */
const LONGEST_RECORD = 2_048;

/** Where the string around a place begins. @param slashes how many backslashes stand before its quotation marks */
function placeOfQuote(line: string, place: number, slashes: number): number {
  for (let at = line.lastIndexOf('"', place - 1); at > 0; at = line.lastIndexOf('"', at - 1)) {
    let before = at;
    while (line.charAt(before - 1) === '\\') before -= 1;
    if (at - before === slashes) return at;
  }
  return -1;
}

/** The marks at the beginning of compressed data: gzip, compress, Zstandard, xz, LZ4, 7z, ZIP. */
const MARK = new RegExp(
  [
    String.raw`\u001f(?:\u008b\u0008|\u009d\u0090)`,
    String.raw`\(\u00b5/\u00fd|\u00fd7zXZ\u0000`,
    String.raw`\u0004"M\u0018|7z\u00bc\u00af'\u001c|PK\u0003\u0004`,
  ].join('|'),
  'g',
);

/** Control characters that no text has. Text has zeros in UTF-16, and bells and backspaces for terminals. */
const CONTROL = String.raw`\u0001-\u0006\u000e-\u001a\u001c-\u001f\u007f`;
/** All marks have one of these characters. */
const NO_TEXT = new RegExp(`[${CONTROL}\\u00fd]`);
const MARK_OR_CONTROL = new RegExp(`${MARK.source}|[${CONTROL}]`, 'g');

/** Whether a text has a character that only data has. */
export function hasNoText(text: string): boolean {
  return NO_TEXT.test(text);
}

/** Whether a text (ISO 8859-1) has the mark of compressed data. */
export function hasMark(text: string): boolean {
  return text.search(MARK) !== -1;
}

/**
 * Data is no text if 64 characters in a row have 3 control characters and 12 bytes that are not UTF-8. Random bytes have
 * twice or three times as many of both.
 */
export const MOST_OF_DATA = 64;
const CONTROLS = 3;
const STRAYS = 12;

/**
 * The parts of a text that are data and no text, such as compressed data, one after the other. Text in any character set has
 * either no control characters or no bytes that are not UTF-8.
 */
export function* dataIn(text: string): Generator<Part> {
  if (!hasNoText(text)) return;
  const places: number[] = [];
  for (const { 0: found, index } of text.matchAll(MARK_OR_CONTROL)) {
    if (found.length > 1) yield { index, end: index + found.length };
    if (places.push(index) < CONTROLS) continue;
    const first = places.shift() ?? index;
    const end = Math.min(text.length, first + MOST_OF_DATA);
    if (index < end && strayBytes(text, first, end) >= STRAYS) yield { index: first, end };
  }
}

/** How many characters of a part of a text stand for bytes that are not UTF-8: the bytes themselves (ISO 8859-1), or U+FFFD. */
function strayBytes(text: string, from: number, to: number): number {
  let strays = 0;
  for (let at = from; at < to; ) {
    const code = text.charCodeAt(at);
    const length = code < 0xc2 ? 1 : code < 0xe0 ? 2 : code < 0xf0 ? 3 : code < 0xf5 ? 4 : 1;
    let next = at + 1;
    while (next < at + length && (text.charCodeAt(next) & ~0x3f) === 0x80) next += 1;
    if (next < at + length || (length === 1 && code >= 0x80 && code <= 0xff) || code === 0xfffd) strays += 1;
    at = next;
  }
  return strays;
}
