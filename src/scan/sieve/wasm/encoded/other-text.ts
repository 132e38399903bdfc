/**
 * Recognizes text that looks like ciphertext, but is something else: tokens of other programs (JWS), and base64. Such
 * text is harmless if nothing in it may belong to a handle. `../../../other-text.ts` makes the same decisions, and more.
 */
import { endOfDigits, mayEncodeHandle, startOfDigits } from './base64';
import { isBinary, isMedium, isShortBinary, mayBeCompressed, SHORTEST_TEXT } from './binary';
import {
  AFTER_BASE64,
  BACKSLASH,
  BEFORE_BASE64,
  EQUALS,
  HYPHEN,
  LONG,
  NONE,
  PIECE,
  PLUS,
  QUOTE,
  SLASH,
  UNKNOWN,
  endOfWord,
  is,
  startOfWord,
} from '../bytes';
import { areLikeCiphertext, areSuspect } from '../ciphertext';
import { ahead, endOfJoined, endOfPadding, firstLineBefore, hasPlus, joinLines, JOINED_LINES, lastWidth, width } from './lines';
import { areRandom, MOST_BEHIND } from './random';
import { areHarmlessRows } from './rows';
import { hasBeginning, isBeginning, isStart } from '../short-words';
import { DECODED, isHarmlessText, LONGEST } from './text';
import { hasCiphertextInBytes, mayHaveCiphertextInBytes } from './strings';
import { isHarmlessToken } from './tokens';

/** The shortest base64 in which the redactor looks for compressed data, in digits and padding. */
const SHORTEST_COMPRESSED: usize = 120;
/** The redactor also counts the line breaks and the indentation of base64 in lines. */
const SHORTEST_COMPRESSED_IN_LINES: usize = 60;
/** The redactor looks for the beginning of base64 in this many characters before a word. */
const BACK: usize = 400;

/** A quotation mark after base64 may be escaped, and the escape may be escaped again. */
const MOST_BACKSLASHES: usize = 4;

/** The first characters of the prefix of a digest (`sha512-`), and the characters after them. */
const SHA: u32 = 0x616873;
const SHA_1: u16 = 0x2d31;
const SHA_224: u32 = 0x2d343232;
const SHA_256: u32 = 0x2d363532;
const SHA_384: u32 = 0x2d343833;
const SHA_512: u32 = 0x2d323135;

const UNDERSCORE: u8 = 0x5f;

let first: usize = 0;
let last: usize = 0;
/** The end of the base64 that was judged last, after its padding. */
let judged: usize = 0;
/** Whether this base64 is harmless, or its end has not arrived yet. */
let isJudgedHarmless: bool = false;
/** The end of the last word whose line could not be joined to others. Joining such lines again would take long. */
let notJoined: usize = 0;
/** Where base64 begins whose end has not arrived yet. `NONE` if all base64 is complete. */
export let unfinished: usize = 0;

/** Begins a search. The log stands between `start` and `end`. */
export function beginOtherText(start: usize, end: usize): void {
  first = start;
  last = end;
  judged = unfinished = notJoined = NONE;
  isJudgedHarmless = false;
}

/** Tells whether a word belongs to the harmless base64 that was judged last. */
export function isInHarmless(end: usize): bool {
  return isJudgedHarmless && end <= judged;
}

/** Returns the end of the base64 that was judged last, if it is harmless. Otherwise returns `NONE`. */
export function endOfHarmless(): usize {
  return isJudgedHarmless && unfinished == NONE ? judged : NONE;
}

/**
 * Tells whether the word before a place is a harmless token, or belongs to harmless base64. Base64 whose end has not
 * arrived counts as harmless: see `unfinished`.
 */
export function isHarmless(end: usize): bool {
  if (end <= judged) return isJudgedHarmless;
  const start = startOfWord(end, first);
  if (isBeginning(start) && isHarmlessToken(start, end)) return true;
  judgeBase64(end);
  return isJudgedHarmless;
}

/** Judges the base64 around a word. Base64 that is cut or too long does not count as harmless. */
function judgeBase64(wordEnd: usize): void {
  const start = afterIntegrity(startOfDigits(wordEnd, wordEnd - first < LONGEST ? first : wordEnd - LONGEST));
  const digitsEnd = endOfDigits(wordEnd, min(last, wordEnd + LONGEST));
  judged = digitsEnd;
  while (judged - digitsEnd < 2 && load<u8>(judged) == EQUALS) judged += 1;
  isJudgedHarmless = isAfterSign(start) ? judgeLine(start, digitsEnd) : judgeLines(start, wordEnd);
}

