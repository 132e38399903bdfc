/** Classifies bytes by the tables that `../scanner.ts` writes to these addresses. */

/**
 * The addresses of the tables that classify 16 bytes at a time, in the order of `SETS` in `../scanner.ts`. A word byte
 * is a character that a handle can contain. At a special byte, a handle, a break, a numeric escape or unusual text may
 * begin.
 */
export const WORD_BYTES: usize = 0;
export const SPECIAL: usize = 32;
export const SPECIAL_FIRST: usize = 64;
export const SPECIAL_SECOND: usize = 96;
export const SPECIAL_AFTER_WORD: usize = 128;
export const ENDS_OF_WORDS: usize = 160;
export const ANY_SPECIAL: usize = 192;
export const SPECIAL_IN_UTF8: usize = 224;

/**
 * The address of the table for single bytes. The bits in the entry of a byte stand for the sets of `KINDS` in
 * `../scanner.ts` that contain this byte.
 */
const KINDS: usize = 256;
export const WORD_BYTE: u8 = 1;
export const DIGIT: u8 = 2;
export const BREAK: u8 = 4;
export const BREAK_AT_END: u8 = 8;
export const AT_END: u8 = 16;
export const PREFIX: u8 = 32;
export const BEFORE_BASE64: u8 = 64;
export const AFTER_BASE64: u8 = 128;

/**
 * The address of the table for the byte after a backslash, `%` or `&`. The bits in the entry of a byte stand for the
 * sets of `NEXT_KINDS` in `../scanner.ts` that contain this byte.
 */
const NEXT_KINDS: usize = 512;
export const BREAK_BY_BACKSLASH: u8 = 1;
export const BREAK_BY_PERCENT: u8 = 2;
export const BREAK_BY_AND: u8 = 4;
export const ESCAPE_BY_BACKSLASH: u8 = 8;

export const AND: u8 = 0x26;
export const BACKSLASH: u8 = 0x5c;
export const BAR: u8 = 0x7c;
export const BRACE: u8 = 0x7b;
export const BRACKET: u8 = 0x5b;
export const COLON: u8 = 0x3a;
export const COMMA: u8 = 0x2c;
export const EQUALS: u8 = 0x3d;
export const ESCAPE: u8 = 0x1b;
export const FULL_STOP: u8 = 0x2e;
export const HASH: u8 = 0x23;
export const HYPHEN: u8 = 0x2d;
export const LESS: u8 = 0x3c;
/** The third character of every handle. */
export const LETTER_J: u8 = 0x4a;
export const LINE_FEED: u8 = 0x0a;
export const MORE: u8 = 0x3e;
export const PERCENT: u8 = 0x25;
export const PLUS: u8 = 0x2b;
export const QUOTE: u8 = 0x22;
export const RETURN: u8 = 0x0d;
export const SLASH: u8 = 0x2f;
export const SPACE: u8 = 0x20;
export const TAB: u8 = 0x09;

/** Results in place of an address. `NONE`: there is no such place. `UNKNOWN`: only the redactor can find it. */
export const NONE: usize = 0;
export const UNKNOWN: usize = 1;

/**
 * The shortest word that counts as long, in characters. A shorter word is judged only together with the next words. The
 * redactor has the same bound.
 */
export const LONG: usize = 8;
/** The shortest text that can look like ciphertext, in characters. The redactor has the same bound. */
export const PIECE: usize = 24;

/** Numeric escapes that begin with a backslash or an ampersand are recognized up to this length, in bytes. */
export const LONGEST_ESCAPE: usize = 24;

// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function is(at: usize, kinds: u8): bool {
  return (load<u8>(KINDS + <usize>load<u8>(at)) & kinds) != 0;
}

// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function isNext(at: usize, kinds: u8): bool {
  return (load<u8>(NEXT_KINDS + <usize>load<u8>(at + 1)) & kinds) != 0;
}

/**
 * Finds which of 16 bytes are in a set. A half is four bits of a byte. The table has an entry of eight bits for each low
 * half and for each high half. A byte is in the set if the entries of its two halves share a bit.
 */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function isIn(bytes: v128, table: usize): v128 {
  return i8x16.ne(sharedBits(bytes, table), i8x16.splat(0));
}

/** Returns the bits that the entries of the two halves of each of 16 bytes share. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function sharedBits(bytes: v128, table: usize): v128 {
  const low = i8x16.swizzle(v128.load(table), v128.and(bytes, i8x16.splat(15)));
  const high = i8x16.swizzle(v128.load(table, 16), i8x16.shr_u(bytes, 4));
  return v128.and(low, high);
}

/** Finds which of 16 bytes are letters of one case. @param letter the first of these letters: `a` or `A` */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function isLetter(bytes: v128, letter: i8): v128 {
  return i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(letter)), i8x16.splat(26));
}

/** Returns the end of the word at a place. Reads at most to `to`. */
export function endOfWord(from: usize, to: usize): usize {
  for (let at = from; at < to; at += 16) {
    const others = 0xffff & ~i8x16.bitmask(isIn(v128.load(at), WORD_BYTES));
    if (others != 0) return min(at + <usize>ctz(others), to);
  }
  return to;
}

/** Returns the place where the word before a place begins. Reads at most back to `from`. */
export function startOfWord(place: usize, from: usize): usize {
  for (let at = place; at > from; at -= 16) {
    const others = 0xffff & ~i8x16.bitmask(isIn(v128.load(at - 16), WORD_BYTES));
    if (others != 0) return max(at + 16 - <usize>clz(others), from);
  }
  return from;
}

/** Tells whether a place has a character of a table's frame, in UTF-8. */
export function isFrame(at: usize): bool {
  return load<u8>(at) == 0xe2 && (load<u8>(at + 1) == 0x94 || load<u8>(at + 1) == 0x95);
}

/** Tells whether a place has a control character, an invisible character of UTF-8, or the soft hyphen of ISO 8859-1. */
export function isUnseen(at: usize): bool {
  const byte = load<u8>(at);
  const next = load<u8>(at + 1);
  const third = load<u8>(at + 2);
  if (byte < 0x80) return byte < 0x20 || byte == 0x7f;
  if (byte == 0xad) return load<u8>(at - 1) < 0x80 || load<u8>(at - 1) == 0xad;
  if (byte == 0xc2) return next == 0xad;
  if (byte == 0xd8) return next == 0x9c;
  if (byte == 0xe1 || byte == 0xf3) return next == 0xa0;
  if (byte == 0xe2)
    return next == 0x80 ? (third >= 0x8b && third < 0x90) || (third >= 0xa8 && third < 0xaf) : next == 0x81 && third >= 0xa0;
  return byte == 0xef && (next == 0xb8 ? third < 0x90 : next == 0xbb);
}
