/** Tells ciphertext from written text. Does the same as `../../pieces/ciphertext.ts`. */
import { isLetter, PIECE } from './bytes';

/** The address of the table `FIT`: how well each pair of characters fits into written text. */
const FIT: usize = 768;

/** The smallest fit at which 24 characters count as written text. */
export const WRITTEN: i32 = 4;

/** Tells whether 24 successive characters between two places look like ciphertext. */
export function areLikeCiphertext(from: usize, to: usize): bool {
  if (to - from < PIECE || !mayBeMixed(from, to)) return false;
  let fit: i32 = 0;
  for (let at = from + 1; at < to; at += 1) {
    fit += fitAt(at - 1);
    const first = at + 1 - PIECE;
    if (first < from) continue;
    if (fit < WRITTEN && areMixed(first)) return true;
    fit -= fitAt(first);
  }
  return false;
}

/** Tells whether the last 24 characters of a word hardly look like a word. Judges a shorter word as a whole. */
export function areSuspect(from: usize, to: usize): bool {
  let fit: i32 = 0;
  for (let at = to - from < PIECE ? from : to - PIECE; at + 1 < to; at += 1) fit += fitAt(at);
  return fit < 0;
}

export function fitAt(at: usize): i32 {
  return load<i8>(FIT + ((<usize>load<u8>(at)) << 7) + <usize>load<u8>(at + 1));
}

/** Tells whether both small letters and capitals may stand between two places. Reads up to 15 bytes too far. */
function mayBeMixed(from: usize, to: usize): bool {
  let small = i8x16.splat(0);
  let capitals = i8x16.splat(0);
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at);
    small = v128.or(small, isLetter(bytes, 0x61));
    capitals = v128.or(capitals, isLetter(bytes, 0x41));
  }
  return v128.any_true(small) && v128.any_true(capitals);
}

/** Tells whether the 24 characters at a place have both small letters and capitals. */
export function areMixed(first: usize): bool {
  const start = v128.load(first);
  const end = v128.load(first + PIECE - 16);
  const isSmall = v128.any_true(v128.or(isLetter(start, 0x61), isLetter(end, 0x61)));
  return isSmall && v128.any_true(v128.or(isLetter(start, 0x41), isLetter(end, 0x41)));
}
