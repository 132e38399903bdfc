/** Tells random digits of base64 from a path. A path consists of words between slashes. */
import { endOfWord } from '../bytes';

/** The redactor reads about this many digits after a word, to tell whether the word belongs to base64. */
export const MOST_BEHIND: usize = 3_900;

/** The fewest digits that can be judged. The redactor has the same bound. */
const SHORTEST: usize = 24;

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
    if (hasOneKind(start + 1, at)) written += at - start;
  }
  const hasSign = endOfWord(from, to) < to;
  return hasSign && to - from >= SHORTEST && written * 4 < to - from && hasBothCases(from, to);
}

function hasBothCases(from: usize, to: usize): bool {
  let kinds: u32 = 0;
  for (let at = from; at < to && kinds != 3; at += 1) kinds |= kindOf(load<u8>(at));
  return kinds == 3;
}

function hasOneKind(from: usize, to: usize): bool {
  for (let at = from + 1; at < to; at += 1) if (kindOf(load<u8>(at)) != kindOf(load<u8>(from))) return false;
  return true;
}

function kindOf(byte: u8): u32 {
  return byte >= 0x61 ? 2 : byte >= 0x41 ? 1 : 0;
}
