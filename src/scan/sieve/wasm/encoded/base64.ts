/** Reads base64 and base64url (RFC 4648). */
import { isLetter, LINE_FEED, RETURN, sharedBits, TAB } from '../bytes';

/**
 * The address of seven strings, each cut to eight characters: the three spellings of a handle's beginning in base64,
 * the three spellings of the middle of its header, and the beginning itself.
 */
const SPELLINGS: usize = 83_712;
const END_OF_SPELLINGS: usize = SPELLINGS + 8 * 7;
/**
 * The addresses of three tables, for the first three characters of these strings. In each table, each string has its own
 * bit.
 */
const FIRST_CHARACTERS: usize = SPELLINGS + 128;
const SECOND_CHARACTERS: usize = FIRST_CHARACTERS + 32;
const THIRD_CHARACTERS: usize = SECOND_CHARACTERS + 32;

/** Finds which of 16 bytes are digits. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function areDigits(bytes: v128): v128 {
  const letters = v128.or(isLetter(bytes, 0x61), isLetter(bytes, 0x41));
  // The slash stands directly before the decimal digits.
  const numbers = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x2f)), i8x16.splat(11));
  const plusOrHyphen = v128.or(i8x16.eq(bytes, i8x16.splat(0x2b)), i8x16.eq(bytes, i8x16.splat(0x2d)));
  return v128.or(v128.or(letters, numbers), v128.or(plusOrHyphen, i8x16.eq(bytes, i8x16.splat(0x5f))));
}

/** Returns the place after the digits that begin at a place. Reads at most to `to`. */
export function endOfDigits(from: usize, to: usize): usize {
  for (let at = from; at < to; at += 16) {
    const others = 0xffff & ~i8x16.bitmask(areDigits(v128.load(at)));
    if (others != 0) return min(at + <usize>ctz(others), to);
  }
  return to;
}

/** Returns the place where the digits before a place begin. Reads at most back to `from`. */
export function startOfDigits(place: usize, from: usize): usize {
  for (let at = place; at > from; at -= 16) {
    const others = 0xffff & ~i8x16.bitmask(areDigits(v128.load(at - 16)));
    if (others != 0) return max(at + 16 - <usize>clz(others), from);
  }
  return from;
}

/** Decodes the digits between two places. @returns the place after the decoded bytes. Up to 16 bytes after it change */
export function decode(from: usize, to: usize, out: usize): usize {
  let end = out;
  for (let at = from; at < to; at += 16) {
    v128.store(end, decoded(v128.load(at)));
    end += 12;
  }
  return out + ((to - from) * 3) / 4;
}

/** Decodes 16 digits. The result has 12 bytes, and four zeros. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function decoded(digits: v128): v128 {
  const values = valuesOf(digits);
  // The first step joins the six bits of two digits to 12 bits, and the second step joins two of these to 24 bits. The
  // first decoded byte is then the highest of three, so the last step reverses their order.
  const pairs = v128.or(i16x8.shl(v128.and(values, i16x8.splat(0x3f)), 6), i16x8.shr_u(values, 8));
  const fours = v128.or(i32x4.shl(v128.and(pairs, i32x4.splat(0xfff)), 12), i32x4.shr_u(pairs, 16));
  return i8x16.swizzle(fours, i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
}

/** Returns the six bits that each of 16 digits stands for. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function valuesOf(bytes: v128): v128 {
  // The high half of a letter or a number, and the low half of `+`, `-` and `/`, tell what to add.
  const halves = v128.bitselect(i8x16.shr_u(bytes, 4), v128.and(bytes, i8x16.splat(15)), i8x16.gt_s(bytes, i8x16.splat(0x2f)));
  const added = i8x16.swizzle(i8x16(0, 0, 0, 4, -65, -65, -71, -71, 0, 0, 0, 19, 0, 17, 0, 16), halves);
  const forUnderscore = v128.and(i8x16.eq(bytes, i8x16.splat(0x5f)), i8x16.splat(33));
  return i8x16.add(i8x16.add(bytes, added), forUnderscore);
}

/**
 * Four digits encode three bytes. These functions return the first, the second or the third of these bytes, as if any
 * digit could be the first, the second or the third of four.
 *
 * @param values the values of 16 digits
 * @param next the values of the digits after each of them
 */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function firstBytes(values: v128, next: v128): v128 {
  return v128.or(i16x8.shl(values, 2), v128.and(i16x8.shr_u(next, 4), i8x16.splat(3)));
}

// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function secondBytes(values: v128, next: v128): v128 {
  return v128.or(v128.and(i16x8.shl(values, 4), i8x16.splat(-16)), v128.and(i16x8.shr_u(next, 2), i8x16.splat(15)));
}

// @ts-ignore: AssemblyScript's decorator for functions
@inline
export function thirdBytes(values: v128, next: v128): v128 {
  return v128.or(v128.and(i16x8.shl(values, 6), i8x16.splat(-64)), next);
}

/** Tells whether the bytes between two places are text in ASCII. */
export function isAscii(from: usize, to: usize): bool {
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at);
    const blanks = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(TAB)), i8x16.eq(bytes, i8x16.splat(LINE_FEED))),
      i8x16.eq(bytes, i8x16.splat(RETURN)),
    );
    let others = 0xffff & ~i8x16.bitmask(v128.or(blanks, i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x20)), i8x16.splat(95))));
    if (to - at < 16) others &= (1 << <i32>(to - at)) - 1;
    if (others != 0) return false;
  }
  return true;
}

/** Tells whether digits may contain or encode the beginning of a handle, or the middle of its header. */
export function mayEncodeHandle(from: usize, to: usize): bool {
  for (let at = from; at < to; at += 16) {
    const pairs = v128.and(sharedBits(v128.load(at), FIRST_CHARACTERS), sharedBits(v128.load(at, 1), SECOND_CHARACTERS));
    const found = v128.and(pairs, sharedBits(v128.load(at, 2), THIRD_CHARACTERS));
    if (v128.any_true(found) && isSpelledIn(at, min(at + 16, to))) return true;
  }
  return false;
}

function isSpelledIn(from: usize, to: usize): bool {
  for (let at = from; at < to; at += 1)
    for (let place = SPELLINGS; place < END_OF_SPELLINGS; place += 8) if (load<u64>(at) == load<u64>(place)) return true;
  return false;
}
