/** Finds signs of texts whose characters are written apart or as numbers, and of binary data. See `../../reported/`. */
import {
  AND,
  BACKSLASH,
  BRACE,
  EQUALS,
  ESCAPE,
  HASH,
  LESS,
  LINE_FEED,
  LONGEST_ESCAPE,
  NUMBER_BY_BACKSLASH,
  PERCENT,
  PIECE,
  RETURN,
  SYMBOLS,
  isIn,
  isNext,
  isUnseen,
} from './bytes';
import { fitAt, WRITTEN } from './ciphertext';

/** Room for the characters of flakes. A flake is a few characters between two control sequences. */
const FLAKES: usize = 17_152;
const MOST_FLAKES: usize = 496;

/**
 * The maximum number of characters in a flake, the most bytes between two flakes of one text, and how many bytes before a search may
 * have flakes of that text.
 */
const LONGEST_FLAKE: usize = 6;
/** The last six of 16 bytes. */
const LAST: u32 = 0xfc00;
const NEAR: usize = 512;
const BEFORE: usize = 4_096;

/** How many characters of flakes are stored, how well the last 23 fit into written text, and where the last flake ended. */
let flakes: usize = 0;
let fit: i32 = 0;
let lastFlake: usize = 0;
/** Where the last small letter and the last capital of the flakes stand. */
let lastSmall: usize = 0;
let lastCapital: usize = 0;

/** Forgets all flakes except those just before a search. Tells whether these flakes look like ciphertext. */
export function beginFlakes(start: usize, from: usize): bool {
  flakes = lastFlake = lastSmall = lastCapital = 0;
  let found = false;
  for (let at = from - start < BEFORE ? start : from - BEFORE; at < from; at += 1) {
    if ((load<u8>(at) == ESCAPE || load<u8>(at) == BACKSLASH) && isSign(at)) found = true;
  }
  return found;
}

/** Tells whether the sign at a place begins a number that can stand for a character of a handle. */
export function isNumber(at: usize): bool {
  const byte = load<u8>(at);
  const next = load<u8>(at + 1);
  // The ampersand may be escaped itself: `&amp;#101;`.
  if (byte == AND) return next == HASH || (next == 0x61 && (load<u8>(at + 5) == HASH || load<u8>(at + 5) == 0x61));
  if (byte == BACKSLASH) return next == 0x75 ? load<u8>(at + 2) == 0x30 || load<u8>(at + 2) == BRACE : isNext(at, NUMBER_BY_BACKSLASH);
  return (byte == PERCENT || byte == EQUALS) && ((next > 0x31 && next < 0x38) || (byte == PERCENT && next == 0x75));
}

/** Tells whether a place has a sign of interrupted text or of binary data. */
export function isSign(at: usize): bool {
  const byte = load<u8>(at);
  const next = load<u8>(at + 1);
  const third = load<u8>(at + 2);
  const fourth = load<u8>(at + 3);
  if (byte == ESCAPE) return isFlake(at);
  if (byte == BACKSLASH) {
    if (next == 0x78) return third == 0x31 && isFlake(at);
    if (next == 0x30) return third == 0x33 && isFlake(at);
    if (next != 0x75) return false;
    if (third != 0x30) return third == 0x32 ? fourth == 0x30 : (third | 0x20) == 0x66;
    // `\u001b` is a control sequence, and `\u00ad` the soft hyphen.
    return fourth == 0x30 && (load<u8>(at + 4) == 0x31 ? isFlake(at) : (load<u8>(at + 4) | 0x20) == 0x61);
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
 * Stores the characters of the flake that ends where a control sequence begins: up to six symbols after the `m` with
 * which the previous sequence ends. Tells whether these characters, joined to those of earlier flakes, look like
 * ciphertext.
 */
export function isFlake(at: usize): bool {
  let end = at;
  while (load<u8>(end - 1) == BACKSLASH && at - end < LONGEST_ESCAPE) end -= 1;
  const bytes = v128.load(end - 16);
  const others = 0xffff & ~(<u32>i8x16.bitmask(isIn(bytes, SYMBOLS)));
  const afterM = <u32>i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x6d))) << 1;
  const starts = afterM & LAST & (~(<u32>0) << (32 - clz(others)));
  if (starts == 0) return false;
  const start = end - 16 + <usize>ctz(starts);
  if (start - lastFlake > NEAR) flakes = lastSmall = lastCapital = 0;
  lastFlake = at;
  if (flakes + LONGEST_FLAKE > MOST_FLAKES) {
    const moved = flakes - PIECE;
    memory.copy(FLAKES, FLAKES + moved, PIECE);
    flakes = PIECE;
    lastSmall = max(lastSmall, moved) - moved;
    lastCapital = max(lastCapital, moved) - moved;
  }
  return addToFlakes(start, end);
}

/** Stores the characters of a flake. Tells whether 24 stored characters in a row look like ciphertext. */
function addToFlakes(start: usize, end: usize): bool {
  let isLike = false;
  let at = FLAKES + flakes;
  let sum = fit;
  for (let place = start; place < end; place += 1) {
    const byte = load<u8>(place);
    store<u8>(at, byte);
    if (byte >= 0x61) lastSmall = at;
    else if (byte >= 0x41 && byte <= 0x5a) lastCapital = at;
    sum = at == FLAKES ? 0 : sum + fitAt(at - 1);
    at += 1;
    if (at < FLAKES + PIECE) continue;
    const first = at - PIECE;
    if (sum < WRITTEN && lastSmall >= first && lastCapital >= first) isLike = true;
    sum -= fitAt(first);
  }
  flakes = at - FLAKES;
  fit = sum;
  return isLike;
}
