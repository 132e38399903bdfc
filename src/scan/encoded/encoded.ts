/** Tells what base64 in a log encodes: a handle, text with pieces of handles, compressed data, or something else. */
import { bytesOf, contentOf, isMedium, latin1Of, phaseOfHandle, placeOfHandle } from '../base64.ts';
import { mapped, rewritten } from '../mapped.ts';
import { hasCompressedData } from '../reported/binary.ts';
import { before, beginsAt, LINE, LINES, lengthOfLine, lengthsBefore } from './lines.ts';
import { BEGINNING, encodesHandle } from './nested.ts';
import { hasCiphertextInBytes } from './strings.ts';

/** The state of the search for encoded handles. */
export interface Base64Search {
  /** The lines of base64 before this index encode no handle. They are not examined again. */
  end: number;
  /** The text before this index has no character that proves base64. */
  wordsEnd: number;
  /** Tells whether base64 that ends at an index may continue on the next line or in text that has not arrived yet. */
  readonly mayContinue: (to: number) => boolean;
  /** Tells whether decoded text may contain pieces of handles. */
  readonly hasPieces: (content: string) => boolean;
}

/**
 * Two patterns for the characters between digits. `PATCH_GAPS` also matches a `+` at the beginning of a line, which
 * marks an added line of a patch.
 */
const [PATCH_GAPS, GAPS] = [LINE, LINE.replace('>+', '>')].map((line) => new RegExp(`${line}|[^A-Za-z0-9+/=_-]`, 'g')) as [RegExp, RegExp];
/** Matches a line without a `+` at its beginning. A short last line may be a word after the base64, and does not count. */
const LINE_WITHOUT_PLUS = /\n[ \t>]*[A-Za-z0-9/_-](?![A-Za-z0-9+/_-]{0,22}=*$)/;

/** Base64 of compressed data with fewer digits than this contains no handle. */
const SHORTEST_ENCODED = 120;
/** The smallest number of digits that can encode a piece that is long enough to be judged. */
const SHORTEST_PIECE = 32;

/**
 * A line of base64 that encodes text is held back until it ends, up to this many characters. Only the whole text shows
 * whether pieces of a handle are in it.
 */
const LONGEST_TEXT = 65_536;

/** This many digits at the beginning of base64 show what it contains. */
const ENOUGH_DIGITS = 24;

const ONLY_DIGITS = /^[A-Za-z0-9+/_-]*$/;

/** Matches a path: short words, with a slash after each. */
const PATH = /^(?:[A-Za-z]*\d*\/)+$/;

/** The smallest number of digits that encode the beginning of a handle. The next line may encode the rest. */
const SHORTEST_BEGINNING = 20;

/** What base64 encodes. */
export interface Encoded {
  /** The index at which an encoded handle begins. Undefined if the text encodes no handle. */
  readonly handleIndex?: number;
  /** True if the text may be compressed data, or if it encodes text that may contain pieces of handles. */
  readonly mayContainPieces?: boolean;
  /** True if the text encodes other text that may continue. */
  readonly isCutText?: boolean;
}

/**
 * Tells whether text encodes a handle, or pieces of handles. The base64 may follow other words that look like base64,
 * such as the end of a sentence or a path. So the decoding is tried from up to three places: from the first of the
 * earlier lines of the same length, from the beginning of the line, and from `from`.
 *
 * @param isText whether the word at `from` is base64url of text
 */
export function encodedIn(text: string, from: number, to: number, base64: Base64Search, isText: boolean): Encoded {
  const [joined, own] = lengthsBefore(before(text, from, true), lengthOfLine(text.slice(from, to)));
  for (const length of new Set([joined, own])) {
    const found = encodedFrom(text, from, from - length, to, base64);
    if (found !== undefined) return found;
  }
  // The characters before the word may be a path.
  const found = own > 0 && (isText || PATH.test(text.slice(from - own, from))) ? textFrom(text, from, from, to, base64, true) : undefined;
  if (found !== undefined) return found;
  const all = text.slice(from - own, to);
  return hasStrings(withoutPadding(withoutGaps(all)), beginsAt(text, from - own, all)) ? { mayContainPieces: true } : {};
}

/**
 * Tells whether text encodes a handle, or pieces of handles. Returns undefined if the beginning does not show what the
 * text encodes.
 *
 * @param from the smallest index that the result may contain. The caller has already released the text before it
 * @param start the index at which the base64 begins
 */
export function encodedFrom(text: string, from: number, start: number, to: number, base64: Base64Search): Encoded | undefined {
  if (to - start < SHORTEST_BEGINNING) return undefined;
  const all = withoutGaps(text.slice(start, to));
  const place = placeOfHandle(all);
  if (place !== undefined) {
    // Pieces of another handle may precede the handle.
    const ahead = bytesOf(withoutPadding(all.slice(phaseOfHandle(all), place)));
    if (base64.hasPieces(latin1Of(ahead))) return { handleIndex: from };
    const { from: places } = rewritten(mapped(text, start, to), gapsOf(text.slice(start, to)), () => '');
    return { handleIndex: Math.max(from, places[place] ?? from) };
  }
  const digits = withoutPadding(all);
  if (digits.length < SHORTEST_PIECE) return undefined;
  if (beginningOfText(digits) !== undefined) return textFrom(text, from, start, to, base64);
  const mayBeCompressed = kindOf(digits) === 'compressed' && to - start >= SHORTEST_ENCODED;
  return mayBeCompressed ? { mayContainPieces: true } : undefined;
}

