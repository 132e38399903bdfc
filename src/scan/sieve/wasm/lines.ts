/** Joins the lines of base64, as in MIME (RFC 2045 §6.8) and PEM (RFC 7468). */
import { endOfDigits } from './base64';
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
} from './bytes';

/** The address of the joined lines. */
export const JOINED_LINES: usize = 870_912;

/** The shortest line of base64 that is joined to the next line, in digits. All lines but the last are equally long. */
const SHORTEST_LINE: usize = 60;
/** The longest such line, in digits. The redactor has the same bound. */
const LONGEST_LINE: usize = 128;

/** The end of the digits of the joined lines, before the padding. */
export let endOfJoined: usize = 0;
/** The end of the joined lines, after the padding. */
export let endOfPadding: usize = 0;

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
  const width = endOfDigits(start, min(start + LONGEST_LINE + 1, last)) - start;
  let out = JOINED_LINES;
  let isPatch = load<u8>(start) == PLUS;
  for (let at = start; at - start < longest; ) {
    const end = endOfDigits(at, min(at + width + 1, last));
    for (let place = at; place < end; place += 16) v128.store(out + (place - at), v128.load(place));
    out += end - at;
    let after = end;
    while (after - end < 2 && load<u8>(after) == EQUALS) after += 1;
    const next = afterLineEnd(after);
    if (after >= last || next >= last) return UNKNOWN;
    if (width < SHORTEST_LINE || width > LONGEST_LINE || end - at > width) return NONE;
    if (end - at < width || after > end || next == NONE || !isStandard(next)) {
      endOfJoined = out;
      endOfPadding = out + (after - end);
      return isPatch || (next == NONE ? !is(after, AFTER_BASE64) : mayGoOn(next)) ? NONE : after;
    }
    // A patch marks each of its lines with a plus. Such a plus is not a digit.
    isPatch = load<u8>(next) == PLUS && (isPatch || at == start);
    at = next;
  }
  return NONE;
}

/** Tells whether base64 may begin with a line: the line before it does not end like base64. */
function isFirstLine(start: usize, first: usize): bool {
  let at = start;
  while (at > first && (load<u8>(at - 1) == SPACE || load<u8>(at - 1) == TAB)) at -= 1;
  if (at - first < 4 || load<u8>(at - 1) != LINE_FEED) return false;
  at -= load<u8>(at - 2) == RETURN ? 2 : 1;
  // A line of PEM ends with several hyphens.
  return load<u8>(at - 1) == HYPHEN ? load<u8>(at - 2) == HYPHEN : !isStandard(at - 1) && !is(at - 1, WORD_BYTE);
}

/** Returns the place where the text of the next line begins, or `NONE` if no line ends at a place. */
function afterLineEnd(from: usize): usize {
  let at = afterBlanks(from);
  if (load<u8>(at) == RETURN) at += 1;
  return load<u8>(at) == LINE_FEED ? afterBlanks(at + 1) : NONE;
}

function afterBlanks(from: usize): usize {
  let at = from;
  while (load<u8>(at) == SPACE || load<u8>(at) == TAB) at += 1;
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
