/** Finds the first word of a log that may be a piece of a handle. `../pieces/candidates.ts` does this for the redactor. */
import { SHORTEST_SUSPECT } from '../pieces/ciphertext.ts';
import { type Base64, base64At } from './base64.ts';
import { isShortDoubt, mayStart, placeOfLongDoubt } from './judge.ts';
import type { Search } from './stops.ts';

/**
 * A part of a log in which the redactor may find something. If the sieve finds no doubt, the part is empty and begins
 * where the search ended.
 */
export interface Doubt {
  readonly index: number;
  readonly end: number;
}

/** A part of a log. */
export interface Bytes {
  readonly bytes: Uint8Array;
  /** Returns the bytes as text (ISO 8859-1). The text is made at the first call. */
  text(): string;
  /** Returns the first place of a text of three characters at or after `from`, or -1. */
  indexOf(part: string, from: number): number;
  /** Searches the bytes between two places. */
  search(from: number, to: number): Search;
}

/** The kinds of the characters of handles, as bits: small letters, capitals, and the other characters. */
const [SMALL, CAPITAL, OTHER] = [1, 2, 4];
const MIXED = SMALL | CAPITAL;
const KIND = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const character = String.fromCharCode(byte);
  if (/[a-z]/.test(character)) KIND[byte] = SMALL;
  else if (/[A-Z]/.test(character)) KIND[byte] = CAPITAL;
  else if (/[0-9._-]/.test(character)) KIND[byte] = OTHER;
}

/** The longest number that stands for a character, with its sign, in bytes. */
const LONGEST_NUMBER = 14;
const [LETTER_J, BACKSLASH] = [0x4a, 0x5c];

/**
 * Finds the first word that may be a piece of a handle. Also tells whether the text before this word has signs of
 * binary data, or of characters that are written apart or as numbers.
 */
export function findWord({ bytes, text, search }: Bytes, from: number, limit: number): Doubt & { readonly hasSigns: boolean } {
  const stops = search(from, limit);
  /** The last base64. All of its words are judged together. */
  let base64: Base64 = { end: from, isBinary: false };
  for (let stop = stops.next(); stop !== undefined; stop = stops.next()) {
    const { at, end, isAtBreak } = stop;
    if (end !== -1 && base64.isBinary && end <= base64.end) continue;
    if (end === -1 && bytes[at] === LETTER_J && !mayStart(bytes, at - 2, limit)) continue;
    let [start, kinds] = [end === -1 ? at : end, 0];
    for (let kind = OTHER; start > from; start -= 1) {
      kind = KIND[bytes[start - 1] as number] as number;
      if (kind === 0) break;
      kinds |= kind;
    }
    if (end === -1) return { index: start, end: at + 1, hasSigns: stops.hasSigns };
    const isMixed = (kinds & MIXED) === MIXED;
    const isShort = end - start < SHORTEST_SUSPECT;
    if (isMixed && !isShort && end > base64.end) base64 = base64At(bytes, end);
    if (base64.isBinary && end <= base64.end) continue;
    const begin = isShort
      ? isShortDoubt(bytes, text, start, end)
        ? start
        : -1
      : placeOfLongDoubt(bytes, text, start, end, isMixed, isAtBreak);
    if (begin !== -1) return { index: begin, end, hasSigns: stops.hasSigns };
  }
  // If a row of characters written as numbers may continue, the next search judges the whole row again, from the sign
  // of its first number.
  const { row, hasSigns } = stops;
  let index = startOfWord(bytes, row === -1 ? limit : Math.max(from, row - LONGEST_NUMBER), from);
  const least = Math.max(from, index - LONGEST_NUMBER);
  while (index > least && bytes[index - 1] === BACKSLASH) index -= 1;
  return { index, end: index, hasSigns };
}

export function isSymbol(bytes: Uint8Array, at: number): boolean {
  return KIND[bytes[at] as number] !== 0;
}

/** Returns the beginning of the word that ends at a place, or `from` if the word begins before `from`. */
function startOfWord(bytes: Uint8Array, end: number, from: number): number {
  let at = end;
  while (at > from && isSymbol(bytes, at - 1)) at -= 1;
  return at;
}
