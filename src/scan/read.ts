/**
 * Finds handles and pieces of handles in a text, even if programs broke them. A piece is the part of a handle between
 * two breaks. A break is text that a program put into the handle.
 */
import { mayBeginHandle } from './base64.ts';
import type { Base64Search } from './encoded/encoded.ts';
import { MOST_LEVELS } from './encoded/nested.ts';
import { HANDLE_PREFIX, readAt, START, wholeLengthAt } from './find.ts';
import { hasBreakBefore, type Joined, readJoined, WAYS } from './joined.ts';
import type { Part } from './mapped.ts';
import { endOfPieces } from './next-piece.ts';
import { mayBeBase64, type OtherText, otherTextAt } from './other-text.ts';
import { type Candidate, findCandidate, findStart } from './pieces/candidates.ts';
import { endOfWord, isLikeCiphertext, isSuspectPiece } from './pieces/ciphertext.ts';
import { arraysIn } from './reported/arrays.ts';
import { interruptedIn } from './reported/interrupted.ts';
import { isForeignHeader, isForeignToken } from './tokens.ts';

/** What the reader found in one part of a text. */
export type Reading =
  | (Part & { readonly type: 'handle'; readonly handle: string })
  /**
   * A handle that lacks its end or its beginning, or contains foreign text. `isEncoded` is true if the handle is in
   * base64.
   */
  | (Part & { readonly type: 'cut'; readonly isEncoded?: boolean })
  /**
   * Text that may be a piece of a handle, or another secret in base64url. `isTail` is true if it ends like a handle.
   */
  | (Part & { readonly type: 'suspect'; readonly isTail?: boolean })
  /** Text that cannot be judged before more text arrives. `isHandle` is true if it begins like a handle. */
  | (Part & { readonly type: 'undecided'; readonly isHandle: boolean });

/** What one step found, the index at which the next step begins, and a piece of a handle that stands before the find. */
type Step = readonly [reading: Reading | undefined, next: number, before?: Reading | undefined];

/** The length of the shortest handle, in characters: header 48, IV 16, ciphertext 2, tag 22, and 4 dots. */
const SHORTEST_HANDLE = 92;

/** This many characters after a word show whether the word belongs to base64. */
const ENOUGH_TO_TELL = 400;

/**
 * For this many characters after a piece, the reader also reports shorter pieces. Elsewhere, such pieces could be
 * words.
 */
export const MORE_PIECES_WITHIN = 1_024;

/** A tag within this many characters after a cut handle counts as the end of this handle. */
export const TAG_WITHIN = 240;

/**
 * Finds the handles in a text, and the text that may be a piece of a handle.
 *
 * @param from the index at which reading begins. The text before it helps to judge the text after it
 * @param isLast whether no text will follow
 * @param piecesUntil the index up to which shorter pieces are reported, because a piece was found before `from`
 * @param tagUntil the index up to which a tag counts as the end of a cut handle that began before `from`
 * @param depth how many levels of base64 surround the text
 * @returns the readings in the order of the text. Only the last reading can be `undecided`, and only if text may follow
 */
export function* readings(text: string, from: number, isLast: boolean, piecesUntil = from, tagUntil = from, depth = 0): Generator<Reading> {
  let [at, piecesEnd, tagEnd, afterHandle] = [from, piecesUntil, tagUntil, 0];
  const base64 = newBase64Search(text, isLast, depth);
  let start = findStart(text, at, isLast);
  while (at < text.length) {
    if (start && start.index < at) start = findStart(text, at, isLast);
    const end = start?.index ?? text.length;
    const range = { from: at, end, isLast: isLast || end < text.length, piecesUntil: piecesEnd, afterHandle };
    const candidate = findCandidate(text, range) ?? start;
    if (candidate === undefined) return;
    const { index } = candidate;
    const near = { isAfterPiece: index < piecesEnd, isAfterCut: index < tagEnd };
    const [reading, next, before] =
      candidate === start && start.isClear
        ? readHead(text, index, isLast)
        : readPiece(text, candidate, candidate === start ? text.length : end, isLast, near, base64);
    // Pieces may look like words. So the text between a piece and the end of a handle is reported, too.
    const first = before ?? reading;
    const isTail = (first?.type === 'cut' || (first?.type === 'suspect' && first.isTail)) && candidate !== start;
    if (isTail && piecesEnd > first.index && /[A-Za-z0-9_-]{8}/.test(text.slice(at, first.index)))
      yield { type: 'suspect', index: at, end: first.index };
    if (before !== undefined) yield before;
    if (reading !== undefined) yield reading;
    if (reading?.type === 'undecided') return;
    if (reading?.type === 'handle') afterHandle = next;
    if (first !== undefined && first.type !== 'handle') piecesEnd = next + MORE_PIECES_WITHIN;
    if (reading?.type === 'cut' && reading.isEncoded !== true) tagEnd = next + TAG_WITHIN;
    at = Math.max(next, index + 1);
  }
}

