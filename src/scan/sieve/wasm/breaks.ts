/**
 * Reads breaks. A break is text that a program puts into a handle: a line end with the prefix of the next line, markup,
 * or a control sequence.
 */
import {
  AND,
  AT_END,
  BACKSLASH,
  BAR,
  BRACKET,
  BREAK,
  BREAK_AT_END,
  BREAK_BY_AND,
  BREAK_BY_BACKSLASH,
  BREAK_BY_PERCENT,
  COLON,
  COMMA,
  DIGIT,
  ESCAPE,
  FULL_STOP,
  HYPHEN,
  LESS,
  LINE_FEED,
  MORE,
  NONE,
  PERCENT,
  PLUS,
  PREFIX,
  RETURN,
  SPACE,
  WORD_BYTE,
  TAB,
  UNKNOWN,
  is,
  isFrame,
  isNext,
  isUnseen,
} from './bytes';

/** The maximum number of bytes that `endOfLastWord` reads from a line end back to the last word of the line. */
const LONGEST_LINE_END: usize = 256;
/** The maximum number of bytes that `isAtEndOfLine` reads from a word on to the line end. */
const LONGEST_AT_END: usize = 64;

/** A 1 stands for each digit of a time (`2026-11-27T08:00`). The lowest bit is for the first character. */
const DIGITS_OF_TIME: i32 = 0b1101101101101111;

/** The maximum number of bytes of successive breaks. The redactor reads 512 characters of breaks and one more break. */
const LONGEST_BREAKS: usize = 2_048;

/** The maximum number of control sequences that `afterPlainBreaks` reads. */
const MOST_SEQUENCES: i32 = 4;

const MOST_BACKSLASHES: usize = 16;
const LONGEST_NAME: usize = 64;
const LONGEST_TAG: usize = 202;
const LONGEST_SEQUENCE: usize = 80;

let first: usize = 0;
let last: usize = 0;

export function setBounds(from: usize, end: usize): void {
  first = from;
  last = end;
}

/** Tells whether a break may begin at a byte of the kind `BREAK`. */
export function mayBreak(at: usize): bool {
  const byte = load<u8>(at);
  if (byte == BACKSLASH) {
    // JSON within JSON has several backslashes in a row.
    let last = at;
    while (load<u8>(last + 1) == BACKSLASH && last - at < MOST_BACKSLASHES) last += 1;
    return isNext(last, BREAK_BY_BACKSLASH);
  }
  if (byte == PERCENT) return isNext(at, BREAK_BY_PERCENT);
  if (byte == AND) return isNext(at, BREAK_BY_AND);
  return byte == LINE_FEED || byte == RETURN || byte == LESS || isFrame(at) || isUnseen(at);
}

/** Tells whether the word before a place may continue after a break at this place. */
export function mayGoOn(at: usize): bool {
  if (is(at, BREAK)) return mayBreak(at);
  return is(at, BREAK_AT_END) && isAtEndOfLine(at + 1);
}

/**
 * Returns the end of the last word of a line. Characters that join strings or lines, or the frame of a table, may
 * follow the word.
 */
export function endOfLastWord(lineEnd: usize): usize {
  let at = lineEnd;
  while (at > first && lineEnd - at < LONGEST_LINE_END) {
    if (is(at - 1, AT_END) && !(is(at - 1, WORD_BYTE) && (at == lineEnd || is(at - 2, WORD_BYTE)))) at -= 1;
    else if (load<u8>(at - 1) >= 0x80 && isFrame(at - 3)) at -= 3;
    else break;
  }
  return at;
}

function isAtEndOfLine(from: usize): bool {
  let at = from;
  while (is(at, AT_END) && at - from < LONGEST_AT_END) at += 1;
  const byte = load<u8>(at);
  return byte < 0x20 || byte >= 0x7f || at >= last;
}

/**
 * Returns the place after the breaks that begin at a place. Returns `NONE` if there is no break, or if the breaks are
 * too long. Returns `UNKNOWN` if only the redactor can tell.
 */
export function afterBreak(from: usize): usize {
  let at = from;
  while (at - from <= LONGEST_BREAKS) {
    if (at >= last) return UNKNOWN;
    const byte = load<u8>(at);
    const next = load<u8>(at + 1);
    if (is(at, WORD_BYTE)) return at > from ? at : NONE;
    if (byte == LINE_FEED || (byte == RETURN && next == LINE_FEED)) {
      at = afterPrefix(at + (byte == RETURN ? 2 : 1));
      if (at == UNKNOWN) return UNKNOWN;
    } else if (byte == LESS) {
      const end = endOfTag(at);
      if (load<u8>(end) != MORE) return at > from ? at : NONE;
      at = end + 1;
    } else if (byte == ESCAPE && next == BRACKET) {
      let end = at + 2;
      while (end - at < LONGEST_SEQUENCE && load<u8>(end) >= 0x20 && load<u8>(end) < 0x40) end += 1;
      if (load<u8>(end) < 0x40 || load<u8>(end) > 0x7e) return UNKNOWN;
      at = end + 1;
    } else if (is(at, BREAK)) {
      if (mayBreak(at)) return UNKNOWN;
      return at > from ? at : NONE;
    } else if (is(at, BREAK_AT_END) && isAtEndOfLine(at + 1)) {
      const end = afterSpaces(at);
      if (end == at || end - at > LONGEST_AT_END || (load<u8>(end) != LINE_FEED && load<u8>(end) != RETURN)) return UNKNOWN;
      at = end;
    } else return at > from ? at : NONE;
  }
  return NONE;
}

