/**
 * Finds the parts of a log that may contain handles which nothing can put together again. The redactor cannot replace
 * such a handle, so it leaves the lines as they are and reports their numbers. There are four kinds of such parts:
 *
 * - Confetti: ciphertext in which a control sequence or an invisible character follows every few characters, for
 *   example because a program coloured each character. A program that folds lines may cut a sequence, so only the
 *   characters between whole sequences are judged.
 * - Handles that are written as arrays of bytes or of characters.
 * - Records of a stream, each with one piece of a handle. The APIs of models send their answers in this way.
 * - Data that is not text, such as compressed data, in which nobody can see a handle.
 */
import { HANDLE_PREFIX, START } from './find.ts';
import { INVISIBLE, shapeOf } from './layers.ts';
import { CLASS, isLikeCiphertext, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from './pieces/ciphertext.ts';

/** Matches the beginning of a control sequence, as a character or as an escape. */
const SEQUENCE = String.raw`\u001b|(?:\\|%(?:25){0,8}5[cC]){1,16}(?:u001[bB]|x1[bB]|033)|%(?:25){0,8}1[bB]|&#27;|&#[xX]1[bB];`;

/** Matches an invisible character, as a character or as an escape. */
const UNSEEN = String.raw`${INVISIBLE}|\\u(?:00[aA][dD]|20[0-9a-fA-F]{2}|[fF][eE][fF]{2})|%(?:[cC]2%[aA][dD]|[eE]2%8[01]%[0-9a-fA-F]{2})|&#(?:173|82\d\d|[xX]20[0-9a-fA-F]{2}|[xX][aA][dD]);|&shy;|<wbr\b|&lt;wbr\b`;

/**
 * Matches a flake: a few characters between two control sequences, or between two invisible characters. The match
 * includes the first invisible character, because a lookbehind would look back from every index of the text.
 */
const FLAKE = new RegExp(`m([A-Za-z0-9_.-]{1,6})(?=${SEQUENCE})|(?:${UNSEEN})([A-Za-z0-9_.-]{1,6})(?=${UNSEEN})`, 'g');

/** Every text with confetti contains one of these signs. */
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

/** The first characters of the signs. Most text has none of these characters, so the search looks for them first. */
const FIRST_OF_SIGNS = [...new Set(SIGNS.map((sign) => sign.charAt(0)))];

/**
 * The largest distance between two flakes that belong together, in characters. The prefix of a line may stand between
 * two flakes.
 */
const NEAR = 400;

/** A part of a text, from the index of its first character to the index after its last character. */
export interface Part {
  readonly index: number;
  readonly end: number;
}

/** Returns the parts of a text that are confetti of ciphertext. */
export function confettiIn(text: string): Part[] {
  if (!FIRST_OF_SIGNS.some((sign) => text.includes(sign)) || !SIGNS.some((sign) => text.includes(sign))) return [];
  const parts: Part[] = [];
  let [characters, index, end] = ['', 0, 0];
  /**
   * Whether the previous part was ciphertext. If so, the next flakes may be the rest of this ciphertext, even if they
   * are too few to be judged by themselves.
   */
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
    // The flakes are judged in parts of this length, so that only the lines of suspicious parts are named.
    if (characters.length >= 2 * SHORTEST_JUDGED) close();
  }
  close();
  return parts;
}

/**
 * Matches the text between two numbers of an array, or of an object with numbered members. The pattern knows the
 * notations of JSON, of JSON within JSON, of XML, YAML, PHP and Rust, and the rows that `od` prints for bytes. A text
 * matches this pattern in only one way, so a search that fails does not backtrack long.
 */
const BETWEEN = String.raw`(?:[\s,"'(){}[\]-]|\\{1,4}[nrt"]|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|\d{7}(?=\s)|[A-Za-z]\w{0,15}\\{0,4}["']?[:(]|</?[A-Za-z][\w.-]{0,15}>|u8\b)`;

/**
 * Matches the text between two characters if a program wrote each character by itself. The pattern knows lists, objects
 * with numbered members (JavaScript makes such an object from `{ ...text }`), PHP, YAML, and the rows that `od -c` and
 * `hexdump -c` print. Each backslash matches in only one way.
 */
const APART = String.raw`(?:[\s,|"'{}[\]]|\\[nrt]?|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|(?<=\n)[0-9a-f]{7,8}(?=\s)|(?<=\n[ \t]{0,16})-(?= )|(?<=\n[ \t]{0,16}\[)\d{1,7}(?=\])|string\(1\)){1,32}`;

/**
 * The maximum number of characters between two elements of an array. One row or record may end there, and the next row or record may
 * begin.
 */
export const MOST_APART = 160;

