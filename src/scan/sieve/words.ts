/** Finds the first word of a log that may be a piece of a handle. See `../pieces/candidates.ts` for what a word is. */
import type { Part } from '../mapped.ts';
import { SHORTEST_SUSPECT } from '../pieces/ciphertext.ts';
import { checkLongWord, isSuspiciousShortWord, tableOf } from './check.ts';
import type { Search } from './scanner.ts';

/** The part of a log that is in memory. */
export interface Log {
  readonly bytes: Uint8Array;
  /** Returns the bytes as text (ISO 8859-1). The first call makes the text, which takes time. */
  text(): string;
  /** Finds a text of three characters. Returns -1 if the text is missing. */
  indexOf(part: string, from: number): number;
  /** Finds a letter that is no part of a word, between two places. Returns -1 if there is no such letter. */
  findAlone(letter: number, from: number, to: number): number;
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

/** How many bytes before a place the next search reads again, because a numeric escape (`%65`) may begin in them. */
const LONGEST_ESCAPE = 14;
const BACKSLASH = 0x5c;

/** A word that may be a piece of a handle, or an empty part. */
interface FoundWord extends Part {
  readonly mayBeReported: boolean;
  /** Whether the search ended at base64 whose end has not arrived yet. */
  readonly isUnfinished?: boolean;
}

/**
 * Finds the first word that may be a piece of a handle. Without such a word, returns an empty part at the place where
 * the next search must begin.
 */
export function findWord({ bytes, text, search }: Log, from: number, limit: number): FoundWord {
  const hits = search(from, limit);
  for (let hit = hits.next(); hit !== undefined; hit = hits.next()) {
    const { at, end, isAtBreak } = hit;
    let [start, kinds] = [end === -1 ? at : end, 0];
    for (let kind = OTHER; start > from; start -= 1) {
      kind = KIND[bytes[start - 1] as number] as number;
      if (kind === 0) break;
      kinds |= kind;
    }
    if (end === -1) return { index: start, end: at + 1, mayBeReported: hits.mayBeReported };
    const isMixed = (kinds & MIXED) === MIXED;
    const isShort = end - start < SHORTEST_SUSPECT;
    const index = isShort
      ? isSuspiciousShortWord(bytes, text, start, end)
        ? start
        : -1
      : checkLongWord(bytes, text, start, end, isMixed, isAtBreak);
    if (index !== -1) return { index, end, mayBeReported: hits.mayBeReported };
  }
  const { endOfHarmless, escapes, mayBeReported, unfinished } = hits;
  if (unfinished !== -1) return { index: unfinished, end: unfinished, mayBeReported, isUnfinished: true };
  // If numeric escapes may continue after this search, the next search reads these escapes again.
  let index = startOfWord(bytes, escapes === -1 ? limit : Math.max(from, escapes - LONGEST_ESCAPE), from);
  const least = Math.max(from, index - LONGEST_ESCAPE);
  while (index > least && bytes[index - 1] === BACKSLASH) index -= 1;
  index = Math.max(index, endOfHarmless);
  return { index, end: index, mayBeReported };
}

export function isWordByte(bytes: Uint8Array, at: number): boolean {
  return KIND[bytes[at] as number] !== 0;
}

/** Returns the beginning of the word that ends at a place, or `from` if the word begins earlier. */
function startOfWord(bytes: Uint8Array, end: number, from: number): number {
  let at = end;
  while (at > from && isWordByte(bytes, at - 1)) at -= 1;
  return at;
}

const BASE64_SIGN = tableOf('+/');
/** The longest base64 that is read from its beginning, in digits. Longer base64 is read from its middle. */
const LONGEST_BASE64 = 65_536;

/** Returns where the word or the base64 around a place begins. */
export function startOfText(bytes: Uint8Array, place: number): number {
  let start = place;
  while (start > 0 && place - start < LONGEST_BASE64 && (isWordByte(bytes, start - 1) || BASE64_SIGN[bytes[start - 1] as number] === 1))
    start -= 1;
  return start;
}
