/** Searches base64 of binary data for text that may be ciphertext. */
import { CLASS, isLikeCiphertext, isSuspect, SHORTEST_JUDGED } from '../pieces/ciphertext.ts';

/** For each character code: the value of the digit, or 0. */
const VALUE = new Uint8Array(128);
for (const [value, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  VALUE[digit.charCodeAt(0)] = value;
VALUE['-'.charCodeAt(0)] = 62;
VALUE['_'.charCodeAt(0)] = 63;

/**
 * Tells whether binary data in base64 contains a string that may be ciphertext. Random bytes contain no such string, so
 * an image or a digest does not count.
 *
 * @param digits base64 without line breaks and padding
 * @param isWhole whether the base64 certainly begins at the first digit. Otherwise the first digits may be the rest of a
 *   group, or a path
 */
export function hasCiphertextInBytes(digits: string, isWhole: boolean): boolean {
  const phases = isWhole && !mayBePath(digits) ? [0] : [0, 1, 2, 3];
  return phases.some((phase) => hasCiphertextFrom(digits, phase));
}

/** A path before base64 is not longer than this, in characters. */
const LONGEST_PATH = 400;

/** Tells whether digits may begin with a path: whether the text before the first slash is short or looks like words. */
function mayBePath(digits: string): boolean {
  const slash = digits.slice(0, LONGEST_PATH).indexOf('/');
  return slash !== -1 && !isSuspect(digits, 0, slash);
}

/** Tests only one byte of every {@link SHORTEST_JUDGED}, because every text of this length contains a tested byte. */
function hasCiphertextFrom(digits: string, phase: number): boolean {
  const count = Math.floor(((digits.length - phase) * 3) / 4);
  for (let at = 0; at < count; at += SHORTEST_JUDGED) {
    if (!isWordByte(digits, phase, at)) continue;
    let [from, to] = [at, at + 1];
    while (from > 0 && at - from < SHORTEST_JUDGED - 1 && isWordByte(digits, phase, from - 1)) from -= 1;
    while (to < count && to - at < SHORTEST_JUDGED && isWordByte(digits, phase, to)) to += 1;
    if (to - from >= SHORTEST_JUDGED && isLikeCiphertext(stringOf(digits, phase, from, to))) return true;
  }
  return false;
}

function isWordByte(digits: string, phase: number, at: number): boolean {
  return CLASS[byteOf(digits, phase, at)] !== 0;
}

/** Decodes the byte number `at` of base64 that begins at the digit `phase`. */
function byteOf(digits: string, phase: number, at: number): number {
  const rest = at % 3;
  const place = phase + ((at - rest) / 3) * 4 + rest;
  const [first, second] = [VALUE[digits.charCodeAt(place)] ?? 0, VALUE[digits.charCodeAt(place + 1)] ?? 0];
  return ((first << (2 + 2 * rest)) | (second >> (4 - 2 * rest))) & 0xff;
}

function stringOf(digits: string, phase: number, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += String.fromCharCode(byteOf(digits, phase, at));
  return text;
}
