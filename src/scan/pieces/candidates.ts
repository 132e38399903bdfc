/**
 * Finds the words of a text that may be pieces of handles. A word is a series of characters that a handle can contain:
 * base64url and dots. A piece is a part of a handle that a break separates from the other parts. The redactor sends
 * every line of a log through this module, so the module must pass quickly over all other words.
 */
import { ANCHOR, START } from '../find.ts';
import { continuesAcrossBreaks, mayBreak } from './breaks.ts';
import { CLASS, endOfWord, isLikeCiphertext, isSuspectPiece } from './ciphertext.ts';
import { ESCAPE_SIGN, escapedAt, lengthOfEscape } from './numeric-escapes.ts';
import { startOfSeries } from './series.ts';

/** A word that looks like a piece of a handle. */
export interface Candidate {
  /** The index of the word's first character in the text, and the index after its last character. */
  readonly index: number;
  readonly end: number;
  /**
   * Whether the word looks like a piece by itself. If false, it looks like a piece only together with the words after
   * it.
   */
  readonly isClear: boolean;
  /** Whether the text writes every character of the word as a number, such as `%65` or `&#101;`. */
  readonly isEscaped?: boolean;
}

/** The part of a text in which pieces are searched, from the index `from` to the index `end`. */
export interface Range {
  readonly from: number;
  readonly end: number;
  /** Whether no text will follow this text. */
  readonly isLast: boolean;
  /**
   * The index until which more pieces are expected, because a piece stands shortly before. Until this index the search
   * also reports shorter words.
   */
  readonly piecesUntil: number;
  /**
   * The index after the last whole handle. A row of pieces begins only after this index, because the parts of a whole
   * handle are not pieces.
   */
  readonly afterHandle: number;
}

/**
 * Finds the first word in a text with which a handle begins. The function also finds a beginning whose first characters
 * are separated by a break.
 */
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
 * Finds the next {@link ANCHOR}. The search looks for the anchor's last character first, because this character is the
 * rarest in ordinary text.
 */
function indexOfAnchor(text: string, from: number): number {
  const last = ANCHOR.length - 1;
  for (let at = text.indexOf(ANCHOR.charAt(last), from + last); at !== -1; at = text.indexOf(ANCHOR.charAt(last), at + 1)) {
    if (text.startsWith(ANCHOR, at - last)) return at - last;
  }
  return -1;
}

/** Searches a part of a text for the first word that looks like a piece of a handle. */
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
    // Most words of a log have only one case, or are numbers or hexadecimal digits. Such a word by itself is not a
    // piece.
    if ((kinds & MIXED) === MIXED) {
      const isClear = isLikeCiphertext(text, start, stop) || (start < piecesUntil && isSuspectPiece(text, start, stop));
      if (isClear) return { index: start, end: stop, isClear };
      if (startOfSeries(text, start, stop, afterHandle) !== -1) return { index: start, end: stop, isClear: true };
    }
    if (stop < end && mayBreak(text, stop) && continuesAcrossBreaks(text, start, stop, end, isLast, false))
      return { index: start, end: stop, isClear: false };
  }
  return undefined;
}

/** The bits for small letters and capitals. A piece has characters of both kinds. */
const MIXED = 0b110;

/** Returns the kind of the character at an index as a bit, or 0 if a handle cannot contain the character. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 256 ? (KIND[code] as number) : 0;
}

/** For each character code: the kind of the character, as a bit. */
const KIND = CLASS.map((kind) => (kind === 0 ? 0 : 1 << kind));