/**
 * Tells whether base64 of text encodes a handle, or pieces of handles. The base64 may have lost its beginning, and a word
 * after it may look like its end. Returns undefined if the content is not text, or only a part of it is.
 */
function textFrom(
  text: string,
  from: number,
  start: number,
  to: number,
  base64: Base64Search,
  isBeginning = beginsAt(text, start, text.slice(start, to)),
): Encoded | undefined {
  const raw = text.slice(start, to);
  const all = withoutPadding(withoutGaps(raw));
  const beginning = beginningOfText(all);
  if (beginning === undefined) return undefined;
  const bytes = fromCharacter(bytesOf(all.slice(beginning)));
  const content = contentOf(bytes);
  const isText = content.type === 'text';
  // The headers of a message may be readable, and its body compressed.
  if (!isText && hasCompressedData(latin1Of(bytes))) return { mayContainPieces: true };
  const decoded = isText ? content.text : latin1Of(bytes).replace(CONTROL, '!');
  if (BEGINNING.test(decoded) || encodesHandle(decoded, 1)) return { handleIndex: from };
  const mayContinue = base64.mayContinue(to);
  const mayWait = mayContinue && to - start < LONGEST_TEXT;
  // A single line waits for the text after it.
  if (mayWait && to === text.length && !LINES.test(raw)) return { isCutText: true };
  // If base64 begins at `start`, the first word is whole, and gets a line break before it. Otherwise, the first word
  // may be cut, and is left out.
  const whole = isBeginning && beginning === 0 ? `\n${decoded}` : decoded.replace(CUT_BEGINNING, '');
  if (base64.hasPieces(mayContinue ? whole.replace(CUT_END, '') : whole)) return { mayContainPieces: true };
  // Several lines wait only if the last word may begin a piece that ends in the next line.
  if (mayWait && CUT_END.test(whole)) return { isCutText: true };
  // Binary data may begin like UTF-16. UTF-8 begins with neither of these bytes.
  if (isText && (bytes[0] === 0xff || bytes[1] === 0) && hasStrings(all, isBeginning)) return { mayContainPieces: true };
  return isText ? {} : undefined;
}

/** Returns how many of the first digits to skip (0 to 3), so that the rest encodes text. Undefined if no number fits. */
function beginningOfText(digits: string): number | undefined {
  return [0, 1, 2, 3].find((count) => digits.length - count >= SHORTEST_PIECE && kindOf(digits.slice(count)) === 'text');
}

/** Returns base64 without line breaks and other foreign characters. */
export function withoutGaps(text: string): string {
  return ONLY_DIGITS.test(text) ? text : text.replace(gapsOf(text), '');
}

/** In a patch, every added line begins with a `+`. If a line does not, the text is no patch, and each `+` is a digit. */
function gapsOf(text: string): RegExp {
  return LINE_WITHOUT_PLUS.test(text) ? GAPS : PATCH_GAPS;
}

function withoutPadding(digits: string): string {
  return digits.replace(/=.*/s, '');
}

/**
 * Matches the first word of a decoded text. If the text was cut within the word, the rest of the word may look like a
 * piece. More than 40 characters are hardly a word.
 */
const CUT_BEGINNING = /^[A-Za-z0-9_.-]{1,40}(?![A-Za-z0-9_.-])/;
/** Matches the last word of a decoded text, which may also be cut. */
const CUT_END = /(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]{1,40}$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: text does not contain these characters.
const CONTROL = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/g;

/** Removes the rest of a cut UTF-8 character from the beginning of bytes. */
function fromCharacter(bytes: Uint8Array): Uint8Array {
  const count = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return count > 0 && count <= 3 ? bytes.subarray(count) : bytes;
}

/** Tells by the first digits what base64 encodes: text, data that may be compressed, or other binary data. */
function kindOf(digits: string): 'text' | 'compressed' | 'binary' {
  const beginning = bytesOf(digits.slice(0, ENOUGH_DIGITS));
  const { type } = contentOf(fromCharacter(beginning));
  if (type === 'text') return type;
  return type === 'binary' && !isZlib(beginning) ? type : 'compressed';
}

/**
 * Tells whether binary data may contain pieces of handles. Images and fonts contain no pieces. They are not searched,
 * because the tables of a JPEG look like a piece.
 */
function hasStrings(digits: string, isWhole: boolean): boolean {
  return !isMedium(bytesOf(digits.slice(0, ENOUGH_DIGITS))) && hasCiphertextInBytes(digits, isWhole);
}

/** Tells whether bytes begin as zlib data with any window and without a dictionary (RFC 1950 §2.2). */
function isZlib([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x8f) === 8 && (flags & 0x20) === 0 && (method * 256 + flags) % 31 === 0;
}
