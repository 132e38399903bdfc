/** Reads base64 and base64url (RFC 4648). */
import { endOfWord, isIn, isLetter, LINE_FEED, RETURN, TAB, WORD_BYTES } from '../bytes';
import { areLikeCiphertext } from '../ciphertext';

/**
 * The address of seven strings, each cut to eight characters: the three spellings of a handle's beginning in base64,
 * the three spellings of the middle of its header, and the beginning itself.
 */
const SPELLINGS: usize = 83_712;
const END_OF_SPELLINGS: usize = SPELLINGS + 8 * 7;

/** Digits count as text if the first 18 bytes that they encode are text. The redactor has the same bound. */
const BEGINNING: usize = 18;
/** Fewer digits than this are not tested for text. The redactor has the same bound. */
const SHORTEST_TEXT: usize = 32;

/**
 * The number of digits on each side of a part of binary data that are decoded together with the part. 32 digits encode
 * 24 bytes.
 */
const AROUND: usize = 32;

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

/** Decodes 24 digits, for 18 bytes. The 14 bytes after them change. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function decodeBeginning(from: usize, out: usize): void {
  v128.store(out, decoded(v128.load(from)));
  v128.store(out, decoded(v128.load(from, 16)), 12);
}

/** Decodes 16 digits. The result has 12 bytes, and four zeros. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function decoded(digits: v128): v128 {
  const values = valuesOf(digits);
  // Two steps each join two neighbours. Then every lane of four bytes has 24 bits, with the first byte as the highest.
  const pairs = v128.or(i16x8.shl(v128.and(values, i16x8.splat(0x3f)), 6), i16x8.shr_u(values, 8));
  const fours = v128.or(i32x4.shl(v128.and(pairs, i32x4.splat(0xfff)), 12), i32x4.shr_u(pairs, 16));
  return i8x16.swizzle(fours, i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
}

/**
 * Tells whether binary data in base64 contains a string that may be ciphertext.
 *
 * @param out where a part of the data may be written
 */
export function hasCiphertextInBytes(from: usize, to: usize, out: usize): bool {
  // Every series of 24 bytes contains all of the six bytes that are tested in each step of 18 bytes.
  for (let at = from; at + 8 <= to; at += 24) {
    if ((i8x16.bitmask(isIn(decoded(v128.load(at)), WORD_BYTES)) & 0x3f) != 0x3f) continue;
    const end = decode(at - from < AROUND ? from : at - AROUND, min(to, at + 8 + AROUND), out);
    for (let place = out; place < end; place += 1) {
      const first = place;
      place = endOfWord(place, end);
      if (areLikeCiphertext(first, place)) return true;
    }
  }
  return false;
}

/** Returns the six bits that each of 16 digits stands for. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function valuesOf(bytes: v128): v128 {
  let offsets = v128.and(isLetter(bytes, 0x41), i8x16.splat(-65));
  offsets = v128.or(offsets, v128.and(isLetter(bytes, 0x61), i8x16.splat(-71)));
  offsets = v128.or(offsets, v128.and(i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10)), i8x16.splat(4)));
  offsets = v128.or(offsets, v128.and(i8x16.eq(bytes, i8x16.splat(0x2b)), i8x16.splat(19)));
  offsets = v128.or(offsets, v128.and(i8x16.eq(bytes, i8x16.splat(0x2d)), i8x16.splat(17)));
  offsets = v128.or(offsets, v128.and(i8x16.eq(bytes, i8x16.splat(0x2f)), i8x16.splat(16)));
  offsets = v128.or(offsets, v128.and(i8x16.eq(bytes, i8x16.splat(0x5f)), i8x16.splat(-32)));
  return i8x16.add(bytes, offsets);
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
    const ones = v128.load(at);
    const twos = v128.load(at, 1);
    let found = i8x16.splat(0);
    for (let place = SPELLINGS; place < END_OF_SPELLINGS; place += 8) {
      const isPair = v128.and(i8x16.eq(ones, v128.load_splat<u8>(place)), i8x16.eq(twos, v128.load_splat<u8>(place, 1)));
      found = v128.or(found, isPair);
    }
    if (v128.any_true(found) && isSpelledIn(at, min(at + 16, to))) return true;
  }
  return false;
}

function isSpelledIn(from: usize, to: usize): bool {
  for (let at = from; at < to; at += 1)
    for (let place = SPELLINGS; place < END_OF_SPELLINGS; place += 8) if (load<u64>(at) == load<u64>(place)) return true;
  return false;
}

/**
 * Tells whether digits encode binary data, or too little data to judge. The beginning of the digits may be lost, so the
 * decoding is tried from four places. If the result is true, `out` then has the first 18 bytes of the data.
 *
 * @param out where the bytes of the beginning may be written
 */
