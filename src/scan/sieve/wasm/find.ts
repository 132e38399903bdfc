/** Finds three bytes, and counts lines. */
import { LINE_FEED, NONE } from './bytes';

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

export function countLines(from: usize, to: usize): u32 {
  let count: u32 = 0;
  let at = from;
  for (; at + 16 <= to; at += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a))));
  for (; at < to; at += 1) count += u32(load<u8>(at) == LINE_FEED);
  return count;
}
