/** Recognizes tokens of other programs: JWS in compact serialization (RFC 7515 §7.1). */
import { mayEncodeHandle } from './base64';
import { AND, BACKSLASH, BRACE, COLON, COMMA, EQUALS, FULL_STOP, PERCENT, QUOTE, SPACE } from '../bytes';
import { areLikeCiphertext } from '../ciphertext';
import { mayEncodeMore } from './decoded';
import { hasBeginning } from '../short-words';
import { DECODED, decodedEnd, isPlainText, isText } from './text';

/** The shortest signature of a JWS in base64url. The redactor has the same bound. */
const SHORTEST_SIGNATURE: usize = 43;

const END_OF_OBJECT: u8 = 0x7d;

/** Tells whether a word is a JWS whose header and payload are harmless text. */
export function isHarmlessToken(start: usize, end: usize): bool {
  const header = endOfSegment(start, end);
  if (header == end) return false;
  const payload = endOfSegment(header + 1, end);
  if (payload == end || endOfSegment(payload + 1, end) != end) return false;
  const signature = end - payload - 1;
  if ((signature > 0 && signature < SHORTEST_SIGNATURE) || !areLikeCiphertext(start, end)) return false;
  if (mayEncodeHandle(start + 1, end) || !isText(start, header) || !isHeader(DECODED, decodedEnd)) return false;
  if (mayEncodeMore(DECODED, decodedEnd) || hasBeginning(DECODED, decodedEnd)) return false;
  return payload == header + 1 || isPlainText(header + 1, payload);
}

function endOfSegment(from: usize, to: usize): usize {
  for (let at = from; at < to; at += 16) {
    const stops = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(FULL_STOP)));
    if (stops != 0) return min(at + <usize>ctz(stops), to);
  }
  return to;
}

/**
 * Tells whether text is a JSON object whose members are all strings without escapes, and is not the header of a handle.
 * The search finds the beginning of a handle's header by itself.
 */
function isHeader(from: usize, to: usize): bool {
  let at = from;
  let before: u8 = BRACE;
  // Each round reads a name or a value, and the character before it.
  for (let isName = true; load<u8>(at) == before && load<u8>(at + 1) == QUOTE; isName = !isName) {
    const start = at + 2;
    let end = start;
    while (end < to && isPlainCharacter(load<u8>(end))) end += 1;
    // A header that lost its beginning may end with the type of a handle.
    const isHandle = end - start >= 6 && load<u32>(end - 6) == 0x646e6168 && load<u16>(end - 2) == 0x656c;
    if (end == to || load<u8>(end) != QUOTE || isHandle) return false;
    at = end + 1;
    if (!isName && load<u8>(at) == END_OF_OBJECT) return at + 1 == to;
    before = isName ? COLON : COMMA;
  }
  return false;
}

/** Tells whether a character needs no escape in JSON, and begins no numeric escape (`%65`). */
function isPlainCharacter(byte: u8): bool {
  return byte >= SPACE && byte != QUOTE && byte != BACKSLASH && byte != PERCENT && byte != AND && byte != EQUALS;
}
