/** Reads a text across its breaks: line breaks and the prefixes of lines, escapes, markup, and invisible characters. */
import { endOfWord, mayBreak } from './candidates.ts';
import { type Join, peeled, withoutSpaces } from './layers.ts';
import { type Mapped, mapped } from './mapped.ts';

/** The characters of a handle from one place of a text on, without the breaks between them. */
export interface Unbroken {
  readonly symbols: string;
  /** Where each symbol begins in the text. */
  readonly from: readonly number[];
  /** Where each symbol ends in the text. */
  readonly to: readonly number[];
  /** Where reading stopped in the text. */
  readonly end: number;
  /** Whether the handle may go on behind the end of the text. */
  readonly isOpen: boolean;
}

/**
 * The ways to join lines and records, in the order in which they are tried. `spaces` joins lines behind any prefix, and words
 * across spaces.
 */
export const WAYS = ['known', 'continued', 'any prefix', 'spaces'] as const satisfies readonly (Join | 'spaces')[];
export type Way = (typeof WAYS)[number];

/** How many characters are read first. Most handles end within them. */
const WINDOW = 1_024;

/** The longest break, in characters: the end of a record and the beginning of the next one. */
const LONGEST_BREAK = 512;

/** The longest prefix of a line, in characters. Characters read from a line that has just begun may belong to its prefix. */
const LONGEST_PREFIX = 160;

const SYMBOLS = /^[A-Za-z0-9_.-]*/;

/** The characters that may begin a break, line breaks and control characters among them. Any other character ends a handle. */
const BREAKING = /[\s"'`\\%&<=|]|[^ -~]/;

/** @param end where another handle begins, or the text ends */
export function readUnbroken(text: string, index: number, end: number, isLast: boolean, way: Way): Unbroken {
  const word = endOfWord(text, index, end);
  if (way !== 'spaces' && word < end && !mayBreak(text, word) && !endsRecord(text, word)) {
    const { text: symbols, from, to } = mapped(text, index, word);
    return { symbols, from, to, end: word, isOpen: false };
  }
  for (let size = WINDOW; ; size *= 4) {
    const stop = Math.min(end, index + size);
    let read: Mapped = peeled(mapped(text, index, stop), way === 'spaces' ? 'any prefix' : way);
    if (way === 'spaces') read = withoutSpaces(read);
    const { length } = SYMBOLS.exec(read.text)?.[0] ?? '';
    const reached = read.to[length - 1] ?? index;
    const mayGoOn =
      stop - reached < LONGEST_BREAK &&
      (reached === stop || BREAKING.test(text.charAt(reached)) || stop - placeOfLastBreak(read, length) < LONGEST_PREFIX);
    if (mayGoOn && stop < end) continue;
    return {
      symbols: read.text.slice(0, length),
      from: read.from.slice(0, length),
      to: read.to.slice(0, length),
      end: reached,
      isOpen: mayGoOn && !isLast && end === text.length,
    };
  }
}

/** The end of a message and of its record, up to the next record or to the end of the text. */
const RECORD_END = /\\{0,16}["&][^{}]{0,400}(?:\{[^{}]{0,300}\}[^{}]{0,200})?(?:\}|$)/y;

function endsRecord(text: string, at: number): boolean {
  RECORD_END.lastIndex = at;
  return RECORD_END.test(text);
}

function placeOfLastBreak({ from, to }: Mapped, length: number): number {
  for (let at = length - 1; at > 0; at -= 1) if (from[at] !== to[at - 1]) return to[at - 1] ?? 0;
  return Number.NEGATIVE_INFINITY;
}

/** Whether a break stands before a symbol. */
export function isBroken({ from, to }: Unbroken, at: number): boolean {
  return at >= from.length || from[at] !== to[at - 1];
}
