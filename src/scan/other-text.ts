/**
 * Recognizes text that looks like the ciphertext of a handle, but is something else: standard base64, base64url of
 * text, or a token of another program. Such text may still encode a handle, so this module decodes it.
 */
import { bytesOf, contentOf, findBase64, LONGEST_LINE, latin1Of, phaseOfHandle, placeOfHandle } from './base64.ts';
import { HANDLE_PREFIX, START } from './find.ts';
import { mapped, rewritten } from './mapped.ts';
import { SHORTEST_JUDGED } from './pieces/ciphertext.ts';
import { hasCompressedData } from './reported/binary.ts';

/** Text that is not a handle. */
export interface OtherText {
  readonly end: number;
  /** The index at which an encoded handle begins. Undefined if the text encodes no handle. */
  readonly handleIndex?: number;
  /** True if the text may be compressed data, or if it encodes text that may contain pieces of handles. */
  readonly mayContainPieces?: boolean;
  /** True if the text is one line that encodes other text, and the line may continue. */
  readonly isCutText?: boolean;
}

/** The state of the search for encoded handles. */
export interface Base64Search {
  /** The lines of base64 before this index encode no handle. They are not examined again. */
  end: number;
  /** Words before this index are not base64. A long series of words between slashes was judged as a whole. */
  wordsEnd: number;
  /** Tells whether base64 that ends at an index may continue in text that has not arrived yet. */
  readonly mayContinue: (to: number) => boolean;
  /** Tells whether decoded text may contain pieces of handles. */
  readonly hasPieces: (content: string) => boolean;
}

/** The length of the shortest signature of RFC 7518 in base64url: HMAC with SHA-256. The tag of a handle is shorter. */
const SHORTEST_SIGNATURE = 43;

/** A word may belong to base64 that begins up to this many characters before the word. */
export const BACK = 400;

/**
 * Matches a line break within base64, as in MIME and PEM. The line break may be an escape. The next line may be quoted
 * or indented.
 */
const LINE = String.raw`(?:[ \t]*\r?\n[ \t>+]*|(?:\\{1,4}[rn])+)`;

const GAPS = new RegExp(`${LINE}|[^A-Za-z0-9+/=_-]`, 'g');
const BEHIND = new RegExp(`(?:[A-Za-z0-9+/]|${LINE}(?=[A-Za-z0-9+/]))*(?:={0,2}(?!=?\\r?\\n[ \\t>+]*(?:[A-Za-z0-9_.]|-(?!-))))?`, 'y');

/** Matches the prefix of a digest in Subresource Integrity and in lock files. */
const INTEGRITY = /^sha(?:1|224|256|384|512)-/;

/** The smallest number of digits that can encode a handle. */
const SHORTEST_ENCODED = 120;
/** The smallest number of digits that can encode a piece that is long enough to be judged. */
const SHORTEST_PIECE = 32;

/** The result for a text between slashes that is longer than this also holds for the words in its first half. */
const LONG_WORDS = 1_024;

/**
 * A line of base64 that encodes text is held back until it ends, up to this many characters. Only the whole text shows
 * whether pieces of a handle are in it.
 */
const LONGEST_TEXT = 65_536;

/** The number of digits that show what base64 contains. */
const ENOUGH_DIGITS = 24;

const DIGIT = /[A-Za-z0-9+/_-]/;
const ONLY_DIGITS = /^[A-Za-z0-9+/_-]*$/;

/** The smallest number of digits that encode the beginning of a handle. The next line may encode the rest. */
const SHORTEST_BEGINNING = 20;

/** How many levels of base64 within base64 are searched. */
const MOST_LEVELS = 4;

/**
 * Recognizes text that is not a piece of a handle: a word, or longer text that contains the word. Returns undefined if
 * the word may belong to a handle.
 *
 * @param isAfterPiece whether pieces of a handle stand shortly before the word. Then a single `+` or `=` does not prove
 *   that the word is something else
 * @param base64 what is known about the text before the word. The function updates it
 */