/** A way to write the characters of a text apart from each other. */
interface Elements {
  /** The elements of the beginning of a handle. */
  readonly beginning: readonly string[];
  /** The number of the element that is rare in logs. The search looks for this element first. */
  readonly rare: number;
  /** Tells whether the element at a place stands by itself, and not within a word or a longer number. */
  isAlone(text: string, at: number, end: number): boolean;
  /** Matches any element. */
  readonly any: string;
  /** Matches the text between two elements in the usual notations, also between two rows. */
  readonly between: string;
}

const isDigit = (character: string) => character >= '0' && character <= '9';
const isSymbol = (character: string) => (CLASS[character.charCodeAt(0)] ?? 0) !== 0;

const NUMBERS: Elements = {
  beginning: [...START].map((character) => `${character.charCodeAt(0)}`),
  rare: 0,
  isAlone: (text, at, end) => !isDigit(text.charAt(at - 1)) && !isDigit(text.charAt(end)),
  any: String.raw`\d{1,3}(?!\d)`,
  between: `${BETWEEN}{1,40}`,
};

const CHARACTERS: Elements = {
  beginning: [...START],
  rare: 2,
  // An escape such as `\n` may stand before the character.
  isAlone: (text, at, end) =>
    !isSymbol(text.charAt(end)) &&
    (!isSymbol(text.charAt(at - 1)) || (text.charAt(at - 2) === '\\' && 'nrt'.includes(text.charAt(at - 1)))),
  any: '[A-Za-z0-9_.-](?![A-Za-z0-9_.-])',
  between: APART,
};

/**
 * Returns the parts of a text that are a handle, written as an array of bytes or of characters. For example, journald
 * and the buffers of Node.js write arrays of bytes to JSON. Any text may stand between the elements, because each
 * language and each debugger writes arrays differently.
 */
export function arraysIn(text: string): Part[] {
  return [NUMBERS, CHARACTERS].flatMap((elements) => arraysOf(elements, text)).sort((one, other) => one.index - other.index);
}

function arraysOf(elements: Elements, text: string): Part[] {
  const { beginning, rare, isAlone } = elements;
  const [first = '', second = ''] = beginning.slice(rare);
  const parts: Part[] = [];
  /** The next place of the second element. Many lists of numbers have the first element without the second. */
  let next = 0;
  for (let at = text.indexOf(first); at !== -1; at = text.indexOf(first, at + 1)) {
    if (next < at) next = text.indexOf(second, at);
    if (next === -1) break;
    if (next - at > MOST_APART || !isAlone(text, at, at + first.length)) continue;
    const places = placesOfBeginning(elements, text, at);
    if (places === undefined) continue;
    const part = { index: places[0] ?? at, end: endOfArray(elements, text, places) };
    parts.push(part);
    at = part.end - 1;
  }
  return parts;
}

/**
 * Returns the places of the elements with which a handle begins. Returns undefined if one of them is missing.
 *
 * @param at the place of the rare element
 */
function placesOfBeginning({ beginning, rare, isAlone }: Elements, text: string, at: number): number[] | undefined {
  const places = [at];
  for (const element of beginning.slice(0, rare).reverse()) {
    const before = text.slice(Math.max(0, (places[0] ?? at) - MOST_APART), places[0]);
    const start = (places[0] ?? at) - before.length;
    let place = before.lastIndexOf(element);
    while (place !== -1 && !isAlone(text, start + place, start + place + element.length))
      place = place === 0 ? -1 : before.lastIndexOf(element, place - 1);
    if (place === -1) return undefined;
    places.unshift(start + place);
  }
  for (const [number, element] of beginning.slice(rare + 1).entries()) {
    const end = (places.at(-1) ?? at) + (beginning[rare + number]?.length ?? 0);
    const behind = text.slice(end, end + MOST_APART + element.length);
    let place = behind.indexOf(element);
    while (place !== -1 && !isAlone(text, end + place, end + place + element.length)) place = behind.indexOf(element, place + 1);
    if (place === -1) return undefined;
    places.push(end + place);
  }
  return places;
}

/**
 * Returns the index after an array. The text between two of its elements must be similar to the text between the
 * elements of its beginning, or must be in a usual notation.
 */
function endOfArray({ beginning, any, between }: Elements, text: string, places: readonly number[]): number {
  const ends = places.map((place, number) => place + (beginning[number]?.length ?? 0));
  const shapes = new Set(places.slice(1).map((place, number) => shapeBetween(text.slice(ends[number], place))));
  const next = new RegExp(`(?:${[...shapes].join('|')}|${between})${any}`, 'y');
  let end = ends.at(-1) ?? 0;
  for (next.lastIndex = end; next.test(text); next.lastIndex = end) end = next.lastIndex;
  return end;
}

