/** Checks short words. If only breaks stand between them, they may be pieces of ciphertext. */
import { afterBreak, afterPlainBreaks, isLastWordBefore } from './breaks';
import { DIGIT, endOfWord, is, isIn, LONG, NONE, PIECE, WORD_BYTE, WORD_BYTES, UNKNOWN } from './bytes';
import { areLikeCiphertext } from './ciphertext';

/** This many characters of joined words suffice for a check. The redactor has the same bound. */
const ENOUGH: usize = 2 * PIECE;
/** The address of the first 16 characters of every handle. */
const START: usize = 83_768;
/** The address to which words are copied without the breaks between them. */
const JOINED: usize = 17_152 + 512;

/**
 * Checks a short word together with the short words after it, if only breaks stand between them.
 *
 * @returns the place up to which no word is suspicious. `UNKNOWN` if the words may be pieces of a handle, or if only
 *   the redactor can find the end of a break
 */
export function endOfWords(start: usize, end: usize, last: usize): usize {
  let count: usize = 0;
  let from = start;
  let at = end;
  let rest: usize = NONE;
  while (true) {
    // A piece that begins in this word or later may end after the joined words. So the next check begins at this word.
    if (rest == NONE && count >= PIECE) rest = from;
    for (let place = from; place < at; place += 16) v128.store(JOINED + count + (place - from), v128.load(place));
    count += at - from;
    if (hasBeginning(JOINED, JOINED + count)) return UNKNOWN;
    if (count >= ENOUGH) break;
    from = afterBreak(at);
    if (from == UNKNOWN) return UNKNOWN;
    if (from == NONE) break;
    let next = from;
    while (is(next, WORD_BYTE) && next - from <= LONG) next += 1;
    if (next >= last) return UNKNOWN;
    if (next == from || next - from > LONG) break;
    at = next;
  }
  if (areLikeCiphertext(JOINED, JOINED + count)) return UNKNOWN;
  return count >= ENOUGH ? rest : at;
}

/**
 * Tells whether a long word of one letter case, together with the words after it, may be a piece of a handle. Only
 * breaks may stand between these words.
 */
export function mayGoOnAsPiece(start: usize, end: usize, last: usize): bool {
  // The redactor joins no other word to a word this long.
  if (end - start >= ENOUGH) return false;
  let count: usize = 0;
  let from = start;
  let at = end;
  while (true) {
    // The rest of a longer word is checked by itself.
    const length = min(at - from, ENOUGH);
    for (let place: usize = 0; place < length; place += 16) v128.store(JOINED + count + place, v128.load(from + place));
    count += length;
    if (count >= ENOUGH) break;
    from = afterBreak(at);
    if (from == UNKNOWN) return true;
    if (from == NONE) break;
    at = endOfWord(from, last);
    if (at >= last) return true;
    if (at == from) break;
  }
  return hasBeginning(JOINED, JOINED + count) || areLikeCiphertext(JOINED, JOINED + count);
}

/**
 * Does the same as `endOfWords` for the most frequent case: words with fewer than 24 characters together, and no `J`.
 * So few characters do not count as ciphertext, and no handle begins without `J`.
 *
 * @returns the place up to which no word is suspicious, or `NONE` if `endOfWords` must check the words
 */
export function endOfFewWords(end: usize, last: usize): usize {
  const word = v128.load(end - 16);
  if (hasJ(word)) return NONE;
  let count = <usize>clz(<u32>~(i8x16.bitmask(isIn(word, WORD_BYTES)) << 16));
  let at = end;
  while (true) {
    const from = afterPlainBreaks(at);
    if (from == NONE) return NONE;
    const next = v128.load(from);
    const length = <usize>ctz(~i8x16.bitmask(isIn(next, WORD_BYTES)));
    const after = from + length;
    if (hasJ(next) || after + 1 >= last || length == 16) return NONE;
    if (length > LONG) return isLastWordBefore(after) && !is(from, DIGIT) ? at : NONE;
    count += length;
    if (count >= PIECE) return NONE;
    if (isLastWordBefore(after)) return length == 0 ? at : after;
    if (length == 0) return NONE;
    at = after;
  }
}

// @ts-ignore: AssemblyScript's decorator for functions
@inline
function hasJ(bytes: v128): bool {
  return v128.any_true(i8x16.eq(bytes, i8x16.splat(0x4a)));
}

/** Tells whether the first three characters of a handle stand between two places. */
export function hasBeginning(from: usize, to: usize): bool {
  for (let at = from; at < to; at += 16) {
    // Most words have no J.
    if (!hasJ(v128.load(at))) continue;
    for (let place = max(at, from + 2); place < min(at + 16, to); place += 1) if (isBeginning(place - 2)) return true;
  }
  return false;
}

/** Tells whether the first three characters of a handle stand at a place. */
export function isBeginning(at: usize): bool {
  return load<u8>(at) == 0x65 && load<u8>(at + 1) == 0x79 && load<u8>(at + 2) == 0x4a;
}

/** Tells whether a handle may begin at a place. A break may interrupt its beginning. @param last the end of the log */
export function isStart(at: usize, last: usize): bool {
  const length = <usize>ctz(~i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(START))) | 0x10000);
  return length == 16 || at + length >= last || !is(at + length, WORD_BYTE);
}
