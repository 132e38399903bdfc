/**
 * Judges the text between two pieces of a handle. A program may have broken this text into pieces that are too short to be
 * judged one by one.
 */
import { CLASS, fitOfEnd } from './ciphertext.ts';

const WORDS = /[A-Za-z0-9_-]{3,}/g;

/** Matches words that are usual in a log although they have capitals or digits: `Sha256`, `12ms`, hexadecimal, and times. */
const USUAL = /^(?:[A-Z]?[a-z]+[_-]?\d*|[A-Z]+[_-]?\d*|\d+[A-Za-z]+|[0-9a-f_-]+|[0-9A-F_-]+|[\dTZ_-]+)$/;

/** Odd words with fewer characters in total may be ordinary text. They hardly contain 24 characters of a handle. */
const FEWEST_CHARACTERS = 16;

/**
 * Tells whether a text between two pieces may contain further pieces, because odd words make up much of it.
 *
 * @param around the text before and after. A word that also stands there counts as a part of the lines' prefix
 */
export function mayContainPieces(text: string, around: string): boolean {
  const odd = (text.match(WORDS) ?? []).filter((word) => isOdd(word) && !around.includes(word));
  return [...new Set(odd)].join('').length >= FEWEST_CHARACTERS;
}

/** Tells whether a word has two of small letters, capitals and digits, and hardly looks like a word. */
function isOdd(word: string): boolean {
  if (USUAL.test(word)) return false;
  const kinds = new Set([...word].map((character) => CLASS[character.charCodeAt(0)]).filter((kind) => kind !== SIGN));
  return kinds.size >= 2 && fitOfEnd(word, 0, word.length) < word.length / 2;
}

const SIGN = CLASS['-'.charCodeAt(0)];
