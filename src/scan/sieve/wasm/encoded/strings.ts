/** Looks for ciphertext in binary data in base64. */
import { decode, decoded, firstBytes, secondBytes, thirdBytes, valuesOf } from './base64';
import { endOfWord, HYPHEN, isIn, WORD_BYTES } from '../bytes';
import { areLikeCiphertext } from '../ciphertext';

/**
 * The number of digits on each side of a part of binary data that are decoded together with the part. 32 digits encode
 * 24 bytes.
 */
const AROUND: usize = 32;

/**
 * Tells whether binary data in base64 contains a string that may be ciphertext.
 *
 * @param out where a part of the data may be written
 */
export function hasCiphertextInBytes(from: usize, to: usize, out: usize): bool {
  // Each step of 18 bytes tests the first six of them. Every series of 24 bytes contains all six of one step.
  for (let at = from; at + 8 <= to; at += 24)
    if ((i8x16.bitmask(isIn(decoded(v128.load(at)), WORD_BYTES)) & 0x3f) == 0x3f && isCiphertextAround(at, from, to, out)) return true;
  return false;
}

/** Does the same as `hasCiphertextInBytes` for digits that may begin with up to three other characters. */
export function mayHaveCiphertextInBytes(from: usize, to: usize, out: usize): bool {
  for (let at = from; at + 8 <= to; at += 24) {
    const values = valuesOf(v128.load(at));
    const next = valuesOf(v128.load(at, 1));
    const ones = areNoWord(firstBytes(values, next));
    const twos = areNoWord(secondBytes(values, next));
    const threes = areNoWord(thirdBytes(values, next));
    for (let skip: usize = 0; skip < 4; skip += 1) {
      const others = (ones & (0x11 << <u32>skip)) | (twos & (0x22 << <u32>skip)) | (threes & (0x44 << <u32>skip));
      if (others == 0 && isCiphertextAround(at + skip, from + skip, to, out)) return true;
    }
  }
  return false;
}

/** Tells whether a string that may be ciphertext contains the six bytes that eight digits encode. */
function isCiphertextAround(at: usize, from: usize, to: usize, out: usize): bool {
  const end = decode(at - from < AROUND ? from : at - AROUND, min(to, at + 8 + AROUND), out);
  for (let place = out; place < end; place += 1) {
    const first = place;
    place = endOfWord(place, end);
    if (areLikeCiphertext(first, place)) return true;
  }
  return false;
}

/** Finds bytes that no word has: all before the hyphen, and all that are not ASCII. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function areNoWord(bytes: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_s(bytes, i8x16.splat(HYPHEN)));
}
