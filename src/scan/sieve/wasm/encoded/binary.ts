/** Tells binary data in base64 from text. */
import { decode, decoded, firstBytes, secondBytes, thirdBytes, valuesOf } from './base64';
import { HYPHEN, LONG } from '../bytes';

/** Digits count as text if the first 18 bytes that they encode are text. The redactor has the same bound. */
const BEGINNING: usize = 18;
/** Fewer digits of base64 than this are not tested for text. The redactor has the same bound for base64. */
export const SHORTEST_TEXT: usize = 32;
/** The most digits that `isShortBinary` can judge. */
const LONGEST_SHORT: usize = 64;

/**
 * Four digits encode three bytes. It is not known which digit is the first of four, so each digit may have the beginning
 * of a first, a second or a third byte. Each of the following variables has a bit for each of 64 digits. The number in its
 * name tells which of the three bytes the bit is about.
 */

/** Whether the byte and the byte after it cannot follow each other in UTF-8. */
let broken1: u64 = 0;
let broken2: u64 = 0;
let broken3: u64 = 0;
/** Whether the byte is 0x00, 0xfe or 0xff. Text in UTF-16 has several such bytes. */
let wide1: u64 = 0;
let wide2: u64 = 0;
let wide3: u64 = 0;
/** Whether no word has the byte. */
let other1: u64 = 0;
let other2: u64 = 0;
let other3: u64 = 0;

/** Every fourth digit: the digits with the beginnings of first bytes, if the decoding begins at the first digit. */
const FIRST: u64 = 0x1111_1111_1111_1111;
const SECOND: u64 = FIRST << 1;
const THIRD: u64 = FIRST << 2;

/**
 * Tells whether digits encode binary data, or too little data to judge. The beginning of the digits may be lost, so the
 * decoding is tried from four places. If the result is true, `out` then has the first 18 bytes of the data.
 *
 * @param out where the bytes of the beginning may be written
 */
export function isBinary(from: usize, to: usize, out: usize): bool {
  if (to - from >= SHORTEST_TEXT) readBytes(from, SHORTEST_TEXT);
  for (let skip: usize = 0; skip < 4 && to - from >= SHORTEST_TEXT + skip; skip += 1) {
    if (isBinaryFrom(skip)) continue;
    decodeBeginning(from + skip, out);
    const at = afterCutCharacter(out);
    if (isUtf8(at, out + BEGINNING) || (mayBeUtf16(at) && mayHaveWords(from + skip, to, out))) return false;
  }
  decodeBeginning(from, out);
  return true;
}

/** Tells whether 24 digits, which encode 18 bytes, are certainly no text. @param skip the number of digits before them */
function isBinaryFrom(skip: u64): bool {
  // The last byte begins in the 23rd digit. The byte after it does not count.
  return (bitsFrom(broken1, broken2, broken3, skip) & (<u64>0x3fffff << skip)) != 0 && popcnt(bitsFrom(wide1, wide2, wide3, skip) & (<u64>0xffffff << skip)) < 2;
}

/**
 * Tells whether at most 64 digits encode binary data that contains no ciphertext, from whichever digit the decoding
 * begins.
 */
export function isShortBinary(from: usize, to: usize): bool {
  if (to - from > LONGEST_SHORT) return false;
  if (to - from < SHORTEST_TEXT) return true;
  readBytes(from, to - from);
  // Text, and ciphertext in binary data, take at least 32 digits.
  const starts: u64 = ((<u64>1) << (to - from + 1 - SHORTEST_TEXT)) - 1;
  for (let skip: u64 = 0; skip < 4; skip += 1) {
    // 17 of the 18 bytes that count as the beginning of text begin in 22 digits.
    const broken = within16(bitsFrom(broken1, broken2, broken3, skip));
    const isBroken = broken | (broken >> 6);
    const other = within16(bitsFrom(other1, other2, other3, skip));
    const isOther = other | (other >> 16);
    // Decoded text begins with a first byte, but a word within binary data can also begin with the next two.
    if (((((~isBroken & (FIRST << skip)) | ~isOther) & starts) != 0) || popcnt(bitsFrom(wide1, wide2, wide3, skip)) >= LONG) return false;
  }
  return true;
}

