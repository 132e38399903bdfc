/** Joins the lines of base64, as in MIME (RFC 2045 §6.8) and PEM (RFC 7468). */
import { endOfDigits, startOfDigits } from './base64';
import {
  AFTER_BASE64,
  EQUALS,
  HYPHEN,
  LINE_FEED,
  MORE,
  NONE,
  PLUS,
  RETURN,
  SLASH,
  SPACE,
  TAB,
  UNKNOWN,
  WORD_BYTE,
  is,
} from '../bytes';

/** The address of the joined lines. */
export const JOINED_LINES: usize = 871_040;

/** The shortest line of base64 that is joined to the next line, in digits. All lines but the last are equally long. */
const SHORTEST_LINE: usize = 60;
/** The longest such line, in digits. The redactor has the same bound. */
const LONGEST_LINE: usize = 128;

/** A line with so many digits and without a plus shows that the text is no patch. The redactor has the same bound. */
const SHORTEST_WITHOUT_PLUS: usize = 24;

/** `ahead` counts at most this many characters, because the redactor reads no more before base64. */
const MOST_AHEAD: usize = 512;

/** The end of the digits of the joined lines, before the padding. */
export let endOfJoined: usize = 0;
/** The end of the joined lines, after the padding. */
export let endOfPadding: usize = 0;
/** The number of digits in the first line. */
export let width: usize = 0;
/** The number of digits in the last line. */
export let lastWidth: usize = 0;
/** Whether a line begins with a plus, which may be the mark of a patch. */
export let hasPlus: bool = false;
/**
 * How many characters before blank lines the redactor may count as base64. Zero if no such characters stand there.
 */
export let ahead: usize = 0;

/**
 * Returns the beginning of the first line of base64: goes back over lines that consist of digits only.
 *
 * @param start the beginning of one of the lines
 * @param first the beginning of the log
 */
export function firstLineBefore(start: usize, first: usize): usize {
  let line = start;
  while (true) {
    const begin = beforeBlanks(line, first);
    if (begin - first < SHORTEST_LINE || load<u8>(begin - 1) != LINE_FEED) return line;
    const end = begin - (load<u8>(begin - 2) == RETURN ? 2 : 1);
    const before = startOfDigits(end, max(first, end - LONGEST_LINE - 1));
    const lineStart = beforeBlanks(before, first);
    if (end - before < SHORTEST_LINE || lineStart == first || load<u8>(lineStart - 1) != LINE_FEED) return line;
    line = before;
  }
}

/**
 * Joins lines of base64.
 *
 * @param start the beginning of the first line
 * @param first the beginning of the log
 * @param last the end of the log
 * @param longest the maximum number of bytes of all lines
 * @returns the end of the last line. `NONE` if the text is not base64 in lines, or if further text may belong to the
 *   base64. `UNKNOWN` if the end of the base64 has not arrived yet
 */
export function joinLines(start: usize, first: usize, last: usize, longest: usize): usize {
  if (!isFirstLine(start, first)) return NONE;
  width = endOfDigits(start, min(start + LONGEST_LINE + 1, last)) - start;
  if (width > LONGEST_LINE || (width < SHORTEST_LINE && start + width < last)) return NONE;
  hasPlus = load<u8>(start) == PLUS;
  let out = JOINED_LINES;
  let isPatch = true;
  for (let at = start; at - start < longest; ) {
    const end = endOfDigits(at, min(at + width + 1, last));
    for (let place = at; place < end; place += 16) v128.store(out + (place - at), v128.load(place));
    out += end - at;
    let after = end;
    while (after - end < 2 && load<u8>(after) == EQUALS) after += 1;
    const next = afterLineEnd(after);
    if (after >= last || (next != NONE && next + 1 >= last)) return UNKNOWN;
    if (end - at > width) return NONE;
    // In a patch, every added line begins with a plus. Such a plus is not a digit of the base64.
    if (at == start) isPatch = next == NONE ? hasPlus : load<u8>(next) == PLUS || (hasPlus && !isStandard(next));
    else if (load<u8>(at) == PLUS) hasPlus = true;
    else if (end - at >= SHORTEST_WITHOUT_PLUS) isPatch = false;
    if (end - at < width || after > end || next == NONE || !isStandard(next)) {
      endOfJoined = out;
      endOfPadding = out + (after - end);
      lastWidth = end - at;
      // The redactor reads a line as base64 by itself if its digits are no groups of four.
      if (isPatch || (at > start && width % 4 != 0)) return NONE;
      return (next == NONE ? !is(after, AFTER_BASE64) : mayGoOn(next)) ? NONE : after;
    }
    at = next;
  }
  return NONE;
}

/**
 * Tells whether base64 may begin with a line: the text before it does not end like base64. Blank lines may stand
 * between the two.
 */
function isFirstLine(start: usize, first: usize): bool {
  const lineStart = beforeBlanks(start, first);
  if (lineStart - first < 4 || load<u8>(lineStart - 1) != LINE_FEED) return false;
  const lineEnd = beforeBlanks(lineStart - (load<u8>(lineStart - 2) == RETURN ? 2 : 1), first);
  let at = lineEnd;
  while (at > first && (isBlank(at - 1) || load<u8>(at - 1) == LINE_FEED || load<u8>(at - 1) == RETURN || load<u8>(at - 1) == MORE)) at -= 1;
  ahead = 0;
  if (at == first) return false;
  if (load<u8>(at - 1) == HYPHEN && load<u8>(at - 2) == HYPHEN) {
    // A line of PEM ends with several hyphens. A long line of hyphens may be a row of base64.
    const begin = startOfDigits(at, first);
    return begin > first && at - begin < SHORTEST_LINE;
  }
  if (!isStandard(at - 1) && !is(at - 1, WORD_BYTE)) return true;
  if (at == lineEnd) return false;
  while (at > first && ahead < MOST_AHEAD && (isStandard(at - 1) || is(at - 1, WORD_BYTE) || isBlank(at - 1) || load<u8>(at - 1) == LINE_FEED)) {
    at -= 1;
    ahead += 1;
  }
  return true;
}

function beforeBlanks(place: usize, first: usize): usize {
  let at = place;
  while (at > first && isBlank(at - 1)) at -= 1;
  return at;
}

function isBlank(at: usize): bool {
  return load<u8>(at) == SPACE || load<u8>(at) == TAB;
}

/** Returns the place where the text of the next line begins, or `NONE` if no line ends at a place. */
function afterLineEnd(from: usize): usize {
  let at = afterBlanks(from);
  if (load<u8>(at) == RETURN) at += 1;
  return load<u8>(at) == LINE_FEED ? afterBlanks(at + 1) : NONE;
}

function afterBlanks(from: usize): usize {
  let at = from;
  while (isBlank(at)) at += 1;
  return at;
}

/** Tells whether a byte is a digit of standard base64. */
function isStandard(at: usize): bool {
  const byte = load<u8>(at);
  return byte == PLUS || byte == SLASH || (((byte | 0x20) - 0x61) as u8) < 26 || ((byte - 0x30) as u8) < 10;
}

/** Tells whether the next line may belong to the base64: whether it begins like a word, or is quoted. */
function mayGoOn(next: usize): bool {
  const byte = load<u8>(next);
  if (byte == HYPHEN) return load<u8>(next + 1) != HYPHEN;
  return isStandard(next) || is(next, WORD_BYTE) || byte == EQUALS || byte == MORE;
}
