/** Finds and decodes base64 and base64url (RFC 4648): logs and exports of logs have the bodies of messages in this form. */
import { HANDLE_PREFIX, START } from './find.ts';

/** A text in base64 that stands in another text. */
export interface Base64Run {
  /** Where the run begins and ends, in UTF-16 code units. Line breaks may stand in the run. */
  readonly index: number;
  readonly end: number;
  /** Its digits, without line breaks and padding. The first one begins a byte. */
  readonly digits: string;
}

/** The content of bytes, as far as the audit can read it. */
export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'compressed'; readonly format: CompressionFormat; readonly bytes: Uint8Array }
  /** Packed in a format that only other programs unpack. */
  | { readonly type: 'archive' }
  | { readonly type: 'binary' };

/** The shortest run of digits that is examined. Lines of MIME (76 digits) and PEM (64) are longer. A handle takes over 120 digits. */
const SHORTEST_LINE = 60;

/** The longest line of base64 that goes on in the next line. */
export const LONGEST_LINE = 128;

/** The number of digits that show what a run begins with. They stand for 18 bytes. */
const BEGINNING = 24;

/** A digest in hexadecimal, which is no base64 of anything. */
const HEXADECIMAL = new RegExp(`[0-9a-f]{${BEGINNING}}`, 'y');