function judgeLine(start: usize, digitsEnd: usize): bool {
  let after = judged;
  while (after - judged < MOST_BACKSLASHES && load<u8>(after) == BACKSLASH) after += 1;
  if (after >= last && judged - start < LONGEST) unfinished = start;
  return unfinished != NONE || (isBeforeSign(judged, after) && isHarmlessBase64(start, digitsEnd, digitsEnd, judged));
}

function judgeLines(lineStart: usize, wordEnd: usize): bool {
  if (lineStart < notJoined) return false;
  // The lines before this one had no word to judge, or the search began after them.
  const start = firstLineBefore(lineStart, max(first, notJoined));
  const end = joinLines(start, first, last, LONGEST);
  if (end == UNKNOWN) unfinished = start;
  if (end == UNKNOWN || end < wordEnd) {
    notJoined = wordEnd;
    return end == UNKNOWN;
  }
  judged = end;
  return isHarmlessBase64(JOINED_LINES, JOINED_LINES + width, endOfJoined, endOfPadding);
}

/** Returns the place after the prefix of a digest, such as `sha512-` in a lock file. */
function afterIntegrity(start: usize): usize {
  if ((load<u32>(start) & 0xffffff) != SHA) return start;
  if (load<u16>(start, 3) == SHA_1) return start + 5;
  const length = load<u32>(start, 3);
  return length == SHA_224 || length == SHA_256 || length == SHA_384 || length == SHA_512 ? start + 7 : start;
}

/** Tells whether the character before base64 shows that it begins here. Otherwise it may begin on an earlier line. */
function isAfterSign(start: usize): bool {
  let before = start - 1;
  // Only the prefix of a digest ends with a hyphen here.
  if (load<u8>(before) == HYPHEN) before = startOfDigits(before, first) - 1;
  return start > first && is(before, BEFORE_BASE64);
}

/**
 * Tells whether the characters after base64 show that it ends here. Otherwise it may continue on the next line.
 *
 * @param after the place after the backslashes that follow the base64
 */
function isBeforeSign(end: usize, after: usize): bool {
  return after == end ? is(end, AFTER_BASE64) : load<u8>(after) == QUOTE;
}

/**
 * @param firstEnd the end of the first line
 * @param end the end of the base64. Between `digitsEnd` and `end` is padding
 */
function isHarmlessBase64(start: usize, firstEnd: usize, digitsEnd: usize, end: usize): bool {
  const isInLines = start == JOINED_LINES;
  // A handle may begin in the last digits, and continue after the base64.
  if (mayBeginHandle(max(start, digitsEnd - 16), digitsEnd)) return false;
  const isComplete = (end - start) % 4 == 0 && (end > digitsEnd || hasEither(start, digitsEnd, PLUS, PLUS)) && !isUrlSafe(start, digitsEnd);
  // Most digests and keys are judged here.
  if (isComplete && !isInLines && isShortBinary(start, digitsEnd)) return !mayEncodeHandle(start, digitsEnd);
  // The redactor does not count a plus at the beginning of a line, because it may be the mark of a patch. It then does not
  // count the lines before this line either.
  let isAfterPlus = isInLines && load<u8>(start) == PLUS;
  // At the first word that looks like ciphertext, the redactor decides what the base64 contains.
  let lineStart = start;
  let lineEnd = firstEnd;
  let word = firstWord(lineStart, lineEnd);
  while (word == NONE && lineEnd < digitsEnd && lineEnd - start < BACK) {
    lineStart = lineEnd;
    lineEnd = min(lineEnd + width, digitsEnd);
    isAfterPlus = isAfterPlus || load<u8>(lineStart) == PLUS;
    word = firstWord(lineStart, lineEnd);
  }
  if (word == NONE && (isInLines || end - start > BACK)) return false;
  const isOneWord = word == start && endOfWord(start, digitsEnd) == digitsEnd && (!isInLines || lastWidth >= PIECE);
  const others = isInLines ? ahead + <usize>isAfterPlus : 0;
  // If other characters may belong to the base64, or if too many digits follow, their number proves nothing.
  const isCounted = others == 0 && (word == NONE || digitsEnd - word <= MOST_BEHIND);
  const isProven = isComplete && (isCounted || areRandom(endOfWord(word, lineEnd), digitsEnd, word - start + others));
  if (!isOneWord && !isProven) return false;
  if (digitsEnd - start >= SHORTEST_TEXT && !(isInLines && hasPlus) && isHarmlessText(start, digitsEnd)) return true;
  if (!isProven || mayEncodeHandle(start, digitsEnd)) return false;
  const shortest = isInLines ? SHORTEST_COMPRESSED_IN_LINES : SHORTEST_COMPRESSED;
  // The redactor decodes the base64 from one of the lines up to the line of this word.
  for (let line = lineStart; ; line -= width) {
    if (mayBeTextFrom(line, word, min(line + (firstEnd - start), digitsEnd), digitsEnd) || !isBinary(line, digitsEnd, DECODED)) return false;
    if (end - start >= shortest && mayBeCompressed(DECODED)) return false;
    const hasMark = isInLines && load<u8>(line) == PLUS;
    // The redactor may count several plus signs as one mark.
    if (hasMark && load<u8>(line + 1) == PLUS) return false;
    if (hasMark && (!isBinary(line + 1, digitsEnd, DECODED) || mayBeCompressed(DECODED))) return false;
    if (line == start) break;
  }
  const isCertain = lineStart == start && !isAfterPlus;
  if (!(isCertain && isMedium(DECODED)) && hasStrings(start, digitsEnd, !isCertain)) return false;
  return !isInLines || areHarmlessRows(start, digitsEnd, width, digitsEnd - lastWidth, DECODED);
}

