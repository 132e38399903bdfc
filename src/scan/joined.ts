/**
 * Reads a handle across its breaks. A break is text that a program puts between two characters of a handle: a line
 * break with the prefix of the next line, an escape, markup, or an invisible character.
 */

import { type Mapped, mapped } from './mapped.ts';
import { type Join, normalized, withoutSpaces } from './normalize.ts';
import { mayBreak } from './pieces/breaks.ts';
import { endOfWord } from './pieces/ciphertext.ts';

/** The characters of a handle that begins at an index of a text, without the breaks between them. */
export interface Joined extends Mapped {
  /** The index in the text at which reading stopped. */
  readonly end: number;
  /** Whether the handle may continue in text that has not arrived yet. */
  readonly mayContinue: boolean;
}

/**
 * The ways to join lines and records, in the order in which the reader tries them: the ways of {@link Join}, and
 * `spaces`. `spaces` removes line breaks and any prefix after them, and also the spaces between words.
 */
export const WAYS = ['known', 'continued', 'any prefix', 'spaces'] as const satisfies readonly (Join | 'spaces')[];
/** One of the {@link WAYS}. */
export type Way = (typeof WAYS)[number];

/** How many characters the first attempt reads. Most handles with their breaks are shorter. */
const WINDOW = 1_024;

/**
 * The longest break, in characters. The longest breaks contain the end of one log record and the beginning of the next
 * record.
 */
const LONGEST_BREAK = 512;

/**
 * The longest prefix of a line, in characters. The first symbols after a line break may belong to the prefix of the new
 * line. So the reader stops only if it has read at least this far after the last line break.
 */
const LONGEST_PREFIX = 160;

const SYMBOLS = /^[A-Za-z0-9_.-]*/;

/** Matches a character with which a break can begin. Any other character after a symbol ends the handle. */
const BREAKING = /[\s"'`\\%&<=|]|[^ -~]/;

/**
 * Reads a handle that begins at an index.
 *
 * @param end the index at which another handle begins, or the end of the text
 * @param isLast whether no text will follow
 * @param way how to join lines
 */
export function readJoined(text: string, index: number, end: number, isLast: boolean, way: Way): Joined {
  const word = endOfWord(text, index, end);
  if (way !== 'spaces' && word < end && !mayBreak(text, word) && !endsRecord(text, word)) {
    return { ...mapped(text, index, word), end: word, mayContinue: false };
  }
  for (let size = WINDOW; ; size *= 4) {
    const stop = Math.min(end, index + size);
    let read: Mapped = normalized(mapped(text, index, stop), way === 'spaces' ? 'any prefix' : way);
    if (way === 'spaces') read = withoutSpaces(read);
    const { length } = SYMBOLS.exec(read.text)?.[0] ?? '';
    const reached = read.to[length - 1] ?? index;
    const needsMore =
      stop - reached < LONGEST_BREAK &&
      (reached === stop || BREAKING.test(text.charAt(reached)) || stop - placeOfLastBreak(read, length) < LONGEST_PREFIX);
    if (needsMore && stop < end) continue;
    return {
      text: read.text.slice(0, length),
      from: read.from.slice(0, length),
      to: read.to.slice(0, length),
      end: reached,
      mayContinue: needsMore && !isLast && end === text.length,
    };
  }
}

/**
 * Matches the rest of a log record after a piece of its message, until the closing brace of the record or the end of
 * the text.
 */
const RECORD_END = /\\{0,16}["&][^{}]{0,400}(?:\{[^{}]{0,300}\}[^{}]{0,200})?(?:\}|$)/y;

function endsRecord(text: string, at: number): boolean {
  RECORD_END.lastIndex = at;
  return RECORD_END.test(text);
}

function placeOfLastBreak({ from, to }: Mapped, length: number): number {
  for (let at = length - 1; at > 0; at -= 1) if (from[at] !== to[at - 1]) return to[at - 1] ?? 0;
  return Number.NEGATIVE_INFINITY;
}

/** Tells whether a break stands before the symbol with the number `at`, or whether there is no such symbol. */
export function hasBreakBefore({ from, to }: Joined, at: number): boolean {
  return at >= from.length || from[at] !== to[at - 1];
}