/** Sets each bit for which one of 16 bits is set: this bit, or one of the 15 for the digits after it. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function within16(bits: u64): u64 {
  const two = bits | (bits >> 1);
  const four = two | (two >> 2);
  const eight = four | (four >> 4);
  return eight | (eight >> 8);
}

/**
 * Returns the bits of the bytes that count if the first byte begins after `skip` digits.
 *
 * @param ones the bits of first bytes
 * @param twos the bits of second bytes
 * @param threes the bits of third bytes
 */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function bitsFrom(ones: u64, twos: u64, threes: u64, skip: u64): u64 {
  return (ones & (FIRST << skip)) | (twos & (SECOND << skip)) | (threes & (THIRD << skip));
}

/** Reads digits. A byte may begin in each of them, because it is not known which digit is the first of four. */
function readBytes(from: usize, count: usize): void {
  wide1 = wide2 = wide3 = other1 = other2 = other3 = 0;
  let high1: u64 = 0;
  let high2: u64 = 0;
  let high3: u64 = 0;
  let more1: u64 = 0;
  let more2: u64 = 0;
  let more3: u64 = 0;
  for (let part: usize = 0; part < count; part += 16) {
    const values = valuesOf(v128.load(from + part));
    const next = valuesOf(v128.load(from + part, 1));
    const ones = firstBytes(values, next);
    const twos = secondBytes(values, next);
    const threes = thirdBytes(values, next);
    high1 |= bitsOf(ones) << part;
    high2 |= bitsOf(twos) << part;
    high3 |= bitsOf(threes) << part;
    more1 |= areMore(ones) << part;
    more2 |= areMore(twos) << part;
    more3 |= areMore(threes) << part;
    wide1 |= areWide(ones) << part;
    wide2 |= areWide(twos) << part;
    wide3 |= areWide(threes) << part;
    other1 |= areOther(ones) << part;
    other2 |= areOther(twos) << part;
    other3 |= areOther(threes) << part;
  }
  broken1 = areBroken(high1, more1, more2 >> 1);
  broken2 = areBroken(high2, more2, more3 >> 1);
  broken3 = areBroken(high3, more3, more1 >> 2);
}

/**
 * Finds bytes of ASCII before the second or a later byte of a character in UTF-8, and first bytes of a longer character
 * before any other byte.
 *
 * @param high which bytes are not ASCII
 * @param more which bytes are second or later bytes of a character
 * @param nextMore after which bytes such a byte follows
 */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function areBroken(high: u64, more: u64, nextMore: u64): u64 {
  return (~high & nextMore) | (high & ~more & ~nextMore);
}

/** Returns the highest bit of each of 16 bytes. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function bitsOf(bytes: v128): u64 {
  return <u64>i8x16.bitmask(bytes);
}

/** Finds the bytes 0x80 to 0xbf: the second and later bytes of a character in UTF-8. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function areMore(bytes: v128): u64 {
  return bitsOf(i8x16.lt_s(bytes, i8x16.splat(-64)));
}

/** Finds the bytes 0xfe, 0xff and 0x00. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function areWide(bytes: v128): u64 {
  return bitsOf(i8x16.lt_s(i8x16.add(bytes, i8x16.splat(<i8>(0x80 - 0xfe))), i8x16.splat(-128 + 3)));
}

/** Finds bytes before the hyphen, and bytes that are not ASCII. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function areOther(bytes: v128): u64 {
  return bitsOf(i8x16.lt_s(bytes, i8x16.splat(HYPHEN)));
}

/** Tells whether bytes may begin text in UTF-16. */
function mayBeUtf16(at: usize): bool {
  return (load<u8>(at) == 0xff && load<u8>(at, 1) == 0xfe) || (load<u8>(at, 1) == 0 && load<u8>(at, 3) == 0);
}

/** Tells whether text in UTF-16 may contain a piece of a handle. Each character of a piece has a zero. */
function mayHaveWords(from: usize, to: usize, out: usize): bool {
  const end = decode(from, to, out);
  let zeros: usize = 0;
  for (let at = out; at < end; at += 1) zeros += usize(load<u8>(at) == 0);
  return zeros >= LONG;
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

/** Decodes 24 digits, for 18 bytes. The 10 bytes after them change. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function decodeBeginning(from: usize, out: usize): void {
  v128.store(out, decoded(v128.load(from)));
  v128.store(out, decoded(v128.load(from, 16)), 12);
}

/** Tells whether bytes may begin compressed data, or text that begins like compressed data. */
export function mayBeCompressed(from: usize): bool {
  const first = load<u8>(from);
  const second = load<u8>(from, 1);
  // zlib (RFC 1950 §2.2)
  if ((first & 0x8f) == 8 && (second & 0x20) == 0 && ((<u32>first << 8) | second) % 31 == 0) return true;
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
