/**
 * Finds the words of a text that may be pieces of handles. A word consists of the characters that a handle can contain:
 * base64url and dots. The redactor sends every line of a log through this module, so the module must pass quickly over
 * other words.
 */
import { ANCHOR, START } from '../find.ts';
import type { Part } from '../mapped.ts';
import { continuesAcrossBreaks, mayBreak } from './breaks.ts';
import { CLASS, endOfWord, isLikeCiphertext, mayBeNextPiece } from './ciphertext.ts';
import { ESCAPE_SIGN, escapedAt, lengthOfEscape } from './numeric-escapes.ts';
import { startOfSeries } from './series.ts';

/** A word that may be a piece of a handle. */
export interface Candidate extends Part {
  /** Whether the word alone looks like a piece. If not, the words after it are needed to judge it. */
  readonly isClear: boolean;
  /** Whether every character of the word is a numeric escape, such as `%65` or `&#101;`. */
  readonly isEscaped?: boolean;
}

export interface Range {
  readonly from: number;
  readonly end: number;
  /** Whether no text will follow this text. */
  readonly isLast: boolean;
  /** Before this index, shorter words are reported, too, because they follow a piece. */
  readonly piecesUntil: number;
  /** The index after the last whole handle. The parts of a whole handle do not count as pieces of a series. */
  readonly afterHandle: number;
}

/** Finds the first word with which a handle begins. A break may interrupt the beginning of the handle. */
export function findStart(text: string, from: number, isLast: boolean): Candidate | undefined {
  for (let at = indexOfAnchor(text, from); at !== -1; at = indexOfAnchor(text, at + 1)) {
    if (text.startsWith(START, at)) return { index: at, end: at + START.length, isClear: true };
    const end = endOfWord(text, at, at + START.length);
    const isBroken = START.startsWith(text.slice(at, end)) && end < text.length && mayBreak(text, end);
    if (isBroken && continuesAcrossBreaks(text, at, end, text.length, isLast, true)) return { index: at, end, isClear: false };
  }
  return undefined;
}

/**
 * Finds the next {@link ANCHOR}. Its last character is the rarest in ordinary text, so this character is searched
 * first.
 */
function indexOfAnchor(text: string, from: number): number {
  const last = ANCHOR.length - 1;
  for (let at = text.indexOf(ANCHOR.charAt(last), from + last); at !== -1; at = text.indexOf(ANCHOR.charAt(last), at + 1)) {
    if (text.startsWith(ANCHOR, at - last)) return at - last;
  }
  return -1;
}

export function findCandidate(text: string, range: Range): Candidate | undefined {
  const { from, end, isLast, piecesUntil, afterHandle } = range;
  for (let at = from; at < end; ) {
    let kinds = kindAt(text, at);
    if (kinds === 0) {
      at += 1;
      continue;
    }
    let start = at;
    let stop = at + 1;
    for (; stop < end; stop += 1) {
      const kind = kindAt(text, stop);
      if (kind === 0) break;
      kinds |= kind;
    }
    if (ESCAPE_SIGN[text.charCodeAt(start - 1)] === 1) {
      const escaped = escapedAt(text, start, from, isLast);
      if (escaped?.word !== undefined) return { ...escaped.word, isEscaped: true };
      if (escaped !== undefined) {
        at = escaped.end;
        continue;
      }
      start += lengthOfEscape(text, start);
    }
    at = stop;
    if (stop === start) continue;
    // Most words of a log have only one case, or consist of digits. Such a word alone is not a piece.
    if ((kinds & MIXED) === MIXED) {
      const isClear = isLikeCiphertext(text, start, stop) || (start < piecesUntil && mayBeNextPiece(text, start, stop));
      if (isClear) return { index: start, end: stop, isClear };
      if (startOfSeries(text, start, stop, afterHandle) !== -1) return { index: start, end: stop, isClear: true };
    }
    if (stop < end && mayBreak(text, stop) && continuesAcrossBreaks(text, start, stop, end, isLast, false))
      return { index: start, end: stop, isClear: false };
  }
  return undefined;
}

/** The bits for small letters and capitals. A word without both is not a piece by itself. */
const MIXED = 0b110;

/** Returns the kind of a character as a bit, or 0 if no handle contains the character. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 256 ? (KIND[code] as number) : 0;
}

const KIND = CLASS.map((kind) => (kind === 0 ? 0 : 1 << kind));