export function otherTextAt(text: string, from: number, to: number, isAfterPiece: boolean, base64: Base64Search): OtherText | undefined {
  const word = text.slice(from, to);
  // A short piece of ciphertext may look like encoded text by chance.
  if (word.length >= SHORTEST_JUDGED && isToken(word)) {
    if (to <= base64.end) return { end: to };
    // The word may be one of many lines of base64.
    const end = endOfLines(text, to);
    const encoded = encodedIn(text, from, end, base64);
    const isFound = encoded.handleIndex !== undefined || encoded.mayContainPieces === true;
    if (!isFound) base64.end = end;
    return { end: isFound ? end : to, ...encoded };
  }
  const end = endOfBase64(text, to, word.replace(INTEGRITY, ''), isAfterPiece, base64);
  if (end === undefined) return undefined;
  const encoded = encodedIn(text, from, end, base64);
  return encoded.handleIndex === undefined ? { end, ...encoded } : { ...encoded, end: endOfLines(text, to) };
}

/**
 * Returns the index at which the base64 around an index ends. Its lines are equally long, but the last line may be
 * shorter. Every line ends with a line break, padding, a quotation mark, an escape, markup, or the end of the text.
 */
function endOfLines(text: string, from: number): number {
  let end = endOf(DIGITS, text, from);
  if (endOf(LINE_BREAK, text, end) === end) return end;
  const width = end - startOfLine(text, from);
  while (width <= LONGEST_LINE) {
    const next = endOf(LINE_BREAK, text, end);
    const to = endOf(DIGITS, text, next);
    if (next === end || to === next || to - next > width || !/^(?:[=\r\n"'\\<&]|$)/.test(text.charAt(to))) break;
    end = to;
    if (to - next < width) break;
  }
  return end;
}

/** Returns the index at which the line of base64 around an index begins. */
function startOfLine(text: string, from: number): number {
  const [, digits = ''] =
    /(?:^|\\{1,4}[rn]|[^A-Za-z0-9+/_-])([A-Za-z0-9+/_-]*)$/.exec(text.slice(Math.max(0, from - LONGEST_LINE - 2), from)) ?? [];
  return from - digits.length;
}

const DIGITS = /[A-Za-z0-9+/_-]*/y;
const LINE_BREAK = new RegExp(LINE, 'y');
const LINES = new RegExp(LINE);

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return from + (pattern.exec(text)?.[0].length ?? 0);
}

type Found = Omit<OtherText, 'end'>;

/**
 * Tells whether text encodes a handle, or pieces of handles. The previous line may end with a word that looks like a
 * line of this base64. So the text is also tried without the previous lines.
 */
function encodedIn(text: string, from: number, to: number, base64: Base64Search): Found {
  const joined = before(text, from);
  const own = joined.split(LINES).at(-1) ?? '';
  const found = encodedFrom(text, from, from - joined.length, to, base64);
  const isFound = found.handleIndex !== undefined || found.mayContainPieces === true;
  return isFound || own === joined ? found : encodedFrom(text, from, from - own.length, to, base64);
}

/**
 * Tells whether text encodes a handle, or pieces of handles.
 *
 * @param from the smallest index that the result may contain. The caller has already released the text before it
 * @param start the index at which the base64 begins
 */
function encodedFrom(text: string, from: number, start: number, to: number, base64: Base64Search): Found {
  if (to - start < SHORTEST_BEGINNING) return {};
  const raw = text.slice(start, to);
  const all = ONLY_DIGITS.test(raw) ? raw : raw.replace(GAPS, '');
  const place = placeOfHandle(all);
  if (place !== undefined) {
    // Pieces of another handle may precede the handle.
    const ahead = bytesOf(all.slice(phaseOfHandle(all), place).replace(/=.*/s, ''));
    if (base64.hasPieces(latin1Of(ahead))) return { handleIndex: from };
    const { from: places } = rewritten(mapped(text, start, to), GAPS, () => '');
    return { handleIndex: Math.max(from, places[place] ?? from) };
  }
  const isCut = start === 0 || DIGIT.test(text.charAt(start - 1));
  const digits = (isCut ? fromWholeByte(all) : all).replace(/=.*/s, '');
  if (digits.length < SHORTEST_PIECE) return {};
  const kind = kindOf(digits);
  if (kind !== 'text') return kind === 'compressed' && to - start >= SHORTEST_ENCODED ? { mayContainPieces: true } : {};
  const bytes = bytesOf(digits);
  const content = contentOf(bytes);
  // The headers of a message may be readable, and its body compressed.
  if (content.type !== 'text') return hasCompressedData(latin1Of(bytes)) ? { mayContainPieces: true } : {};
  if (BEGINNING.test(content.text) || encodesHandle(content.text, 1)) return { handleIndex: from };
  // Several lines are judged at once, because the next lines are judged together with the last of them.
  if (base64.mayContinue(to) && to - start < LONGEST_TEXT && !LINES.test(raw)) return { isCutText: true };
  return base64.hasPieces(content.text) ? { mayContainPieces: true } : {};
}

/** Returns digits without the first ones, up to the digit at which encoded text begins. The base64 may have lost its beginning. */
function fromWholeByte(digits: string): string {
  const phase = [0, 1, 2, 3].find((count) => kindOf(digits.slice(count)) === 'text') ?? 0;
  return digits.slice(phase);
}

/** Tells by the first digits what base64 encodes: text, data that may be compressed, or other binary data. */
function kindOf(digits: string): 'text' | 'compressed' | 'binary' {
  const beginning = bytesOf(digits.slice(0, ENOUGH_DIGITS));
  const { type } = contentOf(beginning);
  if (type === 'text') return type;
  return type === 'binary' && !isZlib(beginning) ? type : 'compressed';
}

/**
 * Tells whether some digits are complete standard base64 of binary data, and no handle is in this data. In such digits,
 * {@link otherTextAt} finds nothing.
 *
 * @param word the part of the digits that {@link otherTextAt} would get
 */
export function isBinaryBase64(digits: string, word: string): boolean {
  const isComplete = digits.length % 4 === 0 && /[+=]/.test(digits);
  const isTextItself = word.length >= SHORTEST_JUDGED && isText(word);
  return isComplete && !isTextItself && placeOfHandle(digits) === undefined && kindOf(digits) === 'binary';
}

/** Tells whether bytes begin as zlib data with any window and without a dictionary (RFC 1950 §2.2). */
function isZlib([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x8f) === 8 && (flags & 0x20) === 0 && (method * 256 + flags) % 31 === 0;
}

/** Matches the beginning of a handle, or its first three characters as numeric escapes. */
const BEGINNING = new RegExp(
  `${START}|${[...START.slice(0, 3)]
    .map((character) => {
      const code = character.charCodeAt(0);
      const hexadecimal = code.toString(16);
      return `(?:%(?:25){0,8}${hexadecimal}|=${hexadecimal}|\\\\{1,16}(?:u00|x)${hexadecimal}|&#(?:0{0,4}${code}|x0{0,4}${hexadecimal});)`;
    })
    .join('')}`,
  'i',
);

/**
 * Tells whether a text contains base64 that encodes a handle, directly or in further base64.
 *
 * @param depth how many levels of base64 surround the text
 */
function encodesHandle(text: string, depth: number): boolean {
  if (depth >= MOST_LEVELS) return false;
  for (let run = findBase64(text, 0); run !== undefined; run = findBase64(text, run.end)) {
    if (placeOfHandle(run.digits) !== undefined) return true;
    const content = contentOf(bytesOf(run.digits));
    if (content.type === 'text' && (BEGINNING.test(content.text) || encodesHandle(content.text, depth + 1))) return true;
  }
  return false;
}

/** Tells whether a word may belong to standard base64. Only the characters around a word can prove that it does. */
export function mayBeBase64(word: string): boolean {
  return !/[-_.]/.test(word.replace(INTEGRITY, ''));
}

/** Tells whether a text is a JWE with a readable header that is not the header of a handle. */
export function isForeignToken(text: string): boolean {
  return text.split('.').length === 5 && isToken(text);
}

/**
 * Tells whether the first part of a JWE is the readable header of another token. A handle's header with one or two
 * changed characters is not such a header.
 */
export function isForeignHeader(segment: string): boolean {
  const header = textOf(segment);
  // If a log lost a line of a handle, the rest of its header is not JSON. Such a header is not foreign.
  return header?.startsWith('{') === true && isObject(header) && !isOfHandle(header);
}

/** The beginning of a handle's header. */
const HEADER = atob(HANDLE_PREFIX);
/** The text after the value of `kid` in a handle's header. */
const TYPE = '","typ":"handle"';

/**
 * How many characters another header may have in common with {@link TYPE}, at the same positions. A header with the
 * type `JWT` has 9 such characters.
 */
const MOST_ALIKE = 11;

function isOfHandle(header: string): boolean {
  // If a line of the header is lost, only the end of the type may be left.
  if (header.includes('handle"')) return true;
  if (!header.startsWith(HEADER)) return false;
  const rest = header.slice(header.indexOf('"', HEADER.length));
  const alike = [...TYPE].filter((character, at) => character === rest.charAt(at)).length;
  return alike > MOST_ALIKE;
}

function isObject(header: string): boolean {
  try {
    return typeof JSON.parse(header) === 'object';
  } catch {
    return false;
  }
}

/** Tells whether a word is base64url of text, or a JWS or JWE that is not a handle. */
function isToken(word: string): boolean {
  const segments = word.split('.');
  const [first = '', second = '', third = ''] = segments;
  if (segments.length === 1) return isText(first);
  if (!isForeignHeader(first)) return false;
  // The payload or the signature of a JWS may be empty (RFC 7515 §7.1). A JWE has five parts (RFC 7516 §7.1).
  if (segments.length === 3) return (second === '' || isText(second)) && (third === '' || third.length >= SHORTEST_SIGNATURE);
  return segments.length === 5 && ENC.test(textOf(first) ?? '');
}

/**
 * Matches the content encryption of a JWE (RFC 7518 §5.1, and the drafts for ChaCha20). A handle's header that lost a
 * line does not match.
 */
const ENC = /"enc"\s*:\s*"(?:A(?:128|192|256)(?:GCM|CBC-HS(?:256|384|512))|X?C20P)"/;

function isText(segment: string): boolean {
  return textOf(segment) !== undefined;
}

/**
 * Returns the text that base64url encodes. Undefined for other content. Of a million series of 18 random bytes, about
 * one passes for text.
 */
function textOf(segment: string): string | undefined {
  // Such a length is invalid. `atob` would throw, which takes long.
  if (segment.length % 4 === 1 || !/^[A-Za-z0-9_-]+$/.test(segment)) return undefined;
  try {
    const text = atob(segment.replace(/-/g, '+').replace(/_/g, '/'));
    if (/^[\t\n\r -~]*$/.test(text)) return text;
    return /^[\t\n\r\u0020-\u007e\u0080-\u00ff]*$/.test(text) && !isBinary(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function isBinary(bytes: string): boolean {
  try {
    UTF_8.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
    return false;
  } catch {
    return true;
  }
}

/**
 * Returns the index at which the standard base64 around a word ends. Undefined unless `+`, `/` or padding proves that
 * the word belongs to base64.
 */
function endOfBase64(text: string, to: number, word: string, isAfterPiece: boolean, base64: Base64Search): number | undefined {
  if (to <= base64.wordsEnd || !mayBeBase64(word)) return undefined;
  const behind = text.slice(to, endOf(BEHIND, text, to));
  const around = `${before(text, to - word.length)}${behind}`.replace(GAPS, '').replace(/[_-]/g, '');
  if (!/[+/=]/.test(around)) return undefined;
  const length = around.length + word.length;
  const isComplete = !isAfterPiece && length % 4 === 0 && /[+=]/.test(around);
  if (isComplete || isRandom(around)) return to + behind.length;
  // Judging all the rest again at each word would take quadratic time.
  if (behind.length > LONG_WORDS) base64.wordsEnd = to + behind.length / 2;
  return undefined;
}

/** Returns the beginning of the base64 around an index, up to the index. */
function before(text: string, place: number): string {
  let at = place;
  while (at > 0 && place - at < BACK) {
    // A `+` at the beginning of a line may mark a line that a patch adds.
    if (text.charAt(at - 1) === '+' && /\n[ \t>]*\+*$/.test(text.slice(Math.max(0, at - 16), at))) break;
    if (/[A-Za-z0-9+/]/.test(text.charAt(at - 1)) && !(text.charAt(at - 2) === '\\' && /[rn]/.test(text.charAt(at - 1)))) at -= 1;
    else {
      const gap = /(?:\r?\n[ \t>]*|(?:\\{1,4}[rn])+)$/.exec(text.slice(Math.max(0, at - 16), at))?.[0].length ?? 0;
      if (gap === 0) break;
      at -= gap;
    }
  }
  return text.slice(at, place);
}

/** Tells whether a text consists of random digits. Otherwise the text is a path: words between slashes. */
function isRandom(text: string): boolean {
  const words = text.match(/(?<![A-Za-z0-9])(?:[A-Z]?[a-z]{3,}|[A-Z]{4,}|\d{4,})(?![A-Za-z0-9])/g) ?? [];
  return text.length >= 24 && words.join('').length * 4 < text.length && /[a-z]/.test(text) && /[A-Z]/.test(text);
}
