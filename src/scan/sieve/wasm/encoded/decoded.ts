/** Checks decoded text for what only the redactor can read. */
import { endOfDigits, startOfDigits } from './base64';
import { LETTER_J, NONE } from '../bytes';
import { find, findAlone } from '../find';

/** A series of this many digits may be further base64. The redactor has the same bound. */
const SHORTEST_ENCODED: usize = 60;

const ZERO: u8 = 0x30;
const ONE: u8 = 0x31;
const TWO: u8 = 0x32;

/** Tells whether text may contain further base64 that the redactor would decode. */
export function mayEncodeMore(from: usize, to: usize): bool {
  // Every long series of digits contains one of the places that are tested here.
  for (let at = from + SHORTEST_ENCODED; at <= to; at += SHORTEST_ENCODED)
    if (endOfDigits(at - 1, to) - startOfDigits(at - 1, from) >= SHORTEST_ENCODED) return true;
  return false;
}

/** Tells whether text may contain the beginning of a handle as an array of bytes or of characters. */
export function mayBeArray(from: usize, to: usize): bool {
  if (findAlone(LETTER_J, from, from, to) != NONE) return true;
  // A handle begins with `e` (101) and `y` (121).
  return contains(ZERO, from, to) && contains(TWO, from, to);
}

/** Tells whether text contains three digits: a 1, the given digit, and a 1. */
function contains(middle: u8, from: usize, to: usize): bool {
  const place = find(ONE, middle, ONE, from, to);
  return place != NONE && place < to;
}
