/**
 * Reads a handle across its breaks. A break is text that a program put into the handle: a line break with the prefix of
 * the next line, an escape, markup, or an invisible character.
 */

import { START } from './find.ts';
import { type Mapped, mapped } from './mapped.ts';
import { type Join, normalized, withoutSpaces } from './normalize.ts';
import { mayBreak } from './pieces/breaks.ts';
import { endOfWord } from './pieces/ciphertext.ts';

/** The characters of a handle without its breaks. */
export interface Joined extends Mapped {
  /** The index in the source text at which reading stopped. */
  readonly end: number;
  /** Whether the handle may continue in text that has not arrived yet. */
  readonly mayContinue: boolean;
}

/**
 * The ways to join lines, in the order in which the reader tries them. {@link Join} explains the first three. `spaces`
 * does the same as `any prefix`, and also removes the spaces between words.
 */
export const WAYS = ['known', 'continued', 'any prefix', 'spaces'] as const satisfies readonly (Join | 'spaces')[];
export type Way = (typeof WAYS)[number];

/** How many characters the first attempt reads. Most handles with their breaks are shorter. */
const WINDOW = 1_024;

/**
 * Where no handle begins, the reader joins at most this many characters. Half of them are for the pieces of the longest
 * handle, and half for the breaks between the pieces. Joining all lines of a list at each word would take quadratic
 * time.
 */
const LONGEST_PIECES = 16_384;

/**
 * The longest break, in characters. The end of one log record and the beginning of the next form the longest breaks.
 */
const LONGEST_BREAK = 512;

/** The longest prefix of a line, in characters. The reader always reads at least this far after a line break. */
const LONGEST_PREFIX = 160;

const WORD = /^[A-Za-z0-9_.-]*/;

/** Matches the first character of a break. Any other character that no handle contains ends the handle. */
const BREAKING = /[\s"'`\\%&<=|]|[^ -~]/;

/**
 * Reads a handle, or the pieces of a handle, from an index on.
 *
 * @param end the index at which another handle begins, or the end of the text
 * @param isLast whether no text will follow
 */
export function readJoined(text: string, index: number, end: number, isLast: boolean, way: Way): Joined {
  const word = endOfWord(text, index, end);
  if (way !== 'spaces' && word < end && !mayBreak(text, word) && !endsRecord(text, word)) {
    return { ...mapped(text, index, word), end: word, mayContinue: false };
  }
  for (let size = WINDOW; ; size *= 4) {
    const stop = Math.min(end, index + size);
    const isLongest = !text.startsWith(START, index) && size >= LONGEST_PIECES;
    let read: Mapped = normalized(mapped(text, index, stop), way === 'spaces' ? 'any prefix' : way);
    if (way === 'spaces') read = withoutSpaces(read);
    const { length } = WORD.exec(read.text)?.[0] ?? '';
    const reached = read.to[length - 1] ?? index;
    const needsMore =
      stop - reached < LONGEST_BREAK &&
      (reached === stop || BREAKING.test(text.charAt(reached)) || stop - placeOfLastBreak(read, length) < LONGEST_PREFIX);
    if (needsMore && stop < end && !isLongest) continue;
    return {
      text: read.text.slice(0, length),
      from: read.from.slice(0, length),
      to: read.to.slice(0, length),
      end: reached,
      mayContinue: needsMore && !isLast && end === text.length,
    };
  }
}

/** Matches what follows a piece of a message in a log record, up to the closing brace or the end of the text. */
const RECORD_END = /\\{0,16}["&][^{}]{0,400}(?:\{[^{}]{0,300}\}[^{}]{0,200})?(?:\}|$)/y;

function endsRecord(text: string, at: number): boolean {
  RECORD_END.lastIndex = at;
  return RECORD_END.test(text);
}

function placeOfLastBreak({ from, to }: Mapped, length: number): number {
  for (let at = length - 1; at > 0; at -= 1) if (from[at] !== to[at - 1]) return to[at - 1] ?? 0;
  return Number.NEGATIVE_INFINITY;
}

/** Tells whether a break precedes the character at an index. The end of the text counts as a break. */
export function hasBreakBefore({ from, to }: Joined, at: number): boolean {
  return at >= from.length || from[at] !== to[at - 1];
}
