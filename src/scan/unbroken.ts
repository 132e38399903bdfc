/** Reads on through whatever broke a text into pieces: line breaks and their prefixes, escapes, markup, what nobody sees. */
import { endOfWord, mayBreak } from './candidates.ts';
import { peeled, withoutSpaces } from './layers.ts';
import { type Mapped, mapped } from './mapped.ts';

/** The characters of a handle that follow each other from one place on, without what broke them. */
export interface Unbroken {
  readonly symbols: string;
  /** Where in the text each began. */
  readonly from: readonly number[];
  /** Where in the text each ended. */
  readonly to: readonly number[];
  /** Where in the text reading stopped. */
  readonly end: number;
  /** Whether more of it may stand behind the end of the text. */
  readonly isOpen: boolean;
}

/** How lines and records were put together: as known programs do it, however they begin, or by spaces alone. Tried in this order. */
export const WAYS = ['known', 'any prefix', 'spaces'] as const;
export type Way = (typeof WAYS)[number];

/** So much is looked at first; most handles end in it. Characters. */
const WINDOW = 1_024;

/** What stands between two pieces may be as long as this: the end of a record, and the beginning of the next. */
const LONGEST_BREAK = 512;

/** What was read of a line that has just begun may be a part of its prefix. Characters. */
const LONGEST_PREFIX = 160;

const SYMBOLS = /^[A-Za-z0-9_.-]*/;

/** What may begin a break: behind anything else a handle has ended. */
// What ends lines and what a terminal obeys, too.
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
    let read: Mapped = peeled(mapped(text, index, stop), way !== 'known');
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

/** Where a message ends whose record may be followed by another: as far as this text goes. */
const RECORD_END = /\\{0,16}["&][^{}]{0,400}(?:\{[^{}]{0,300}\}[^{}]{0,200})?(?:\}|$)/y;

function endsRecord(text: string, at: number): boolean {
  RECORD_END.lastIndex = at;
  return RECORD_END.test(text);
}

function placeOfLastBreak({ from, to }: Mapped, length: number): number {
  for (let at = length - 1; at > 0; at -= 1) if (from[at] !== to[at - 1]) return to[at - 1] ?? 0;
  return Number.NEGATIVE_INFINITY;
}

/** Whether something broke the text before a symbol. */
export function isBroken({ from, to }: Unbroken, at: number): boolean {
  return at >= from.length || from[at] !== to[at - 1];
}
