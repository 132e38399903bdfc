/**
 * Finds and decodes base64 and base64url (RFC 4648). Logs often contain the bodies of messages in this form. Digits are
 * the characters of base64, except padding. A run is a series of digits in a text.
 */
import { HANDLE_PREFIX, START } from './find.ts';

/** A text in base64 that is a part of another text. */
export interface Base64Run {
  /**
   * The index at which the run begins, and the index after its end, in UTF-16 code units. The run may include line
   * breaks.
   */
  readonly index: number;
  readonly end: number;
  /** The digits of the run, without line breaks and padding. The first byte begins at the first digit. */
  readonly digits: string;
}

/** What bytes contain, and the content itself if the audit can read it. */
export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'compressed'; readonly format: CompressionFormat; readonly bytes: Uint8Array }
  /** Data in a compressed format that only other programs unpack. */
  | { readonly type: 'archive' }
  | { readonly type: 'binary' };

/**
 * The shortest run that is examined, in digits. The lines of MIME (76 digits) and PEM (64 digits) are longer. A handle
 * takes more than 120 digits.
 */
const SHORTEST_LINE = 60;

/** The longest line of base64 that may continue in the next line, in digits. */
export const LONGEST_LINE = 128;

/** The number of digits at the beginning of a run that show what the run contains. They stand for 18 bytes. */
const BEGINNING = 24;

/** Matches hexadecimal text, such as a digest. It looks like base64, but is something else. */
const HEXADECIMAL = new RegExp(`[0-9a-f]{${BEGINNING}}`, 'y');

const DIGIT = new Uint8Array(128);
for (const digit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_') DIGIT[digit.charCodeAt(0)] = 1;

/**
 * A part of each handle's header after {@link START}. If a line of base64 ends within START, the next line contains
 * this part.
 */
const MIDDLE = HANDLE_PREFIX.slice(START.length + 4, 2 * START.length + 4);

/**
 * The spellings of START and MIDDLE in base64. Base64 turns each group of three bytes into four digits. START can begin
 * at the first, second or third byte of a group, so it has three spellings, and so has MIDDLE. `offset` is the number
 * of digits before the spelling, within the group where the spelling begins.
 */
const STARTS = [START, MIDDLE].flatMap((part) =>
  [0, 1, 2].map((bytes) => {
    const offset = Math.ceil((bytes * 8) / 6);
    return { offset, spelling: btoa(' '.repeat(bytes) + part).slice(offset, Math.floor(((bytes + part.length) * 8) / 6)) };
  }),
);

/** The spellings of a handle's beginning, and of the middle of its header, in base64. */
export const HANDLE_SPELLINGS: readonly string[] = STARTS.map(({ spelling }) => spelling);

/** The first four bytes of formats that only other programs unpack: Zstandard, xz, ZIP, LZ4 and 7z. */
const ARCHIVES = [0x28b52ffd, 0xfd377a58, 0x504b0304, 0x04224d18, 0x377abcaf];
/** The first three bytes of bzip2, which also only other programs unpack. A digit follows these bytes. */
const BZIP2 = 0x425a68;

/**
 * The first four bytes of images and fonts: PNG, GIF, WebP, icons, WOFF and TrueType. Such data contains no handles, so
 * the audit does not report it as unread.
 */
const MEDIA = [0x89504e47, 0x47494638, 0x52494646, 0x00000100, 0x774f4646, 0x774f4632, 0x00010000];

/**
 * Finds the first run of base64 that encodes text or compressed data, or binary data that contains the beginning of a
 * handle. The search takes time in proportion to the length of the text.
 *
 * @param from the index at which the search begins. The search ignores the text before this index
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
  /** The lines before this index belong to runs without handles. The search skips those that begin like binary data. */
  let known = from;
  // Every run of at least SHORTEST_LINE digits contains one of the characters that are tested here.
  for (let at = from + SHORTEST_LINE - 1; at < text.length; ) {
    if (!isDigit(text, at)) {
      at += SHORTEST_LINE;
      continue;
    }
    let start = at;
    while (start > from && isDigit(text, start - 1)) start -= 1;
    const end = endOfDigits(text, at);
    if (end - start >= SHORTEST_LINE && (start >= known || !isBinaryAt(text, start))) {
      const run = runAt(text, start, end);
      if ('digits' in run) return run;
      known = Math.max(known, run.lastLine);
    }
    at = end + SHORTEST_LINE;
  }
  return undefined;
}

