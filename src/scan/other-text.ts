/**
 * Recognizes text that looks like the ciphertext of a handle, but is something else: standard base64, base64url of
 * text, or a token of another program. Such text may still encode a handle.
 */
import { LONGEST_LINE } from './base64.ts';
import { type Base64Search, type Encoded, encodedFrom, encodedIn, withoutGaps } from './encoded/encoded.ts';
import { before, DIGEST_NAME, LINE, LINES } from './encoded/lines.ts';
import { encodesHandle } from './encoded/nested.ts';
import { endOfWord, isSuspectPiece, SHORTEST_JUDGED } from './pieces/ciphertext.ts';
import { isText, isToken } from './tokens.ts';

/** Text that is not a handle. */
export interface OtherText extends Encoded {
  readonly end: number;
}

const [BEHIND, NEAR_BEHIND] = ['*', '{0,4096}'].map(
  (count) => new RegExp(`(?:[A-Za-z0-9+/]|${LINE}(?=[A-Za-z0-9+/]))${count}(?:={0,2}(?!=?\\r?\\n[ \\t>+]*(?:[A-Za-z0-9_.]|-(?!-))))?`, 'y'),
) as [RegExp, RegExp];

const INTEGRITY = new RegExp(`^${DIGEST_NAME}`);
const AFTER_INTEGRITY = new RegExp(`${DIGEST_NAME}$`);
const LONGEST_DIGEST_NAME = 7;

/** The lengths of nonces and digests in base64, with padding: 128 bits, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512. */
const DIGEST_LENGTHS = [24, 28, 40, 44, 64, 88];

/** The lengths of digests and keys that need padding: 16, 20, 32 and 64 bytes. */
const PADDED_LENGTHS = [24, 28, 44, 88];

/**
 * Recognizes text that is not a piece of a handle: a word, or longer text that contains the word. Returns undefined if
 * the word may belong to a handle.
 *
 * @param isAfterPiece whether pieces of a handle stand shortly before the word. Then a single `+` or `=` does not prove
 *   that the word is something else
 * @param base64 what is known about the text before the word. The function updates it
 */
export function otherTextAt(text: string, from: number, to: number, isAfterPiece: boolean, base64: Base64Search): OtherText | undefined {
  const start = from + (INTEGRITY.exec(text.slice(from, from + LONGEST_DIGEST_NAME))?.[0].length ?? 0);
  const word = text.slice(start, to);
  // A short piece of ciphertext may look like encoded text by chance.
  if (word.length >= SHORTEST_JUDGED && (isToken(word) || isRestOfText(text, from, word))) {
    if (to <= base64.end) return { end: to };
    if (word.includes('.')) return { end: to, ...partsOf(text, start, word, base64) };
    // The word may be one of many lines of base64.
    const end = endOfLines(text, to);
    const encoded = encodedIn(text, start, end, base64, true);
    const isFound = encoded.handleIndex !== undefined || encoded.mayContainPieces === true;
    if (!isFound) base64.end = end;
    return { end: isFound ? end : to, ...encoded };
  }
  const end = endOfBase64(text, to, word, isAfterPiece, base64);
  if (end === undefined) return undefined;
  const encoded = encodedIn(text, start, end, base64, false);
  return encoded.handleIndex === undefined ? { end, ...encoded } : { ...encoded, end: endOfLines(text, to) };
}

/** Tells whether a word is the rest of a long text in base64 whose beginning was released. */
function isRestOfText(text: string, from: number, word: string): boolean {
  if (!/[A-Za-z0-9_-]/.test(text.charAt(from - 1))) return false;
  return [1, 2, 3].some((count) => word.length - count >= SHORTEST_JUDGED && isText(word.slice(count)));
}

/**
 * Tells what the parts of another program's token encode. The payload of a JWS may contain pieces of handles. In other
 * parts, ids and random bytes look like pieces, so only a handle with its beginning counts there.
 */
function partsOf(text: string, from: number, token: string, base64: Base64Search): Encoded {
  const parts = token.split('.');
  const [header = '', payload = ''] = parts;
  const start = from + header.length + 1;
  const found = parts.length === 3 ? encodedFrom(text, start, start, start + payload.length, base64) : undefined;
  if (found?.handleIndex !== undefined || found?.mayContainPieces) return found;
  const others = found === undefined ? parts : [header];
  return others.some((part) => encodesHandle(part, 0)) ? { handleIndex: from } : (found ?? {});
}

