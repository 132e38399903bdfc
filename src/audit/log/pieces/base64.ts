/**
 * Decodes base64, also if it was split into the elements of an array. In this file, a digit is any character of
 * base64 except the padding.
 */
import { type Base64Run, bytesOf, contentOf, findBase64, latin1Of } from '../../../scan/index.ts';
import type { PackedText } from '../../packed.ts';
import type { Unread } from '../reader.ts';
import { mend } from './mend.ts';
import { isJson } from './streams.ts';

/** The content of base64: compressed data, or a text. `mended` has the handles that were put together from pieces. */
export type Decoded = { readonly text: string; readonly mended: ReadonlySet<string> } | PackedText;

/** The longest line of base64, in digits. MIME breaks lines after 76 digits, and PEM after 64. */
const LONGEST_LINE = 128;
const USUAL_LINES = [64, 76];

/** Matches the header of a JOSE token. Such a token is never split into lines, so it is no line of a longer text. */
const JOSE_HEADER = /^\{"(?:alg|enc|typ|kid|cty|jku|x5t)"/;

const digitOf = (bits: number) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charAt(bits & 63);

/**
 * The headers of zlib data with a window of less than 32 KiB (RFC 1950 §2.2), as patterns for their base64. A header
 * has two bytes, which form a multiple of 31. Its 16 bits fill two digits and a part of the third digit.
 */
const ZLIB_HEADERS = [1, 2, 3, 4, 5, 6].flatMap((window) =>
  [0, 1, 2, 3].map((level) => {
    const header = ((window << 4) | 8) * 256 + (level << 6);
    const bits = (header + ((31 - (header % 31)) % 31)) << 2;
    const third = [0, 1, 2, 3].map((more) => digitOf(bits + more)).join('');
    return `${digitOf(bits >> 12)}${digitOf(bits >> 6)}[${third.replace('/', '/_').replace('+', '+\\-')}]`;
  }),
);

const ZLIB = new RegExp(`^(?:${ZLIB_HEADERS.join('|')})`);

/** Matches the base64 of data that only other programs unpack: LZ4, bzip2, 7-Zip, Snappy and lzip. */
const ARCHIVE = /^(?:BCJNG[A-P]|Qlpo(?!OT)[MNO][DTjz]FBWSZT|N3q8ryc|\/wYAAHNOYVBwW|TFpJUA)/;

/** Packed data in fewer digits is too short to contain a handle. */
const SHORTEST_PACKED = 120;
const NO_DIGIT = /[^\w+/-]/g;

/**
 * Finds the first run of base64 that begins like zlib data or like an archive. Only unpacking shows whether the run
 * really is such data.
 */
export function findPacked(text: string, from: number): Base64Run | undefined {
  // The search looks only at every SHORTEST_PACKED-th character. A run of at least SHORTEST_PACKED digits contains one
  // of these characters.
  for (let at = from + SHORTEST_PACKED - 1; at < text.length; at += SHORTEST_PACKED) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let index = at;
    while (index > from && isDigit(text.charCodeAt(index - 1))) index -= 1;
    NO_DIGIT.lastIndex = at;
    const end = NO_DIGIT.exec(text)?.index ?? text.length;
    const beginning = text.slice(index, index + LONGEST_MARK);
    if (end - index >= SHORTEST_PACKED && (ZLIB.test(beginning) || ARCHIVE.test(beginning)))
      return { index, end, digits: text.slice(index, end) };
    at = end;
  }
  return undefined;
}

/** The number of digits that show the format of packed data. */
const LONGEST_MARK = 16;

function isDigit(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 47 && code <= 57) || code === 43 || code === 45 || code === 95
  );
}

/** Decodes base64. If it is an archive, or a single line of a longer text in base64, `unread` counts it. */
export function decoded(digits: string, unread: Unread): Decoded | undefined {
  const bytes = bytesOf(digits);
  const content = contentOf(bytes);
  switch (content.type) {
    case 'text': {
      const { text, handles } = mend(content.text, true);
      const isLine = USUAL_LINES.includes(digits.length) || (digits.length <= LONGEST_LINE && /^\s*[{[]/.test(text));
      if (isLine && !isJson(text) && !JOSE_HEADER.test(text)) unread.packed += 1;
      return { text, mended: new Set(handles) };
    }
    case 'compressed':
      return content;
    case 'archive':
      unread.packed += 1;
      return undefined;
    case 'binary':
      if (ZLIB.test(digits)) return { format: 'deflate', bytes };
      if (ARCHIVE.test(digits)) unread.packed += 1;
      return { text: latin1Of(bytes), mended: new Set() };
  }
}

const DIGITS = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** The shortest first line, in digits of base64. A shorter line is not joined with later lines. */
const SHORTEST_LINE = 16;

const MOST_LINES = 65_536;

/**
 * Tells whether a line encodes a whole text, which ends with a bracket or a line break. Compressed data may end with
 * any byte, so it never counts as whole.
 */
function isWhole(line: string): boolean {
  if (contentOf(bytesOf(line.slice(0, ENOUGH_TO_TELL))).type !== 'text') return false;
  return /[}\]\n]$/.test(latin1Of(bytesOf(line.slice(-4).replace(/=+$/, ''))));
}

/** The number of digits that show what kind of content a line has. */
const ENOUGH_TO_TELL = 24;

/**
 * Adds an element of an array to the lines of base64 before it. All lines but the last are equally long.
 *
 * @returns false if the element is not the next line
 */
export function addLine(lines: string[], element: string): boolean {
  if (!DIGITS.test(element)) return false;
  const [first = element, last = element] = [lines[0], lines.at(-1)];
  if (last.length < first.length || element.length > first.length || lines.length >= MOST_LINES) return false;
  const mayGoOn =
    element.length >= SHORTEST_LINE &&
    element.length % 4 === 0 &&
    !element.endsWith('=') &&
    (element.length <= LONGEST_LINE || !isWhole(element));
  if (lines.length === 0 && !mayGoOn) return false;
  lines.push(element);
  return true;
}

/** Joins lines of base64. Returns undefined if the joined lines contain no base64. */
export function joinedLines(lines: readonly string[]): string | undefined {
  return findBase64(lines.join(''), 0)?.digits;
}