export function isBinary(from: usize, to: usize, out: usize): bool {
  for (let skip: usize = 0; skip < 4 && to - from >= SHORTEST_TEXT + skip; skip += 1) {
    decodeBeginning(from + skip, out);
    if (mayBeText(out)) return false;
  }
  decodeBeginning(from, out);
  return true;
}

/** Tells whether 18 bytes may begin text in UTF-8 or UTF-16. */
function mayBeText(from: usize): bool {
  const at = afterCutCharacter(from);
  if ((load<u8>(at) == 0xff && load<u8>(at, 1) == 0xfe) || (load<u8>(at, 1) == 0 && load<u8>(at, 3) == 0)) return true;
  return isUtf8(at, from + BEGINNING);
}

/** Returns the place after the rest of a character in UTF-8 that lost its beginning. */
function afterCutCharacter(from: usize): usize {
  let at = from;
  while (at - from < 3 && (load<u8>(at) & 0xc0) == 0x80) at += 1;
  return at;
}

/** Tells whether bytes are text in UTF-8. The last character may be incomplete. */
function isUtf8(from: usize, to: usize): bool {
  for (let at = from; at < to; ) {
    const byte = load<u8>(at);
    if (byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte != 0x1b) return false;
    const more: usize = byte < 0x80 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if ((byte >= 0x80 && byte < 0xc2) || byte >= 0xf5) return false;
    for (let next: usize = 1; next <= more && at + next < to; next += 1) if ((load<u8>(at + next) & 0xc0) != 0x80) return false;
    at += 1 + more;
  }
  return true;
}

/** Tells whether bytes may begin compressed data, or text that begins like compressed data. */
export function mayBeCompressed(from: usize): bool {
  const first = load<u8>(from);
  const second = load<u8>(from, 1);
  // zlib (RFC 1950 §2.2)
  if ((first & 0x8f) == 8 && ((<u32>first << 8) | second) % 31 == 0) return true;
  const at = afterCutCharacter(from);
  const two = bswap<u16>(load<u16>(at));
  if (two == 0x7801 || two == 0x785e || two == 0x789c || two == 0x78da) return true;
  const four = bswap(load<u32>(at));
  // gzip, and bzip2
  if (four >>> 8 == 0x1f8b08 || four >>> 8 == 0x425a68) return true;
  // Zstandard, xz, ZIP, LZ4, and 7z
  return four == 0x28b52ffd || four == 0xfd377a58 || four == 0x504b0304 || four == 0x04224d18 || four == 0x377abcaf;
}

/** Tells whether bytes begin an image or a font. Such data contains no handles. */
export function isMedium(at: usize): bool {
  const four = bswap(load<u32>(at));
  // JPEG, PNG, GIF, WebP, an icon, WOFF, and TrueType
  if (four >>> 8 == 0xffd8ff || four == 0x89504e47 || four == 0x47494638 || four == 0x52494646) return true;
  return four == 0x00000100 || four == 0x774f4646 || four == 0x774f4632 || four == 0x00010000;
}
