/**
 * Recognizes text that looks like ciphertext, but is something else: tokens of other programs (JWS), and base64. Such
 * text is harmless if nothing in it may belong to a handle. `../../other-text.ts` makes the same decisions, and more.
 */
import {
  endOfDigits,
  hasCiphertextInBytes,
  isBinary,
  isMedium,
  mayBeCompressed,
  mayBeText,
  mayEncodeHandle,
  startOfDigits,
} from './base64';
import {
  AFTER_BASE64,
  BACKSLASH,
  BEFORE_BASE64,
  DIGIT,
  EQUALS,
  HYPHEN,
  LONG,
  NONE,
  PLUS,
  QUOTE,
  SLASH,
  UNKNOWN,
  WORD_BYTE,
  endOfWord,
  is,
  startOfWord,
} from './bytes';
import { areLikeCiphertext, areSuspect } from './ciphertext';
import { endOfJoined, endOfPadding, joinLines, JOINED_LINES } from './lines';
import { hasBeginning, isBeginning } from './short-words';
import { DECODED, isHarmlessText, LONGEST } from './text';
import { isHarmlessToken } from './tokens';

/** The shortest base64 in which the redactor looks for text, in digits. */
const SHORTEST_TEXT: usize = 32;
/** The shortest base64 in which the redactor looks for compressed data, in digits and padding. */
const SHORTEST_COMPRESSED: usize = 120;
/** The redactor looks for the beginning of base64 in this many characters before a word. */
const BACK: usize = 400;

/** A quotation mark after base64 may be escaped, and the escape may be escaped again. */
const MOST_BACKSLASHES: usize = 4;

/** The first three characters of the prefix of a digest (`sha512-`), the first in the lowest byte. */
const SHA: u32 = 0x616873;
/** The longest prefix of a digest, in bytes without the hyphen. */
const LONGEST_INTEGRITY: usize = 6;

const UNDERSCORE: u8 = 0x5f;

let first: usize = 0;
let last: usize = 0;
/** The end of the base64 that was judged last, after its padding. */
let judged: usize = 0;
/** Whether this base64 is harmless, or its end has not arrived yet. */
let isJudgedHarmless: bool = false;
/** Where base64 begins whose end has not arrived yet. `NONE` if all base64 is complete. */
export let unfinished: usize = 0;

/** Begins a search. The log stands between `start` and `end`. */
export function beginOtherText(start: usize, end: usize): void {
  first = start;
  last = end;
  judged = unfinished = NONE;
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

/** Tells whether the word before a place is a harmless token, or belongs to harmless base64. */
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
  isJudgedHarmless = isAfterSign(start) ? judgeLine(start, digitsEnd) : judgeLines(start);
}

function judgeLine(start: usize, digitsEnd: usize): bool {
  if (judged >= last && judged - start < LONGEST) unfinished = start;
  return unfinished != NONE || (isBeforeSign(judged) && isHarmlessBase64(start, digitsEnd, judged));
}

function judgeLines(start: usize): bool {
  const end = joinLines(start, first, last, LONGEST);
  if (end == UNKNOWN) unfinished = start;
  if (end == UNKNOWN || end == NONE) return end == UNKNOWN;
  judged = end;
  return isHarmlessBase64(JOINED_LINES, endOfJoined, endOfPadding);
}

/** Returns the place after the prefix of a digest, such as `sha512-` in a lock file. */
function afterIntegrity(start: usize): usize {
  if ((load<u32>(start) & 0xffffff) != SHA) return start;
  let at = start + 3;
  while (is(at, DIGIT)) at += 1;
  return load<u8>(at) == HYPHEN && at - start <= LONGEST_INTEGRITY ? at + 1 : start;
}

/** Tells whether the character before base64 shows that it begins here. Otherwise it may begin on an earlier line. */
function isAfterSign(start: usize): bool {
  let before = start - 1;
  if (load<u8>(before) == HYPHEN) while (before > first && is(before, WORD_BYTE)) before -= 1;
  return start > first && is(before, BEFORE_BASE64);
}

/** Tells whether the characters after base64 show that it ends here. Otherwise it may continue on the next line. */
function isBeforeSign(end: usize): bool {
  let after = end;
  while (after - end < MOST_BACKSLASHES && load<u8>(after) == BACKSLASH) after += 1;
  return after == end ? is(end, AFTER_BASE64) : load<u8>(after) == QUOTE;
}

/** @param end the end of the base64. Between `digitsEnd` and `end` is padding */
function isHarmlessBase64(start: usize, digitsEnd: usize, end: usize): bool {
  const word = firstWord(start, digitsEnd);
  // A handle may begin in the last digits, and continue after the base64.
  if ((word == NONE && end - start > BACK) || hasBeginning(max(start, digitsEnd - 16), digitsEnd)) return false;
  const isOneWord = word == start && endOfWord(start, digitsEnd) == digitsEnd;
  const isComplete = (end - start) % 4 == 0 && (end > digitsEnd || has(start, digitsEnd, PLUS)) && !isUrlSafe(start, digitsEnd);
  if (!isOneWord && !isComplete) return false;
  if (digitsEnd - start >= SHORTEST_TEXT && isHarmlessText(start, digitsEnd)) return true;
  if (!isComplete || (word != NONE && mayBeText(word, digitsEnd, DECODED)) || mayEncodeHandle(start, digitsEnd)) return false;
  if (!isBinary(start, digitsEnd, DECODED) || (end - start >= SHORTEST_COMPRESSED && mayBeCompressed(DECODED))) return false;
  return isMedium(DECODED) || !hasStrings(start, digitsEnd);
}

/** Tells whether binary data may contain a piece of a handle. After a path, each of four digits may begin a byte. */
function hasStrings(start: usize, end: usize): bool {
  const tries: usize = mayBePath(start, end) ? 4 : 1;
  for (let skip: usize = 0; skip < tries; skip += 1) if (hasCiphertextInBytes(start + skip, end, DECODED)) return true;
  return false;
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

function isUrlSafe(from: usize, to: usize): bool {
  return has(from, to, HYPHEN) || has(from, to, UNDERSCORE);
}

function has(from: usize, to: usize, byte: u8): bool {
  for (let at = from; at < to; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(byte)));
    if (found != 0 && at + <usize>ctz(found) < to) return true;
  }
  return false;
}