/** Reads the most frequent breaks: a line end, and control sequences. Returns `NONE` if `afterBreak` must read them. */
export function afterPlainBreaks(from: usize): usize {
  let at = from;
  if (load<u8>(at) == LINE_FEED) {
    at += 1;
    // The prefix of a line may begin here.
    if (is(at, PREFIX) || load<u8>(at) == SPACE || load<u8>(at) == TAB) return NONE;
  }
  for (let count = 0; load<u8>(at) == ESCAPE; count += 1) {
    const parameters = i8x16.lt_u(i8x16.sub(v128.load(at + 2), i8x16.splat(0x20)), i8x16.splat(0x20));
    const end = at + 2 + <usize>ctz(~i8x16.bitmask(parameters));
    if (count == MOST_SEQUENCES || load<u8>(at + 1) != BRACKET || load<u8>(end) < 0x40 || load<u8>(end) > 0x7e) return NONE;
    at = end + 1;
  }
  return at == from ? NONE : at;
}

/** Tells whether a word is the last one to check: neither a break nor the bar of a prefix (`web-1 |`) follows it. */
export function isLastWordBefore(at: usize): bool {
  if (is(at, BREAK) || load<u8>(at) == BAR) return false;
  const next = load<u8>(at + 1);
  return !is(at, BREAK_AT_END) || (!is(at + 1, AT_END) && next >= 0x20 && next < 0x7f);
}

/** Returns the place of the next `<` or `>`, or the place from which a tag would be too long. */
function endOfTag(start: usize): usize {
  const longest = start + LONGEST_TAG;
  for (let at = start + 1; at < longest; at += 16) {
    const bytes = v128.load(at);
    const ends = i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(MORE)), i8x16.eq(bytes, i8x16.splat(LESS))));
    if (ends != 0) return min(at + <usize>ctz(ends), longest);
  }
  return longest;
}

/**
 * Returns the end of a line's prefix if the prefix is certainly blank or a time. Otherwise returns `UNKNOWN`, for example
 * before a word of 64 or more characters, or before a word that begins with `-`.
 */
function afterPrefix(from: usize): usize {
  const start = afterSpaces(from);
  if (!is(start, WORD_BYTE)) return is(start, PREFIX) ? UNKNOWN : start;
  let end = start;
  while (is(end, WORD_BYTE) && end - start < LONGEST_NAME) end += 1;
  if (end - start == LONGEST_NAME || load<u8>(afterSpaces(end)) == BAR) return UNKNOWN;
  const at = is(start, DIGIT) ? afterTime(start) : start;
  // The prefix may continue with a mark, such as `-` in a diff, or with the name of a container's stream (`stdout`).
  return is(at, PREFIX) || (at > start && load<u8>(at) == 0x73 && load<u8>(at + 1) == 0x74) ? UNKNOWN : at;
}

function afterSpaces(from: usize): usize {
  let at = from;
  while (load<u8>(at) == SPACE || load<u8>(at) == TAB) at += 1;
  return at;
}

/** Returns the place after a time (`2026-11-27T08:00:00.123Z`) and its spaces. Returns `start` if no time is there. */
function afterTime(start: usize): usize {
  const digits = i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(start), i8x16.splat(0x30)), i8x16.splat(10)));
  if (digits != DIGITS_OF_TIME || !is(start + 17, DIGIT) || !is(start + 18, DIGIT)) return start;
  const between = load<u8>(start + 10);
  if (load<u8>(start + 4) != HYPHEN || load<u8>(start + 7) != HYPHEN || (between != 0x54 && between != SPACE)) return start;
  if (load<u8>(start + 13) != COLON || load<u8>(start + 16) != COLON) return start;
  let end = start + 19;
  if (load<u8>(end) == FULL_STOP || load<u8>(end) == COMMA) {
    end += 1;
    while (is(end, DIGIT) && end - start < 29) end += 1;
  }
  const zone = load<u8>(end);
  if (zone == 0x5a) end += 1;
  else if (zone == PLUS || zone == HYPHEN) end += load<u8>(end + 3) == COLON ? 6 : 5;
  const after = afterSpaces(end);
  return after > end ? after : start;
}
