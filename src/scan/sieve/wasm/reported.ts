/**
 * Finds bytes of unusual text, which `../../reported/` reads: binary data, and ciphertext that control sequences or
 * invisible characters interrupt. Also finds numeric escapes.
 */
import {
  AND,
  BACKSLASH,
  BRACE,
  EQUALS,
  ESCAPE,
  ESCAPE_BY_BACKSLASH,
  HASH,
  LESS,
  LINE_FEED,
  LONGEST_ESCAPE,
  PERCENT,
  PIECE,
  RETURN,
  WORD_BYTES,
  isIn,
  isNext,
  isUnseen,
} from './bytes';
import { fitAt, WRITTEN } from './ciphertext';

/**
 * The address of the stored characters of groups. A group is a few characters between two control sequences. The search
 * of decoded text must not overwrite the groups of the log, so it stores its groups elsewhere.
 */
const STORED_OF_LOG: usize = 17_152;
const STORED_OF_TEXT: usize = 1_919_872;
/** The address that this instance uses. */
let storedAt: usize = STORED_OF_LOG;
/** The maximum number of stored characters. When more arrive, only the last 24 stay. */
const MOST_STORED: usize = 496;

const LONGEST_GROUP: usize = 6;
/** A mask for the last six of 16 bytes, where the longest group may begin. */
const LAST: u32 = 0xfc00;
/** The maximum number of bytes between two groups of one text. */
const NEAR: usize = 512;
/** The number of bytes before a search that are read again. Interrupted text may begin in them. */
const LOOK_BACK: usize = 4_096;

/** The number of stored characters. */
let stored: usize = 0;
/** How well the last 23 stored characters fit into written text. With the next character, 24 can be judged. */
let fit: i32 = 0;
/** The end of the last group. */
let lastGroup: usize = 0;
/** The address of the last small letter among the stored characters. Ciphertext has small letters and capitals. */
let lastSmall: usize = 0;
/** The address of the last capital among the stored characters. */
let lastCapital: usize = 0;

export function useGroupsOfText(): void {
  storedAt = STORED_OF_TEXT;
}

/** Reads the groups before `from`, where a search begins. Tells whether interrupted text may stand there. */
export function beginGroups(start: usize, from: usize): bool {
  stored = lastGroup = lastSmall = lastCapital = 0;
  let found = false;
  for (let at = from - start < LOOK_BACK ? start : from - LOOK_BACK; at < from; at += 1) {
    if ((load<u8>(at) == ESCAPE || load<u8>(at) == BACKSLASH) && isUnusual(at)) found = true;
  }
  return found;
}

/** Tells whether a numeric escape (`%65`, `&#101;`) for a character of a handle may begin at a place. */
export function isNumericEscape(at: usize): bool {
  const byte = load<u8>(at);
  const next = load<u8>(at + 1);
  // The ampersand may be escaped itself: `&amp;#101;`.
  if (byte == AND) return next == HASH || (next == 0x61 && (load<u8>(at + 5) == HASH || load<u8>(at + 5) == 0x61));
  if (byte == BACKSLASH) return next == 0x75 ? load<u8>(at + 2) == 0x30 || load<u8>(at + 2) == BRACE : isNext(at, ESCAPE_BY_BACKSLASH);
  return (byte == PERCENT || byte == EQUALS) && ((next > 0x31 && next < 0x38) || (byte == PERCENT && next == 0x75));
}

/**
 * Tells whether a control sequence, an invisible character or binary data may begin at a place. `endsCiphertext` also
 * stores what stands before it.
 */
export function isUnusual(at: usize): bool {
  const byte = load<u8>(at);
  const next = load<u8>(at + 1);
  const third = load<u8>(at + 2);
  const fourth = load<u8>(at + 3);
  if (byte == ESCAPE) return endsCiphertext(at);
  if (byte == BACKSLASH) {
    if (next == 0x78) return third == 0x31 && endsCiphertext(at);
    if (next == 0x30) return third == 0x33 && endsCiphertext(at);
    if (next != 0x75) return false;
    if (third != 0x30) return third == 0x32 ? fourth == 0x30 : (third | 0x20) == 0x66;
    // `\u001b` is a control sequence, and `\u00ad` the soft hyphen.
    return fourth == 0x30 && (load<u8>(at + 4) == 0x31 ? endsCiphertext(at) : (load<u8>(at + 4) | 0x20) == 0x61);
  }
  if (byte == PERCENT) {
    if (next == 0x35) return (third | 0x20) == 0x63;
    if (next == 0x32) return third == 0x35;
    return next == 0x31 || (((next | 0x20) == 0x63 || (next | 0x20) == 0x65) && third == 0x32);
  }
  if (byte == AND) {
    if (next == HASH) return third == 0x31 || third == 0x32 || third == 0x38 || (third | 0x20) == 0x78;
    return next == 0x73 ? third == 0x68 : next == 0x6c && load<u8>(at + 4) == 0x77;
  }
  if (byte == LESS) return (next | 0x20) == 0x77;
  if (byte == EQUALS || byte == LINE_FEED || byte == RETURN) return false;
  return byte == 0xfd || isUnseen(at);
}

/**
 * Stores the group before a control sequence: up to six characters after the `m` of the previous sequence. Tells
 * whether ciphertext ends with this group.
 */
export function endsCiphertext(at: usize): bool {
  let end = at;
  while (load<u8>(end - 1) == BACKSLASH && at - end < LONGEST_ESCAPE) end -= 1;
  const bytes = v128.load(end - 16);
  const others = 0xffff & ~(<u32>i8x16.bitmask(isIn(bytes, WORD_BYTES)));
  const afterM = <u32>i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x6d))) << 1;
  const starts = afterM & LAST & (~(<u32>0) << (32 - clz(others)));
  if (starts == 0) return false;
  const start = end - 16 + <usize>ctz(starts);
  if (start - lastGroup > NEAR) stored = lastSmall = lastCapital = 0;
  lastGroup = at;
  if (stored + LONGEST_GROUP > MOST_STORED) {
    const moved = stored - PIECE;
    memory.copy(storedAt, storedAt + moved, PIECE);
    stored = PIECE;
    lastSmall = max(lastSmall, moved) - moved;
    lastCapital = max(lastCapital, moved) - moved;
  }
  return addGroup(start, end);
}

/**
 * Stores a group, character by character. Tells whether, after one of these characters, the last 24 stored characters look
 * like ciphertext.
 */
function addGroup(start: usize, end: usize): bool {
  let isLike = false;
  let at = storedAt + stored;
  let sum = fit;
  for (let place = start; place < end; place += 1) {
    const byte = load<u8>(place);
    store<u8>(at, byte);
    if (byte >= 0x61) lastSmall = at;
    else if (byte >= 0x41 && byte <= 0x5a) lastCapital = at;
    sum = at == storedAt ? 0 : sum + fitAt(at - 1);
    at += 1;
    if (at < storedAt + PIECE) continue;
    const first = at - PIECE;
    if (sum < WRITTEN && lastSmall >= first && lastCapital >= first) isLike = true;
    sum -= fitAt(first);
  }
  stored = at - storedAt;
  fit = sum;
  return isLike;
}
