/**
 * Checks lines of binary data in base64. The redactor also reads each such line by itself, as a row, and looks for
 * interrupted ciphertext in the rows that may encode text (see `../../../reported/rows.ts`).
 */
import { decode } from './base64';
import { AND, BACKSLASH, LESS, PERCENT, SPACE } from '../bytes';

/**
 * Interrupted ciphertext has at least this many control sequences and invisible characters: 24 characters in groups of
 * up to six.
 */
const FEWEST_SIGNS: i32 = 4;

/**
 * Tells whether the redactor finds no interrupted ciphertext in the rows of base64. After the first row that encodes
 * binary data, it reads only the last row, which is shorter than the others.
 *
 * @param width the number of digits in all rows but the last
 * @param last the beginning of the last row
 * @param out where the data of a row may be written
 */
export function areHarmlessRows(from: usize, to: usize, width: usize, last: usize, out: usize): bool {
  let signs: i32 = 0;
  for (let at = from; at < to; at += width) {
    const found = signsIn(at, min(at + width, to), out);
    if (found == BINARY) break;
    signs += found;
    if (signs >= FEWEST_SIGNS) return false;
  }
  return to - last == width || signsIn(last, to, out) < FEWEST_SIGNS;
}

/** The result for a row with a byte that text does not contain. */
const BINARY: i32 = -1;

/** Counts the bytes with which a control sequence or an invisible character may begin. */
function signsIn(from: usize, to: usize, out: usize): i32 {
  const end = decode(from, to, out);
  let count: i32 = 0;
  for (let at = out; at < end; at += 1) {
    const byte = load<u8>(at);
    const isBlank = byte >= 0x09 && byte <= 0x0d;
    if (byte == 0x7f || (byte < SPACE && !isBlank && byte != 0x1b)) return BINARY;
    count += i32(isBlank || byte == 0x1b || byte == BACKSLASH || byte == PERCENT || byte == AND || byte == LESS || beginsUnseen(byte));
  }
  return count;
}

/** Tells whether an invisible character of UTF-8 or ISO 8859-1 may begin with a byte. */
function beginsUnseen(byte: u8): bool {
  return byte == 0xad || byte == 0xd8 || byte == 0xe1 || byte == 0xe2 || byte == 0xef || byte == 0xf3;
}