/**
 * Finds the whole handles in a text, even if programs broke them into pieces. Returns each handle once, in the order of
 * the text.
 *
 * @example
 * ```ts
 * import { findBroken } from 'waxseal/scan';
 *
 * const handlesIn = (mail: string) => findBroken(mail);
 * ```
 */
export function findBroken(text: string): string[] {
  const handles = new Set<string>();
  for (const reading of readings(text, 0, true)) if (reading.type === 'handle') handles.add(reading.handle);
  return [...handles];
}

/** A handle in pieces. At the end of a text, it may be incomplete. */
export interface BrokenHandle {
  /** The index at which the first piece begins, in UTF-16 code units. */
  readonly index: number;
  /** The index after the last piece, in UTF-16 code units. */
  readonly end: number;
  /** The handle, put together from its pieces. It is undefined if the text ends before the handle does. */
  readonly handle: string | undefined;
}

/**
 * Finds the handles that programs broke into pieces, in the order of the text. Handles in one piece are not among them.
 * The search looks only for beginnings of handles, so it passes quickly over other text.
 *
 * @param isLast whether no text will follow. If more text may follow, the last result may have no `handle`
 *
 * @example
 * ```ts
 * import { brokenHandles } from 'waxseal/scan';
 *
 * const places = (text: string) => [...brokenHandles(text, true)].map(({ index, end }) => [index, end]);
 * ```
 */
export function* brokenHandles(text: string, isLast: boolean): Generator<BrokenHandle> {
  let at = 0;
  const base64 = newBase64Search(text, isLast, 0);
  for (let start = findStart(text, at, isLast); start !== undefined; start = findStart(text, at, isLast)) {
    const whole = start.isClear ? wholeLengthAt(text, start.index) : 0;
    if (whole > 0) {
      at = start.index + whole;
      continue;
    }
    const [reading, next] = start.isClear
      ? readHead(text, start.index, isLast)
      : readPiece(text, start, text.length, isLast, { isAfterPiece: false, isAfterCut: false }, base64);
    at = Math.max(next, start.index + 1);
    if (reading?.type === 'handle') yield { index: reading.index, end: reading.end, handle: reading.handle };
    if (reading?.type !== 'undecided') continue;
    yield { index: reading.index, end: reading.end, handle: undefined };
    return;
  }
}

function newBase64Search(text: string, isLast: boolean, depth: number): Base64Search {
  const isPiece = (content: string) => readings(content, 0, true, 0, 0, depth + 1).next().done !== true;
  return {
    end: 0,
    wordsEnd: 0,
    mayContinue: (to) => !isLast && text.length - to <= LONGEST_BREAK && BREAKS.test(text.slice(to)),
    // Text that is nested too deep is not decoded. It counts as text with pieces, because its content is unknown.
    hasPieces: (content) => depth >= MOST_LEVELS || isPiece(content) || interruptedIn(content).length > 0 || arraysIn(content).length > 0,
  };
}

function stepOf(reading: Reading): Step {
  return [reading, reading.end];
}

/** Reads text that begins like a handle. */
function readHead(text: string, index: number, isLast: boolean): Step {
  const found = readAt(text, index);
  const undecided = { type: 'undecided', index, end: text.length, isHandle: true } as const;
  if (found !== undefined) {
    const end = index + found.length;
    return stepOf(end === text.length && !isLast ? undecided : { type: 'handle', handle: found.handle, index, end });
  }
  const another = text.indexOf(START, index + 1);
  const end = another === -1 ? text.length : another;
  // A handle is cut if another handle begins before the shortest possible handle would end.
  if (another !== -1 && end - index < SHORTEST_HANDLE && endOfWord(text, index, end) === end && text.startsWith(HANDLE_PREFIX, index)) {
    return stepOf({ type: 'cut', index, end });
  }
  let first: Joined | undefined;
  let mayContinue = false;
  for (const way of end - index < SHORTEST_HANDLE ? WAYS.slice(0, 1) : WAYS) {
    const read = readJoined(text, index, end, isLast, way);
    const whole = wholeHandle(read, 0);
    if (whole !== undefined) return stepOf(whole.end === text.length && !isLast ? undecided : whole);
    first ??= read;
    mayContinue ||= read.mayContinue;
  }
  if (first === undefined) return [undefined, index + 1];
  // The handle may end in a later line with an unknown prefix.
  if (mayContinue) return stepOf(undecided);
  return readCut(text, first, 0);
}

