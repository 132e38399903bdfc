/** Finds three bytes, and counts lines. */
import { BACKSLASH, is, LINE_FEED, NONE, WORD_BYTE } from './bytes';

export function find(first: u8, second: u8, third: u8, from: usize, to: usize): usize {
  for (let at = from; at < to; at += 16) {
    const ones = i8x16.eq(v128.load(at), i8x16.splat(first));
    const twos = i8x16.eq(v128.load(at, 1), i8x16.splat(second));
    const threes = i8x16.eq(v128.load(at, 2), i8x16.splat(third));
    const found = i8x16.bitmask(v128.and(ones, v128.and(twos, threes)));
    if (found != 0) return at + <usize>ctz(found);
  }
  return NONE;
}

/**
 * Finds a letter that is no part of a word.
 *
 * @param first the beginning of the text. The search begins at `from`
 */
export function findAlone(letter: u8, first: usize, from: usize, to: usize): usize {
  for (let at = from; at < to; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(letter)));
    for (; found != 0; found &= found - 1) {
      const place = at + <usize>ctz(found);
      if (place < to && isAlone(place, first)) return place;
    }
  }
  return NONE;
}

/** Tells whether a character is no part of a word. A letter after a backslash (`\n`) does not count as a word. */
function isAlone(at: usize, first: usize): bool {
  return !is(at + 1, WORD_BYTE) && (at == first || !is(at - 1, WORD_BYTE) || load<u8>(at - 2) == BACKSLASH);
}

export function countLines(from: usize, to: usize): u32 {
  let count: u32 = 0;
  let at = from;
  for (; at + 16 <= to; at += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a))));
  for (; at < to; at += 1) count += u32(load<u8>(at) == LINE_FEED);
  return count;
}