/** Whether a character is a digit of base64 or of base64url, by its code. */
const DIGIT = new Uint8Array(128);
for (const digit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_') DIGIT[digit.charCodeAt(0)] = 1;

/** A part of each handle's header behind {@link START}: a line of base64 may end within START. */
const MIDDLE = HANDLE_PREFIX.slice(START.length + 4, 2 * START.length + 4);

/**
 * The beginning of a handle in base64. It has three spellings, since it may begin at each of the three bytes that four
 * digits stand for. `offset` counts the digits between the beginning of those four digits and the spelling.
 */
const STARTS = [START, MIDDLE].flatMap((part) =>
  [0, 1, 2].map((bytes) => {
    const offset = Math.ceil((bytes * 8) / 6);
    return { offset, spelling: btoa(' '.repeat(bytes) + part).slice(offset, Math.floor(((bytes + part.length) * 8) / 6)) };
  }),
);

/** The first bytes of data that only other programs unpack: Zstandard, xz, ZIP, LZ4, 7z. For bzip2 a digit follows. */
const ARCHIVES = [0x28b52ffd, 0xfd377a58, 0x504b0304, 0x04224d18, 0x377abcaf];
const BZIP2 = 0x425a68;

/** The first bytes of images and fonts: PNG, GIF, WebP, icons, WOFF, TrueType. Nobody would find a handle in them. */
const MEDIA = [0x89504e47, 0x47494638, 0x52494646, 0x00000100, 0x774f4646, 0x774f4632, 0x00010000];

/**
 * Finds the first run of base64 that stands for text, for packed data, or for binary data with the beginning of a handle.
 * The search takes time in proportion to the length of the text.
 *
 * @param from where the search begins. It ignores the text before this place
 *
 * @example
 * ```ts
 * import { bytesOf, contentOf, findBase64 } from 'waxseal/scan';
 *
 * const run = findBase64(JSON.stringify({ body: btoa('{"id":1}'.repeat(10)) }), 0);
 * if (run !== undefined) console.log(contentOf(bytesOf(run.digits))); // { type: 'text', text: '{"id":1}…' }
 * ```
 */
export function findBase64(text: string, from: number): Base64Run | undefined {
  // A run of this length that begins behind `at - SHORTEST_LINE` contains the place `at`.
  for (let at = from + SHORTEST_LINE - 1; at < text.length; ) {
    if (!isDigit(text, at)) {
      at += SHORTEST_LINE;
      continue;
    }
    let start = at;
    while (start > from && isDigit(text, start - 1)) start -= 1;
    const end = endOfDigits(text, at);
    if (end - start >= SHORTEST_LINE) {
      const run = runAt(text, start, end);
      if (run !== undefined) return run;
    }
    at = end + SHORTEST_LINE;
  }
  return undefined;
}

/** The run whose first line is known; undefined if nothing in the run can be read. */
function runAt(text: string, index: number, endOfLine: number): Base64Run | undefined {
  HEXADECIMAL.lastIndex = index;
  if (HEXADECIMAL.test(text)) return undefined;
  const { digits, end } = withNextLines(text, index, endOfLine);
  const type = contentOf(bytesOf(digits.slice(0, BEGINNING))).type;
  if (type !== 'binary') return { index, end, digits };
  const phase = phaseOfHandle(digits);
  return phase === undefined ? undefined : { index: index + phase, end, digits: digits.slice(phase) };
}

/** Joins the lines of a run: all are as long as the first one, and the last may be shorter. */
function withNextLines(text: string, index: number, endOfLine: number): { digits: string; end: number } {
  const parts = [text.slice(index, endOfLine)];
  let end = endOfLine;
  for (;;) {
    const lineBreak = /^\r?\n[ \t]{0,64}/.exec(text.slice(end, end + 70))?.[0].length ?? 0;
    const [from, to] = [end + lineBreak, endOfDigits(text, end + lineBreak)];
    if (
      lineBreak === 0 ||
      endOfLine - index > LONGEST_LINE ||
      to === from ||
      to - from > endOfLine - index ||
      !/^(?:[=\r\n"'\\<]|$)/.test(text.charAt(to))
    )
      break;
    parts.push(text.slice(from, to));
    end = to;
    if (to - from < endOfLine - index) break;
  }
  while (text.charAt(end) === '=') end += 1;
  return { digits: parts.join(''), end };
}

/** The number of the digit at which the first encoded handle begins; undefined if the digits encode no handle. */
export function placeOfHandle(digits: string): number | undefined {
  const places = STARTS.map(({ spelling }) => digits.indexOf(spelling)).filter((place) => place !== -1);
  return places.length === 0 ? undefined : Math.min(...places);
}

/** How many digits stand before the first whole byte of an encoded text with a handle; undefined if the digits encode no handle. */
function phaseOfHandle(digits: string): number | undefined {
  for (const { offset, spelling } of STARTS) {
    const at = digits.indexOf(spelling);
    if (at !== -1) return (((at - offset) % 4) + 4) % 4;
  }
  return undefined;
}

/** Whether the last digits may be the beginning of a handle, whose other digits are on the next line. */
export function mayBeginHandle(digits: string): boolean {
  return STARTS.some(({ spelling }) => {
    for (let length = 1; length < spelling.length; length += 1) if (digits.endsWith(spelling.slice(0, length))) return true;
    return false;
  });
}

/**
 * The bytes that digits stand for. An incomplete last byte is left out.
 *
 * @example
 * ```ts
 * import { bytesOf } from 'waxseal/scan';
 *
 * bytesOf('d2F4'); // the bytes of "wax"
 * ```
 */
export function bytesOf(digits: string): Uint8Array {
  const whole = digits.length % 4 === 1 ? digits.slice(0, -1) : digits;
  const characters = atob(whole.replace(/-/g, '+').replace(/_/g, '/'));
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return bytes;
}

/**
 * Tells what bytes are. Their beginning shows compressed data and UTF-16; UTF-8 is recognized by all bytes. The last
 * character of a text may be cut.
 *
 * @example
 * ```ts
 * import { bytesOf, contentOf } from 'waxseal/scan';
 *
 * contentOf(bytesOf('d2F4')); // { type: 'text', text: 'wax' }
 * ```
 */
export function contentOf(bytes: Uint8Array): Content {
  const beginning = beginningOf(bytes);
  if (beginning >>> 8 === 0x1f8b08) return { type: 'compressed', format: 'gzip', bytes };
  if ([0x7801, 0x785e, 0x789c, 0x78da].includes(beginning >>> 16)) return { type: 'compressed', format: 'deflate', bytes };
  if (ARCHIVES.includes(beginning) || (beginning >>> 8 === BZIP2 && /[1-9]/.test(String.fromCharCode(beginning & 0xff))))
    return { type: 'archive' };
  if (beginning >>> 16 === 0xfffe || (isAscii(bytes[0]) && bytes[1] === 0 && isAscii(bytes[2]) && bytes[3] === 0))
    return { type: 'text', text: new TextDecoder('utf-16le').decode(bytes) };
  const text = utf8Of(bytes);
  return text === undefined ? { type: 'binary' } : { type: 'text', text };
}

/**
 * Whether bytes are an image or a font.
 *
 * @example
 * ```ts
 * import { bytesOf, isMedium } from 'waxseal/scan';
 *
 * isMedium(bytesOf('iVBORw0KGgo=')); // true: a PNG
 * ```
 */
export function isMedium(bytes: Uint8Array): boolean {
  const beginning = beginningOf(bytes);
  return beginning >>> 8 === 0xffd8ff || MEDIA.includes(beginning);
}

/** The first four bytes as a number. */
function beginningOf(bytes: Uint8Array): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0;
}

function isAscii(byte = 0): boolean {
  return byte < 0x7f && !isControl(byte);
}

/** Whether text never has a byte. Text has control characters only for line ends, tabs, and colours (which begin with ESC). */
function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b;
}

/**
 * Each byte as one character (ISO 8859-1).
 *
 * @example
 * ```ts
 * import { latin1Of } from 'waxseal/scan';
 *
 * latin1Of(new Uint8Array([0x77, 0xe4])); // 'wä'
 * ```
 */
export function latin1Of(bytes: Uint8Array): string {
  // A TextDecoder reads Windows-1252 by the name of ISO 8859-1 (Encoding standard §4.2).
  let text = '';
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE) {
    // To spread the bytes would take several times as long.
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + CHARACTERS_AT_ONCE));
  }
  return text;
}

/** The number of arguments that fit on the stack of every runtime. */
const CHARACTERS_AT_ONCE = 8_192;

/** The text of bytes in UTF-8; undefined if the bytes are not UTF-8. The last character may be cut. */
function utf8Of(bytes: Uint8Array): string | undefined {
  // Most runs that look like base64 are digests. For them a decoder that throws would take a hundred times as long.
  let isAscii = true;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    if (isControl(byte)) return undefined;
    const more = byte < 0x80 ? 0 : byte < 0xc2 ? -1 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : -1;
    if (more === -1) return undefined;
    if (more > 0) isAscii = false;
    for (let next = 1; next <= more && at + next < bytes.length; next += 1)
      if (((bytes[at + next] as number) & 0xc0) !== 0x80) return undefined;
    at += 1 + more;
  }
  return isAscii ? latin1Of(bytes) : new TextDecoder().decode(bytes, { stream: true });
}

function isDigit(text: string, at: number): boolean {
  return DIGIT[text.charCodeAt(at)] === 1;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text, at)) at += 1;
  return at;
}
