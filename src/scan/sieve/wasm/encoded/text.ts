/** Decodes base64 of text, and judges the text. */
import { decode, isAscii, mayEncodeHandle } from './base64';
import { mayBeCompressed } from './binary';

/** The address of decoded text. */
export const DECODED: usize = 84_480;
/** The longest base64 that is judged, in digits. */
export const LONGEST: usize = 1_048_576;

/**
 * Tells whether text between two places contains nothing that may belong to a handle. A second instance of this module
 * answers, because the search in this instance has not ended.
 */
// @ts-ignore: AssemblyScript's decorator for imports
@external("env", "isPlain")
declare function isPlain(from: usize, to: usize): i32;

/** The end of the text that was decoded last. */
export let decodedEnd: usize = 0;

/** Decodes digits. Tells whether they encode text in ASCII. */
export function isText(from: usize, to: usize): bool {
  if (to - from > LONGEST || (to - from) % 4 == 1) return false;
  // Binary data shows itself in its first bytes.
  if (to - from > 16 && !isAscii(DECODED, decode(from, from + 16, DECODED))) return false;
  decodedEnd = decode(from, to, DECODED);
  return isAscii(DECODED, decodedEnd);
}

/** Tells whether digits of base64 encode ASCII text that contains nothing that may belong to a handle. */
export function isHarmlessText(from: usize, to: usize): bool {
  return isPlainText(from, to) && !mayEncodeHandle(from, to);
}

/** Does the same as `isHarmlessText` for digits that certainly do not encode the beginning of a handle. */
export function isPlainText(from: usize, to: usize): bool {
  return isText(from, to) && !mayBeCompressed(DECODED) && isPlain(DECODED, decodedEnd) != 0;
}