/**
 * Returns the index at which the base64 around an index ends. Its lines are equally long, but the last line may be
 * shorter. Every line ends with a line break, padding, a quotation mark, an escape, markup, or the end of the text.
 */
function endOfLines(text: string, from: number): number {
  let end = endOf(DIGITS, text, from);
  if (endOf(LINE_BREAK, text, end) === end) return end;
  const start = startOfLine(text, from);
  // A plus sign at the beginning of each line marks the added lines of a patch.
  const isPatch = text.charAt(endOf(LINE_BREAK, text, end) - 1) === '+';
  const width = end - (isPatch ? endOf(PLUS_SIGNS, text, start) : start);
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

const PLUS_SIGNS = /\+*/y;

const LINE_BREAK = new RegExp(LINE, 'y');

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return from + (pattern.exec(text)?.[0].length ?? 0);
}

/** Tells whether a word may belong to standard base64. Only the characters around a word can prove that it does. */
export function mayBeBase64(word: string): boolean {
  return !/[-_.]/.test(word.replace(INTEGRITY, ''));
}

/**
 * Returns the index at which the standard base64 around a word ends. Undefined unless `+`, `/`, padding or the name of a
 * digest proves that the word belongs to base64.
 */
function endOfBase64(text: string, to: number, word: string, isAfterPiece: boolean, base64: Base64Search): number | undefined {
  if (to <= base64.wordsEnd || !mayBeBase64(word)) return undefined;
  // Judging all of a long text again at each of its words would take quadratic time.
  const behind = text.slice(to, endOf(NEAR_BEHIND, text, to));
  const ahead = before(text, to - word.length, false);
  const own = ahead.split(LINES).at(-1) ?? '';
  const digest = endOfDigest(text, to - word.length - own.length, to, isAfterPiece, base64);
  if (digest !== undefined) return digest;
  const isWhole = !/[A-Za-z0-9+/]/.test(text.charAt(to + behind.length));
  const around = [ahead, behind].map((part) => withoutGaps(part).replace(/[_-]/g, '')).join('');
  if (!/[+/=]/.test(around)) {
    base64.wordsEnd = to + behind.length;
    return undefined;
  }
  const length = around.length + word.length;
  // An equals sign at the end of the text may mark that the line continues.
  const isCertain = /[+/]/.test(around) || !base64.mayContinue(to + behind.length);
  const isComplete = isWhole && isCertain && !isAfterPiece && length % 4 === 0 && /[+=]/.test(around);
  return isComplete || isRandom(around) ? endOf(BEHIND, text, to) : undefined;
}

/**
 * Returns the index after a digest or a key in standard base64. Digits count as a digest or a key if they have the
 * right length, and also a name before them or padding after them. An equals sign at the end of a line may mark instead
 * that the line continues. So it does not count as padding if the next line begins like ciphertext.
 *
 * @param start the index at which the digits begin
 * @param to an index within the digits
 */
function endOfDigest(text: string, start: number, to: number, isAfterPiece: boolean, base64: Base64Search): number | undefined {
  const end = endOf(REST_OF_DIGEST, text, to);
  if (/[A-Za-z0-9+/_-]/.test(text.charAt(end))) return undefined;
  const isNamed = AFTER_INTEGRITY.test(text.slice(Math.max(0, start - LONGEST_DIGEST_NAME), start));
  if (isNamed) return DIGEST_LENGTHS.includes(end - start) ? end : undefined;
  if (isAfterPiece || text.charAt(end - 1) !== '=' || !PADDED_LENGTHS.includes(end - start)) return undefined;
  const next = endOf(LINE_BREAK, text, end);
  const stop = endOfWord(text, next);
  const isCut = stop === text.length && base64.mayContinue(stop);
  return isCut || isSuspectPiece(text, next, stop) ? undefined : end;
}

const REST_OF_DIGEST = /[A-Za-z0-9+/]{0,88}={0,2}/y;

/** Tells whether a text consists of random digits. Otherwise the text is a path: words between slashes. */
function isRandom(text: string): boolean {
  const words = text.match(/(?<![A-Za-z0-9])(?:[A-Z]?[a-z]{3,}|[A-Z]{4,}|\d{4,})(?![A-Za-z0-9])/g) ?? [];
  return text.length >= 24 && words.join('').length * 4 < text.length && /[a-z]/.test(text) && /[A-Z]/.test(text);
}
