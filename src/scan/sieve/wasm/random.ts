/** Tells random digits of base64 from a path. A path consists of words between slashes. */
import { endOfWord } from './bytes';

/** The redactor reads about this many digits after a word, to tell whether the word belongs to base64. */
export const MOST_BEHIND: usize = 3_900;

/** The fewest digits that can be judged. The redactor has the same bound. */
const SHORTEST: usize = 24;

/** The kinds of digits, as bits. */
const SMALL: u32 = 1;
const CAPITAL: u32 = 2;
const NUMBER: u32 = 4;
const BOTH_CASES: u32 = SMALL | CAPITAL;

/**
 * Tells whether the digits after a word are random. Digits of one kind between two signs count as a written word, even
 * if the redactor does not count them.
 *
 * @param others how many characters before the word may belong to a path
 */
export function areRandom(from: usize, end: usize, others: usize): bool {
  const to = min(end, from + MOST_BEHIND);
  let written = others;
  for (let at = from; at < to; at += 1) {
    const start = at;
    at = endOfWord(at, to);
    // The first letter of a written word may be a capital.
    if (isOneKind(kindsIn(start + 1, at))) written += at - start;
  }
  const hasSign = endOfWord(from, to) < to;
  return hasSign && to - from >= SHORTEST && written * 4 < to - from && (kindsIn(from, to) & BOTH_CASES) == BOTH_CASES;
}

function isOneKind(kinds: u32): bool {
  return kinds == 0 || kinds == SMALL || kinds == CAPITAL || kinds == NUMBER;
}

function kindsIn(from: usize, to: usize): u32 {
  let kinds: u32 = 0;
  for (let at = from; at < to; at += 1) {
    const byte = load<u8>(at);
    if (byte >= 0x61) kinds |= SMALL;
    else if (byte >= 0x41) kinds |= CAPITAL;
    else if (byte >= 0x30) kinds |= NUMBER;
  }
  return kinds;
}
