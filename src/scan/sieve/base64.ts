/** Finds base64 of binary data, such as an image. The redactor would read it slowly, and find no handle in it. */
import { isBinaryBase64 } from '../encoded.ts';
import { BACK } from '../lines.ts';
import { areLikeCiphertext, CLASS, SHORTEST_JUDGED } from '../pieces/ciphertext.ts';
import { tableOf } from './check.ts';

const DIGIT = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
/** The bytes around complete base64. If another byte stands there, the base64 may continue, such as on the next line. */
const BEFORE = tableOf('"\':,;=([{');
const AFTER = tableOf('"\',;)]}&<');
const PADDING = 0x3d;

/**
 * Base64 of fewer than {@link SHORTEST} characters never counts as binary. From a place, the sieve reads at most
 * {@link LONGEST} digits in each direction.
 */
const [SHORTEST, LONGEST] = [120, 65_536];

const LATIN1 = new TextDecoder('latin1');

export interface Base64 {
  readonly end: number;
  /** Whether the base64 encodes binary data, so that the redactor finds nothing in it. */
  readonly isBinary: boolean;
}

/** Returns where the digits of base64 before a place begin. */
export function startOfDigits(bytes: Uint8Array, place: number): number {
  let start = place;
  while (start > 0 && place - start < LONGEST && DIGIT[bytes[start - 1] as number] === 1) start -= 1;
  return start;
}

/** Judges the base64 around a place. Base64 that is cut, or too short or too long, does not count as binary. */
export function base64At(bytes: Uint8Array, place: number): Base64 {
  const start = startOfDigits(bytes, place);
  let end = place;
  while (end - place < LONGEST && DIGIT[bytes[end] as number] === 1) end += 1;
  for (let count = 0; count < 2 && bytes[end] === PADDING; count += 1) end += 1;
  const isComplete = start > 0 && BEFORE[bytes[start - 1] as number] === 1 && AFTER[bytes[end] as number] === 1;
  if (!isComplete || end - start < SHORTEST) return { end, isBinary: false };
  const word = firstWord(bytes, start, end);
  return { end, isBinary: word !== undefined && isBinaryBase64(LATIN1.decode(bytes.subarray(start, end)), word) };
}

/**
 * Returns the first word that looks like ciphertext. At this word, the redactor decides what the base64 contains. It
 * looks for the beginning of the base64 in the {@link BACK} characters before the word.
 */
function firstWord(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let at = start; at < Math.min(start + BACK, end); at += 1) {
    const from = at;
    while (at < end && CLASS[bytes[at] as number] !== 0) at += 1;
    if (at - from >= SHORTEST_JUDGED && areLikeCiphertext(bytes, from, at)) return LATIN1.decode(bytes.subarray(from, at));
  }
  return undefined;
}