/** Matches a JWE in compact serialization (RFC 7516 §7.1). */
const FIVE_PARTS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){3}/;

/** Matches the first part of a JWE. Longer text is hardly a header. */
const HEADER = /^[A-Za-z0-9_-]{1,1024}(?=\.)/;

/** The length of an A256GCM tag in base64url. */
const TAG_LENGTH = 22;

/**
 * Reads text that begins like a handle, but is not a whole handle.
 *
 * @param at the index of its beginning in `read`
 */
function readCut(text: string, read: Joined, at: number): Step {
  const index = read.from[at] ?? 0;
  const rest = read.text.slice(at);
  const foreign = FIVE_PARTS.exec(rest)?.[0] ?? '';
  const header = HEADER.exec(rest)?.[0] ?? '';
  const isOurs = rest.startsWith(HANDLE_PREFIX);
  // A handle that lost a line within its header can look like another token. So only a header without breaks proves
  // another program's token.
  const isProof = !isOurs || (read.to[at + header.length - 1] ?? 0) - index === header.length;
  if (isProof && isForeignToken(foreign)) {
    // The tag ends at the first break after 22 characters. The word after this break belongs to the next line.
    const last = at + foreign.length;
    let end = Math.min(last, at + foreign.lastIndexOf('.') + 1 + TAG_LENGTH);
    while (end < last && !hasBreakBefore(read, end)) end += 1;
    return [undefined, read.to[end - 1] ?? index + 1];
  }
  if (isOurs && !(isProof && isForeignHeader(header))) return stepOf({ type: 'cut', index, end: endOfPieces(text, read, at) });
  // A different header belongs to another token. A text that ends within a handle's header contains no secret.
  return [undefined, HANDLE_PREFIX.startsWith(rest) ? read.end : index + 1];
}

const WHOLE = /[A-Za-z0-9_-]{48,171}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}/y;

/** Returns the whole handle at an index of `read`, if a dot or a break follows the handle. */
function wholeHandle(read: Joined, at: number): (Reading & { type: 'handle' }) | undefined {
  WHOLE.lastIndex = at;
  const handle = WHOLE.exec(read.text)?.[0];
  if (handle === undefined || readAt(handle, 0) === undefined) return undefined;
  const last = at + handle.length;
  if (!endsAt(read, last)) return undefined;
  return { type: 'handle', handle, index: read.from[at] ?? 0, end: read.to[last - 1] ?? 0 };
}

function endsAt(read: Joined, at: number): boolean {
  return hasBreakBefore(read, at) || read.text.charAt(at) === '.';
}

/** What stands shortly before a word: a piece of a handle, or a cut handle. */
interface Near {
  readonly isAfterPiece: boolean;
  readonly isAfterCut: boolean;
}

/**
 * Reads a word that looks like a piece of a handle.
 *
 * @param end the index at which another handle begins, or the end of the text
 */
