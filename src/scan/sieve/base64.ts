/** Finds base64 that encodes binary data, such as an image. The redactor takes long to read it, and finds no handle. */
import { BACK, isBinaryBase64 } from '../other-text.ts';
import { areLikeCiphertext, CLASS, SHORTEST_JUDGED } from '../pieces/ciphertext.ts';
import { tableOf } from './judge.ts';

const DIGIT = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
/** The bytes between which base64 is complete. Elsewhere it may continue, for example after a line break. */
const BEFORE = tableOf('"\':,;=([{');
const AFTER = tableOf('"\',;)]}&<');
const PADDING = 0x3d;

/** The shortest and about the longest base64, in digits, that is worth a look. */
const [SHORTEST, LONGEST] = [120, 65_536];

const LATIN1 = new TextDecoder('latin1');

/** Base64 in a log. */
export interface Base64 {
  readonly end: number;
  /** Whether the redactor finds nothing in this base64. */
  readonly isBinary: boolean;
}

/** Judges the base64 around a place. */
export function base64At(bytes: Uint8Array, place: number): Base64 {
  let [start, end] = [place, place];
  while (start > 0 && place - start < LONGEST && DIGIT[bytes[start - 1] as number] === 1) start -= 1;
  while (end - place < LONGEST && DIGIT[bytes[end] as number] === 1) end += 1;
  for (let count = 0; count < 2 && bytes[end] === PADDING; count += 1) end += 1;
  const isComplete = start > 0 && BEFORE[bytes[start - 1] as number] === 1 && AFTER[bytes[end] as number] === 1;
  if (!isComplete || end - start < SHORTEST) return { end, isBinary: false };
  // The redactor judges the base64 by the first word that looks like ciphertext.
  const word = firstWord(bytes, start, end);
  return { end, isBinary: word !== undefined && isBinaryBase64(LATIN1.decode(bytes.subarray(start, end)), word) };
}

/** Returns the first word that looks like ciphertext if it begins where the redactor also finds the base64's beginning. */
function firstWord(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let at = start; at < Math.min(start + BACK, end); at += 1) {
    const from = at;
    while (at < end && CLASS[bytes[at] as number] !== 0) at += 1;
    if (at - from >= SHORTEST_JUDGED && areLikeCiphertext(bytes, from, at)) return LATIN1.decode(bytes.subarray(from, at));
  }
  return undefined;
}
