/**
 * Checks lines of binary data in base64. The redactor also reads each such line by itself, as a row, and looks for
 * interrupted ciphertext in the rows that may encode text (see `../../../reported/rows.ts`).
 */
import { decode } from './base64';
import { AND, BACKSLASH, is, isUnseen, LESS, PERCENT, SPACE, WORD_BYTE } from '../bytes';

/**
 * Interrupted ciphertext has at least this many control sequences and invisible characters: 24 characters in groups of
 * up to six.
 */
const FEWEST_SIGNS: i32 = 4;
/**
 * Interrupted ciphertext has at least this many other characters. The redactor has the same bound for text
 * that was coloured twice.
 */
const FEWEST_CHARACTERS: i32 = 12;

/** How many bytes of the rows so far may begin a control sequence or an invisible character. */
let signs: i32 = 0;
/** How many bytes of the rows so far are characters that a handle can contain. */
let characters: i32 = 0;

/**
 * Tells whether the redactor finds no interrupted ciphertext in the rows of base64. After the first row that encodes
 * binary data, it reads only the last row, which is shorter than the others.
 *
 * @param width the number of digits in all rows but the last
 * @param last the beginning of the last row
 * @param out where the data of a row may be written
 */
export function areHarmlessRows(from: usize, to: usize, width: usize, last: usize, out: usize): bool {
  signs = characters = 0;
  for (let at = from; at < to && isTextRow(at, min(at + width, to), out); at += width) if (mayBeInterrupted()) return false;
  if (to - last == width) return true;
  signs = characters = 0;
  return !isTextRow(last, to, out) || !mayBeInterrupted();
}

function mayBeInterrupted(): bool {
  return signs >= FEWEST_SIGNS && characters >= FEWEST_CHARACTERS;
}

/** Counts the signs and the characters of a row. Returns false if the row has a byte that text does not contain. */
function isTextRow(from: usize, to: usize, out: usize): bool {
  const end = decode(from, to, out);
  for (let at = out; at < end; at += 1) {
    const byte = load<u8>(at);
    const isBlank = byte >= 0x09 && byte <= 0x0d;
    if (byte == 0x7f || (byte < SPACE && !isBlank && byte != 0x1b)) return false;
    const isControl = byte == 0x1b || byte == 0x0b || byte == 0x0c;
    signs += i32(isControl || byte == BACKSLASH || byte == PERCENT || byte == AND || byte == LESS || mayBeUnseen(at, end));
    characters += i32(is(at, WORD_BYTE));
  }
  return true;
}

/** Tells whether an invisible character of UTF-8 or ISO 8859-1 may begin at a place. The row ends at `end`. */
function mayBeUnseen(at: usize, end: usize): bool {
  const byte = load<u8>(at);
  if (byte == 0xad) return true;
  // The rest of the character may stand in the next row.
  if (at + 2 >= end) return byte == 0xd8 || byte == 0xe1 || byte == 0xe2 || byte == 0xef || byte == 0xf3;
  return byte >= 0x80 && isUnseen(at);
}