function isBinaryAt(text: string, index: number): boolean {
  return contentOf(bytesOf(text.slice(index, index + BEGINNING))).type === 'binary';
}

/**
 * Returns the run that begins with the given line. If the run contains nothing readable, returns where its last line
 * begins.
 */
function runAt(text: string, index: number, endOfLine: number): Base64Run | { readonly lastLine: number } {
  HEXADECIMAL.lastIndex = index;
  if (HEXADECIMAL.test(text)) return { lastLine: index };
  const { digits, end, lastLine } = withNextLines(text, index, endOfLine);
  if (!isBinaryAt(text, index)) return { index, end, digits };
  const phase = phaseOfHandle(digits);
  return phase === undefined ? { lastLine } : { index: index + phase, end, digits: digits.slice(phase) };
}

/** Joins the lines of a run. The last line may be shorter than the others, which are equally long. */
function withNextLines(text: string, index: number, endOfLine: number): { digits: string; end: number; lastLine: number } {
  const parts = [text.slice(index, endOfLine)];
  let [end, lastLine] = [endOfLine, index];
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
    [end, lastLine] = [to, from];
    if (to - from < endOfLine - index) break;
  }
  while (text.charAt(end) === '=') end += 1;
  return { digits: parts.join(''), end, lastLine };
}

/** Returns the index of the first digit that encodes a handle. Undefined if the digits encode no handle. */
export function placeOfHandle(digits: string): number | undefined {
  const places = STARTS.map(({ spelling }) => digits.indexOf(spelling)).filter((place) => place !== -1);
  return places.length === 0 ? undefined : Math.min(...places);
}

/** Returns how many digits precede the first whole byte. Undefined if the digits encode no handle. */
export function phaseOfHandle(digits: string): number | undefined {
  for (const { offset, spelling } of STARTS) {
    const at = digits.indexOf(spelling);
    if (at !== -1) return (((at - offset) % 4) + 4) % 4;
  }
  return undefined;
}

/** Tells whether an encoded handle may begin in the last digits and continue on the next line. */
export function mayBeginHandle(digits: string): boolean {
  return STARTS.some(({ spelling }) => {
    for (let length = 1; length < spelling.length; length += 1) if (digits.endsWith(spelling.slice(0, length))) return true;
    return false;
  });
}

/**
 * Returns the bytes that digits of base64 or base64url encode. An incomplete last byte is left out.
 *
 * @example
 * ```ts
 * import { bytesOf } from 'waxseal/scan';
 *
 * bytesOf('d2F4'); // the bytes of "wax"
 * ```
 */
export function bytesOf(digits: string): Uint8Array {
  const characters = charactersOf(digits);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return bytes;
}

/** Does the same as {@link bytesOf}, but returns one character for each byte (ISO 8859-1). */
export function charactersOf(digits: string): string {
  const whole = digits.length % 4 === 1 ? digits.slice(0, -1) : digits;
  return atob(whole.replace(/-/g, '+').replace(/_/g, '/'));
}

/**
 * Tells what bytes contain. The first bytes show whether they are compressed data or UTF-16. Bytes count as UTF-8 only
 * if all of them are UTF-8. The last character may be incomplete.
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
 * Tells by the first bytes whether bytes are an image or a font.
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

/** Returns the first four bytes as a number. */
function beginningOf(bytes: Uint8Array): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0;
}

function isAscii(byte = 0): boolean {
  return byte < 0x7f && !isControl(byte);
}

/** Tells whether a byte is a control character that text does not contain. Text may contain tabs, line ends and ESC. */
function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b;
}

/**
 * Returns bytes as text with one character for each byte (ISO 8859-1).
 *
 * @example
 * ```ts
 * import { latin1Of } from 'waxseal/scan';
 *
 * latin1Of(new Uint8Array([0x77, 0xe4])); // 'wä'
 * ```
 */
export function latin1Of(bytes: Uint8Array): string {
  // A TextDecoder for ISO 8859-1 would decode Windows-1252 (Encoding standard §4.2).
  let text = '';
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE) {
    // Spreading the bytes would take several times as long.
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + CHARACTERS_AT_ONCE));
  }
  return text;
}

/** A number of arguments that every runtime accepts in one call. */
const CHARACTERS_AT_ONCE = 8_192;

/** Decodes UTF-8, whose last character may be incomplete. Returns undefined for other bytes. */
function utf8Of(bytes: Uint8Array): string | undefined {
  // Most runs are digests, which are not UTF-8. A decoder that throws for each of them would take a hundred times as
  // long.
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