/** Tells whether a handle may begin between two places. Its beginning may be cut at `to`, or by a break. */
function mayBeginHandle(from: usize, to: usize): bool {
  if (!hasBeginning(from, to)) return false;
  for (let at = from; at + 2 < to; at += 1) if (isBeginning(at) && isStart(at, to)) return true;
  return false;
}

/**
 * Tells whether the digits from a word on may encode text. A path may precede this text. The word may be the first word
 * that looks like ciphertext, or one of the words before it.
 */
function mayBeTextFrom(start: usize, word: usize, lineEnd: usize, digitsEnd: usize): bool {
  for (let at = start; at < lineEnd; at += 1) {
    const end = endOfWord(at, lineEnd);
    // The redactor decodes from a word only if the word is long, or follows the slash of a path.
    const isDecoded = at > start && (end - at >= PIECE || load<u8>(at - 1) == SLASH);
    if (isDecoded && !isBinary(at, digitsEnd, DECODED)) return true;
    if (at == word) return false;
    at = end;
  }
  return false;
}

/**
 * Tells whether binary data may contain a piece of a handle. A path may precede the base64 of the data. After the prefix
 * of a digest, the redactor does not know where the base64 begins.
 */
function hasStrings(start: usize, end: usize, isUnsure: bool): bool {
  const isAfterPrefix = start != JOINED_LINES && load<u8>(start - 1) == HYPHEN;
  if (isUnsure || isAfterPrefix || mayBePath(start, end)) return mayHaveCiphertextInBytes(start, end, DECODED);
  return hasCiphertextInBytes(start, end, DECODED);
}

/** Tells whether digits may begin with a path: whether the text before the first slash is short or looks like words. */
function mayBePath(start: usize, end: usize): bool {
  let at = start;
  while (at < end && at - start < BACK && load<u8>(at) != SLASH) at += 1;
  return load<u8>(at) == SLASH && (at - start < LONG || !areSuspect(start, at));
}

/**
 * Returns the first word that looks like ciphertext. At this word, the redactor decides what the base64 contains.
 * Returns `NONE` if there is no such word.
 */
function firstWord(start: usize, end: usize): usize {
  for (let at = start; at < end && at - start < BACK; at += 1) {
    const from = at;
    at = endOfWord(at, end);
    if (areLikeCiphertext(from, at)) return from;
  }
  return NONE;
}

/** Tells whether digits contain a hyphen or an underscore, which only base64url has. */
function isUrlSafe(from: usize, to: usize): bool {
  return hasEither(from, to, HYPHEN, UNDERSCORE);
}

function hasEither(from: usize, to: usize, one: u8, other: u8): bool {
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at);
    const found = i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(one)), i8x16.eq(bytes, i8x16.splat(other))));
    if (found != 0 && at + <usize>ctz(found) < to) return true;
  }
  return false;
}
