/** Judges short words, which may be pieces of ciphertext that only breaks separate. */
import { afterBreak, afterPlainBreaks, isPlain } from './breaks';
import { DIGIT, is, isIn, LONG, NONE, PIECE, SYMBOL, SYMBOLS, UNKNOWN } from './bytes';
import { areLikeCiphertext } from './ciphertext';

/** How many symbols are judged together (as many as in the redactor), and room for these symbols and one more word. */
const ENOUGH: usize = 2 * PIECE;
const JOINED: usize = 17_152 + 512;

/**
 * Judges the short word between two places together with the short words after it, as long as only breaks separate them.
 *
 * @returns the place up to which all words were judged; `UNKNOWN` if the words may be pieces of a handle, or if the end of a
 *   break cannot be found
 */
export function endOfWords(start: usize, end: usize, last: usize): usize {
  let count: usize = 0;
  let from = start;
  let at = end;
  let rest: usize = NONE;
  while (true) {
    // Symbols after the first 24 may begin a piece of which not all symbols are joined here.
    if (rest == NONE && count >= PIECE) rest = from;
    for (let place = from; place < at; place += 16) v128.store(JOINED + count + (place - from), v128.load(place));
    count += at - from;
    if (hasBeginning(JOINED, JOINED + count)) return UNKNOWN;
    if (count >= ENOUGH) break;
    from = afterBreak(at);
    if (from == UNKNOWN) return UNKNOWN;
    if (from == NONE) break;
    let next = from;
    while (is(next, SYMBOL) && next - from <= LONG) next += 1;
    if (next >= last) return UNKNOWN;
    if (next == from || next - from > LONG) break;
    at = next;
  }
  if (areLikeCiphertext(JOINED, JOINED + count)) return UNKNOWN;
  return count >= ENOUGH ? rest : at;
}

/**
 * Judges the short word that ends at a place as `endOfWords` does, but only where this takes little time. Few symbols are
 * no piece, so they raise no doubt unless a handle begins in them.
 *
 * @returns the place up to which all words were judged, or `NONE` if `endOfWords` must judge them
 */
export function endOfFewWords(end: usize, last: usize): usize {
  const word = v128.load(end - 16);
  if (hasJ(word)) return NONE;
  let count = <usize>clz(<u32>~(i8x16.bitmask(isIn(word, SYMBOLS)) << 16));
  let at = end;
  while (true) {
    const from = afterPlainBreaks(at);
    if (from == NONE) return NONE;
    const next = v128.load(from);
    const length = <usize>ctz(~i8x16.bitmask(isIn(next, SYMBOLS)));
    const after = from + length;
    if (hasJ(next) || after + 1 >= last || length == 16) return NONE;
    if (length > LONG) return isPlain(after) && !is(from, DIGIT) ? at : NONE;
    count += length;
    if (count >= PIECE) return NONE;
    if (isPlain(after)) return length == 0 ? at : after;
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
function hasBeginning(from: usize, to: usize): bool {
  for (let at = from; at < to; at += 16) {
    // Most words have no J.
    if (!v128.any_true(i8x16.eq(v128.load(at), i8x16.splat(0x4a)))) continue;
    for (let place = max(at, from + 2); place < min(at + 16, to); place += 1) if (isBeginning(place - 2)) return true;
  }
  return false;
}

/** Tells whether the first three characters of a handle stand at a place. */
export function isBeginning(at: usize): bool {
  return load<u8>(at) == 0x65 && load<u8>(at + 1) == 0x79 && load<u8>(at + 2) == 0x4a;
}