function readPiece(text: string, candidate: Candidate, end: number, isLast: boolean, near: Near, base64: Base64Search): Step {
  const { index, end: to, isClear, isEscaped = false } = candidate;
  // The word has too few characters to judge. More numeric escapes may follow.
  if (isEscaped && !isClear) return stepOf({ type: 'undecided', index, end: text.length, isHandle: false });
  const other = isEscaped ? undefined : otherTextAt(text, index, to, near.isAfterPiece, base64);
  if (other !== undefined) return readOther(text, index, other, isLast);
  const read = readJoined(text, index, end, isLast, 'known');
  if (read.text === '') return [undefined, to];
  const start = read.text.indexOf(START);
  const undecided = { type: 'undecided', index, end: text.length, isHandle: start !== -1 } as const;
  const whole = start === -1 ? undefined : wholeHandle(read, start);
  if (whole !== undefined && (isLast || whole.end < text.length)) return [whole, whole.end, pieceBefore(text, candidate, whole.index)];
  const mayBeOther = !isEscaped && !isLast && text.length - to < ENOUGH_TO_TELL && mayBeBase64(text.slice(index, to));
  if (read.mayContinue || mayBeOther) return stepOf(undecided);
  if (start !== -1) {
    const [reading, next] = readCut(text, read, start);
    return [reading, next, pieceBefore(text, candidate, read.from[start] ?? index)];
  }
  if (!isClear && !isLikeCiphertext(read.text)) {
    if (!isSuspectPiece(text, index, to)) return [undefined, to];
    if (!isLikeCiphertext(readJoined(text, index, end, isLast, 'any prefix').text)) return [undefined, to];
  }
  const tail = tailIn(read);
  if (tail === undefined) return stepOf({ type: 'suspect', index, end: endOfPieces(text, read, 0) });
  return stepOf(
    tail.isProven || near.isAfterCut ? { type: 'cut', index, end: tail.end } : { type: 'suspect', index, end: tail.end, isTail: true },
  );
}

/** Reads the end of a handle directly before the beginning of another handle. No character separates the two. */
function pieceBefore(text: string, { index, isClear }: Candidate, end: number): Reading | undefined {
  if (index === end) return undefined;
  const read = readJoined(text, index, end, true, 'known');
  if (!isClear && !isLikeCiphertext(read.text)) return undefined;
  const tail = tailIn(read);
  return { type: tail?.isProven ? 'cut' : 'suspect', index, end: Math.max(tail?.end ?? 0, endOfPieces(text, read, 0)) };
}

/** The longest line break within base64, in characters. */
const LONGEST_BREAK = 72;

/**
 * Matches line breaks within base64, up to the end of the text. Several backslashes may escape one. Each backslash
 * matches in only one way, because otherwise 40 backslashes would take hours.
 */
const BREAKS = /^(?:\s|\\[rn]?)*$/;

/** How many characters at the end of long base64 are held back. An encoded handle that begins earlier is recognized. */
const LONGEST_BEGINNING = 24;

/** The longest base64 that the reader holds back until its end arrives, in characters. Base64 of text may be longer. */
const LONGEST_HELD = 4_096;

/** Reads text that is not a handle, but may encode one. */
function readOther(text: string, index: number, { end, handleIndex, mayContainPieces, isCutText }: OtherText, isLast: boolean): Step {
  const mayContinue = !isLast && text.length - end <= LONGEST_BREAK && BREAKS.test(text.slice(end));
  if (handleIndex !== undefined)
    return stepOf(
      mayContinue
        ? { type: 'undecided', index: handleIndex, end: text.length, isHandle: true }
        : { type: 'cut', index: handleIndex, end, isEncoded: true },
    );
  if (mayContainPieces) return stepOf({ type: 'suspect', index, end });
  if (!isCutText && (!mayContinue || !mayBeginHandle(text.slice(index, end)))) return [undefined, end];
  const from = isCutText || end - index < LONGEST_HELD ? index : end - LONGEST_BEGINNING;
  return stepOf({ type: 'undecided', index: from, end: text.length, isHandle: false });
}

/**
 * Matches the end of a handle: a dot and a tag. The last four bits of a tag are zero, so it has four possible last
 * characters.
 */
const TAIL = /\.[A-Za-z0-9_-]{21}[AQgw]/g;

/**
 * Matches an IV, and as much ciphertext as the shortest real handle has. Before a tag, both prove that the tag ends a
 * handle. Other tokens, such as signed ids, may end with something like a tag, but do not have such text before it.
 */
const BEFORE_TAIL = /(?:^|\.)[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{160,}$/;

/**
 * Finds the tag of a handle that lost its beginning. Any random id after a dot looks like a tag, so text that looks
 * like ciphertext must precede the dot.
 */
function tailIn(read: Joined): { readonly end: number; readonly isProven: boolean } | undefined {
  for (const { 0: tail, index } of read.text.matchAll(TAIL)) {
    const last = index + tail.length;
    if (index === 0 || !endsAt(read, last) || !isSuspectPiece(read.text, 0, index)) continue;
    return { end: read.to[last - 1] ?? 0, isProven: BEFORE_TAIL.test(read.text.slice(0, index)) };
  }
  return undefined;
}
