/** Reads a text for handles and pieces of handles, whatever broke them. */
import { type Candidate, endOfWord, findCandidate, findStart, mayHaveShortPieces } from './candidates.ts';
import { isLikeCiphertext, isSuspect, isSuspectPiece, SHORTEST_SUSPECT } from './ciphertext.ts';
import { HANDLE_PREFIX, readAt, START } from './find.ts';
import { endOfOther, mayBeBase64 } from './others.ts';
import { isBroken, readUnbroken, type Unbroken, WAYS } from './unbroken.ts';

interface Place {
  /** Where in the text it begins, and where it ends, in UTF-16 code units. */
  readonly index: number;
  readonly end: number;
}

export type Reading =
  /** A whole handle. */
  | (Place & { readonly type: 'handle'; readonly handle: string })
  /** A handle without its end or without its beginning, or with something in it that is none of it. */
  | (Place & { readonly type: 'cut' })
  /** What may be a piece of a handle, or another secret that is written in base64url. */
  | (Place & { readonly type: 'suspect' })
  /** The text ends before it is clear what this is; whether it begins as a handle. */
  | (Place & { readonly type: 'open'; readonly isHandle: boolean });

/** What was read, if anything, and where to go on. */
type Step = readonly [reading: Reading | undefined, next: number];

/** A handle has a header of 48 characters at least, an IV, a byte of ciphertext, a tag and four dots. */
const SHORTEST_HANDLE = 92;

/** So much behind a word tells whether it is of a text in base64. Characters. */
const ENOUGH_TO_TELL = 400;

/** Behind a piece of a handle others may follow that are shorter than can be told for sure, as far as this. Characters. */
export const WAKE = 1_024;

/**
 * Reads a text.
 *
 * @param from what stands before is only looked back at
 * @param isLast whether nothing follows the text
 * @param wake up to here more pieces are expected: see {@link WAKE}
 * @returns what was found, in its order; `open` only as the last, and only where something follows the text
 */
export function* readings(text: string, from: number, isLast: boolean, wake = from): Generator<Reading> {
  let [at, expected] = [from, wake];
  const mayBeShort = mayHaveShortPieces(text);
  let start = findStart(text, at, isLast);
  while (at < text.length) {
    if (start && start.index < at) start = findStart(text, at, isLast);
    const end = start?.index ?? text.length;
    const range = { from: at, end, isLast: isLast || end < text.length, wake: expected };
    const candidate = findCandidate(text, range, mayBeShort) ?? start;
    if (candidate === undefined) return;
    const [reading, next] =
      candidate !== start
        ? readPiece(text, candidate, end, isLast, candidate.index < expected)
        : start.isClear
          ? readHead(text, start.index, isLast)
          : readPiece(text, start, text.length, isLast, start.index < expected);
    // Between pieces of one handle there may be some that pass for words.
    const isTail = reading?.type === 'cut' && candidate !== start;
    if (isTail && expected > reading.index && /[A-Za-z0-9_-]{8}/.test(text.slice(at, reading.index)))
      yield { type: 'suspect', index: at, end: reading.index };
    if (reading !== undefined) yield reading;
    if (reading?.type === 'open') return;
    if (reading !== undefined && reading.type !== 'handle') expected = next + WAKE;
    at = next;
  }
}

/** Finds the whole handles of a text, also those that something broke into pieces; each once, in their order. */
export function findBroken(text: string): string[] {
  const handles = new Set<string>();
  for (const reading of readings(text, 0, true)) if (reading.type === 'handle') handles.add(reading.handle);
  return [...handles];
}

function given(reading: Reading): Step {
  return [reading, reading.end];
}

/** A handle that begins here, or what only begins as one. */
function readHead(text: string, index: number, isLast: boolean): Step {
  const found = readAt(text, index);
  const open = { type: 'open', index, end: text.length, isHandle: true } as const;
  if (found !== undefined) {
    const end = index + found.length;
    return given(end === text.length && !isLast ? open : { type: 'handle', handle: found.handle, index, end });
  }
  const another = text.indexOf(START, index + 1);
  const end = another === -1 ? text.length : another;
  // Where another begins sooner than any ends, this one is cut.
  if (another !== -1 && end - index < SHORTEST_HANDLE && endOfWord(text, index, end) === end && text.startsWith(HANDLE_PREFIX, index)) {
    return given({ type: 'cut', index, end });
  }
  let first: Unbroken | undefined;
  for (const way of end - index < SHORTEST_HANDLE ? WAYS.slice(0, 1) : WAYS) {
    const read = readUnbroken(text, index, end, isLast, way);
    const whole = wholeHandle(read, 0);
    if (whole !== undefined) return given(whole.end === text.length && !isLast ? open : whole);
    first ??= read;
  }
  if (first === undefined) return [undefined, index + 1];
  if (first.isOpen) return given(open);
  return readCut(first, 0);
}