/**
 * Returns a pattern for texts that are similar to the text between two elements: only numbers, blanks and single
 * characters may differ.
 */
function shapeBetween(text: string): string {
  return text.replace(/(\d+)|(\s+)|(?<![\w.-])([\w.-])(?![\w.-])|[.*+?^${}()|[\]\\]/g, (all, digits, blanks, single) =>
    digits ? '\\d+' : blanks ? '\\s+' : single ? '[\\w.-]' : `\\${all}`,
  );
}

/**
 * Matches the beginning of a handle at the end of a string, and the quotation mark after it, with the backslashes
 * before the mark.
 */
const BEGINNING_AT_END = new RegExp(`(${START.slice(0, 3)}[A-Za-z0-9_-]{0,45})(\\\\{0,16})"`, 'g');

/**
 * How many other lines may stand between two records of a stream. These lines are the names of events, and empty lines.
 */
const MOST_OTHERS = 4;

/**
 * Follows a stream whose records contain the pieces of a handle in their strings. `isRecord` must get every line of the
 * log. `isRecord` returns true if the line contains a piece and the joined pieces so far begin like a handle.
 */
export function createFollower(): { isRecord(line: string): boolean; readonly isFollowing: boolean } {
  /**
   * The stream that is followed: a pattern for its records, the joined pieces so far, and the number of other lines
   * since the last record. Undefined if no stream is followed.
   */
  let stream: { readonly shape: RegExp; readonly joined: string; readonly others: number } | undefined;
  const isRecord = (line: string) => {
    if (stream !== undefined) {
      const [all, piece = '', behind = ''] = stream.shape.exec(line) ?? [];
      if (all === undefined) {
        stream = stream.others < MOST_OTHERS ? { ...stream, others: stream.others + 1 } : undefined;
      } else {
        const joined = (stream.joined + piece).slice(0, START.length);
        const isHandle = joined === START;
        // A piece can continue in the next record only if the piece reaches the end of its string.
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

/** How long a record may be until the end of its piece, in characters. */
const LONGEST_RECORD = 2_048;

/**
 * Returns the index of the quotation mark that opens the string around an index, or -1 without such a mark.
 *
 * @param slashes how many backslashes stand before each of the string's quotation marks
 */
function placeOfQuote(line: string, place: number, slashes: number): number {
  for (let at = line.lastIndexOf('"', place - 1); at > 0; at = line.lastIndexOf('"', at - 1)) {
    let before = at;
    while (line.charAt(before - 1) === '\\') before -= 1;
    if (at - before === slashes) return at;
  }
  return -1;
}

/** Matches the marks with which compressed data begins: gzip, compress, Zstandard, xz, LZ4, 7z and ZIP. */
const MARK = new RegExp(
  [
    String.raw`\u001f(?:\u008b\u0008|\u009d\u0090)`,
    String.raw`\(\u00b5/\u00fd|\u00fd7zXZ\u0000`,
    String.raw`\u0004"M\u0018|7z\u00bc\u00af'\u001c|PK\u0003\u0004`,
  ].join('|'),
  'g',
);

/**
 * Control characters that text never contains. The list does not contain the zero, because UTF-16 contains zeros. The
 * list does not contain the bell and the backspace, because terminals use them.
 */
const CONTROL = String.raw`\u0001-\u0006\u000e-\u001a\u001c-\u001f\u007f`;
/** Matches a control character or the byte 0xfd. Every mark of compressed data contains such a character. */
const NO_TEXT = new RegExp(`[${CONTROL}\\u00fd]`);
const MARK_OR_CONTROL = new RegExp(`${MARK.source}|[${CONTROL}]`, 'g');

/** Tells whether a text has a character that only binary data has. */
export function hasNoText(text: string): boolean {
  return NO_TEXT.test(text);
}

/** Tells whether a text (ISO 8859-1) contains the mark of compressed data. */
export function hasMark(text: string): boolean {
  return text.search(MARK) !== -1;
}

/**
 * The conditions for binary data: within 64 characters, at least 3 control characters, and at least 12 bytes that are
 * not UTF-8. Random bytes have two or three times as many of both.
 */
export const MOST_OF_DATA = 64;
const CONTROLS = 3;
const STRAYS = 12;

/**
 * Returns the parts of a text that are binary data, such as compressed data, in their order. Text never has both
 * control characters and bytes that are not UTF-8, whatever its character set is.
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

/**
 * Counts the bytes in a part of a text that are not UTF-8. Such a byte stands in the text as a character of ISO 8859-1,
 * or as U+FFFD.
 */
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
