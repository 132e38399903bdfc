/** Judges short words, which may be pieces of ciphertext that only breaks separate. */
import { afterBreak } from './breaks';
import { is, LONG, NONE, PIECE, SYMBOL, UNKNOWN } from './bytes';
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
    for (let place = from; place < at; place += 1) {
      store<u8>(JOINED + count, load<u8>(place));
      count += 1;
      if (count >= 3 && isBeginning(JOINED + count - 3)) return UNKNOWN;
    }
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

/** Tells whether the first three characters of a handle stand at a place. */
export function isBeginning(at: usize): bool {
  return load<u8>(at) == 0x65 && load<u8>(at + 1) == 0x79 && load<u8>(at + 2) == 0x4a;
}