/** What begins as a handle at a symbol, and is no whole one. */
function readCut(read: Unbroken, at: number): Step {
  const index = read.from[at] ?? 0;
  if (read.symbols.startsWith(HANDLE_PREFIX, at)) return given({ type: 'cut', index, end: endOfPieces(read, at) });
  // What begins as a handle's header and goes on otherwise is another token; and a header that was cut has no secret.
  return [undefined, HANDLE_PREFIX.startsWith(read.symbols.slice(at)) ? read.end : index + 1];
}

const WHOLE = /[A-Za-z0-9_-]{48,171}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}/y;

/** The handle that begins at a symbol. Behind it is a full stop, or something that breaks the text. */
function wholeHandle(read: Unbroken, at: number): (Reading & { type: 'handle' }) | undefined {
  WHOLE.lastIndex = at;
  const handle = WHOLE.exec(read.symbols)?.[0];
  if (handle === undefined || readAt(handle, 0) === undefined) return undefined;
  const last = at + handle.length;
  if (!endsAt(read, last)) return undefined;
  return { type: 'handle', handle, index: read.from[at] ?? 0, end: read.to[last - 1] ?? 0 };
}

function endsAt(read: Unbroken, at: number): boolean {
  return isBroken(read, at) || read.symbols.charAt(at) === '.';
}

/** A word that looks like a piece of a handle. @param end where another handle begins, or the text ends */
function readPiece(text: string, { index, end: to, isClear }: Candidate, end: number, isLast: boolean, isExpected: boolean): Step {
  const other = endOfOther(text, index, to, isExpected);
  if (other !== undefined) return [undefined, other];
  const read = readUnbroken(text, index, end, isLast, 'known');
  const start = read.symbols.indexOf(START);
  const open = { type: 'open', index, end: text.length, isHandle: start !== -1 } as const;
  const whole = start === -1 ? undefined : wholeHandle(read, start);
  if (whole !== undefined && (isLast || whole.end < text.length)) return given(whole);
  const mayBeOther = !isLast && text.length - to < ENOUGH_TO_TELL && mayBeBase64(text.slice(index, to));
  if (read.isOpen || mayBeOther) return given(open);
  if (start !== -1) return readCut(read, start);
  if (!isClear && !isLikeCiphertext(read.symbols)) {
    if (!isSuspectPiece(text, index, to)) return [undefined, to];
    if (!isLikeCiphertext(readUnbroken(text, index, end, isLast, 'any prefix').symbols)) return [undefined, to];
  }
  const tail = endOfTail(read);
  return given(tail === undefined ? { type: 'suspect', index, end: endOfPieces(read, 0) } : { type: 'cut', index, end: tail });
}

/** How a handle ends: with a tag, of which the last four bits are zero. */
const TAIL = /\.[A-Za-z0-9_-]{21}[AQgw]/g;

/** Where in the text a handle ends whose beginning is missing; undefined where its end is, too. */
function endOfTail(read: Unbroken): number | undefined {
  for (const { 0: tail, index } of read.symbols.matchAll(TAIL)) {
    const last = index + tail.length;
    if (index > 0 && endsAt(read, last)) return read.to[last - 1];
  }
  return undefined;
}

/** Where in the text the last piece ends that goes on like the first: words behind a handle that was cut are none of it. */
function endOfPieces(read: Unbroken, from: number): number {
  let last = from;
  /** Where pieces began that are too short to be judged one by one. */
  let short = -1;
  for (let at = from; at < read.symbols.length; ) {
    let end = at + 1;
    while (!isBroken(read, end)) end += 1;
    if (end - at >= SHORTEST_SUSPECT) short = -1;
    else if (short === -1) short = at;
    if (at === from || isSuspect(read.symbols, short === -1 ? at : short, end)) last = end;
    else if (short === -1) break;
    at = end;
  }
  // Full stops at the end are a sentence's.
  while (last > from + 1 && read.symbols.charAt(last - 1) === '.') last -= 1;
  return read.to[last - 1] ?? 0;
}
