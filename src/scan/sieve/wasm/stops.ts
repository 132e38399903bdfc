/**
 * Does the sieve's work for each byte and each line of a log. The files of this folder are written in AssemblyScript, a
 * dialect of TypeScript that compiles to WebAssembly, because WebAssembly can compare 16 bytes at a time. `../stops.ts`
 * says what a stop is, and writes the tables. It uses the same memory as these files, and every place is an address in
 * this memory. After a change here, run `npm run build:wasm`.
 */
import { endOfLastWord, mayBreak, mayGoOn, setBounds } from './breaks';
import {
  ALL_EVENTS,
  AND,
  BACKSLASH,
  ENDS_OF_WORDS,
  ESCAPE,
  EVENTS,
  EVENTS_AFTER_WORD,
  EVENTS_BEFORE_SIGN,
  EVENTS_OF_UTF8,
  LINE_FEED,
  LONG,
  LONGEST_ESCAPE,
  NONE,
  PERCENT,
  RETURN,
  SIGNS,
  SYMBOL,
  SYMBOLS,
  UNKNOWN,
  isIn,
  isLetter,
  is,
} from './bytes';
import { areLikeCiphertext, areSuspect } from './ciphertext';
import { endOfFewWords, endOfWords, isBeginning } from './short-words';
import { beginFlakes, isFlake, isNumber, isSign } from './signs';

/** The minimum number of characters written as numbers in a row that is a stop. The redactor stops at 10. */
const ROW: u32 = 8;

/** The maximum number of bytes of a character that is written as a number after a sign other than a backslash or an ampersand. */
const LONGEST_NUMBER: usize = 14;

/** The shortest piece with which a row of pieces can end. The redactor has the same bound. */
const SHORTEST_IN_ROW: usize = 12;

/** Where the search began, and the end of the log's bytes. */
let first: usize = 0;
let last: usize = 0;
/** Masks of the previous 64 bytes. A bit says that the byte is a symbol, or that 2, 4 or 8 symbols in a row end with it. */
let last1: u64 = 0;
let last2: u64 = 0;
let last4: u64 = 0;
let last8: u64 = 0;
/** Whether the word that continues from the previous 64 bytes has small letters and capitals so far. */
let hadSmall: bool = false;
let hadCapital: bool = false;
/** All words that end at or before this place were judged. */
let judged: usize = 0;
/** How many characters in a row are written as numbers, and where the first and the last of them stand. */
let numbered: u32 = 0;
let firstNumber: usize = 0;
let lastNumber: usize = 0;

/** Whether the search has found signs of interrupted text or of binary data. */
export let hasSigns: bool = false;

/** Begins a search at `from`. The bytes of the log are those from `start` to `end`. */
export function begin(start: usize, from: usize, end: usize): void {
  setBounds(from, end);
  first = from;
  last = end;
  last1 = last2 = last4 = last8 = 0;
  hadSmall = hadCapital = false;
  judged = lastNumber = 0;
  numbered = 0;
  hasSigns = beginFlakes(start, from);
}

/**
 * Finds the stops between two places, and returns their number. Writes two numbers for each stop: its place, and the end of
 * its word times two, plus one if the word may continue after a break.
 */
export function findStops(from: usize, to: usize, out: usize): u32 {
  let end = out;
  for (let at = from; at < to; at += 64) {
    let symbols: u64 = 0;
    let small: u64 = 0;
    let capitals: u64 = 0;
    let events: u64 = 0;
    for (let part: u32 = 0; part < 64; part += 16) {
      const bytes = v128.load(at + part);
      symbols |= (<u64>i8x16.bitmask(isIn(bytes, SYMBOLS))) << part;
      small |= (<u64>i8x16.bitmask(isLetter(bytes, 0x61))) << part;
      capitals |= (<u64>i8x16.bitmask(isLetter(bytes, 0x41))) << part;
      events |= (<u64>i8x16.bitmask(eventsAt(at + part, bytes))) << part;
    }
    const two = symbols & ((symbols << 1) | (last1 >> 63));
    const four = two & ((two << 2) | (last2 >> 62));
    const eight = four & ((four << 4) | (last4 >> 60));
    const ends = ~symbols & ((eight << 1) | (last8 >> 63));
    const others = ~symbols;

    let found = ends | events;
    if (to - at < 64) found &= ((<u64>1) << (to - at)) - 1;
    while (found != 0) {
      const bit = ctz(found);
      const place = at + <usize>bit;
      found &= found - 1;
      let word: usize = NONE;
      let isAtBreak = false;
      let isStop = false;
      if ((ends >> bit) & 1) {
        const before = ((<u64>1) << bit) - 1;
        // The word consists of all bytes before the place, back to the last byte that is not a symbol.
        const cut = others & before;
        const inWord = cut == 0 ? before : before & ~(~(<u64>0) >> clz(cut));
        const isMixed = ((small & inWord) != 0 || (cut == 0 && hadSmall)) && ((capitals & inWord) != 0 || (cut == 0 && hadCapital));
        judged = place;
        isAtBreak = mayGoOn(place);
        isStop = (isMixed || isAtBreak) && mayBePiece(place, isMixed, isAtBreak);
        if (isStop) word = place;
      }
      if ((events >> bit) & 1) {
        const short = judgeEvent(place);
        if (short != NONE) {
          isStop = isAtBreak = true;
          word = short == UNKNOWN ? NONE : short;
        }
      }
      if (isStop) {
        store<u32>(end, <u32>place);
        store<u32>(end, <u32>((word << 1) | <usize>isAtBreak), 4);
        end += 8;
      }
    }

    const rest = others == 0 ? ~(<u64>0) : ~(~(<u64>0) >> clz(others));
    hadSmall = (small & rest) != 0 || (others == 0 && hadSmall);
    hadCapital = (capitals & rest) != 0 || (others == 0 && hadCapital);
    last1 = symbols;
    last2 = two;
    last4 = four;
    last8 = eight;
  }
  return <u32>((end - out) >> 3);
}

/** Returns the beginning of a row of characters written as numbers that may continue at a place, or 0 if there is no such row. */
export function rowAt(place: usize): usize {
  return numbered > 0 && place - lastNumber <= LONGEST_ESCAPE ? firstNumber : NONE;
}

/** Returns the first place of three bytes at or after `from`, or `NONE`. */
export function find(first: u8, second: u8, third: u8, from: usize, to: usize): usize {
  for (let at = from; at < to; at += 16) {
    const ones = i8x16.eq(v128.load(at), i8x16.splat(first));
    const twos = i8x16.eq(v128.load(at, 1), i8x16.splat(second));
    const threes = i8x16.eq(v128.load(at, 2), i8x16.splat(third));
    const found = i8x16.bitmask(v128.and(ones, v128.and(twos, threes)));
    if (found != 0) return at + <usize>ctz(found);
  }
  return NONE;
}

/** Counts the line feeds between two places. */
export function countLines(from: usize, to: usize): u32 {
  let count: u32 = 0;
  let at = from;
  for (; at + 16 <= to; at += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a))));
  for (; at < to; at += 1) count += u32(load<u8>(at) == LINE_FEED);
  return count;
}

/** Finds which of the 16 bytes at a place are events. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function eventsAt(at: usize, bytes: v128): v128 {
  // Most parts of a log have no such byte.
  if (!v128.any_true(isIn(bytes, ALL_EVENTS))) return i8x16.splat(0);
  let events = isIn(bytes, EVENTS);
  const before = isIn(bytes, EVENTS_BEFORE_SIGN);
  if (v128.any_true(before)) events = v128.or(events, v128.and(before, isIn(v128.load(at + 1), SIGNS)));
  const after = isIn(bytes, EVENTS_AFTER_WORD);
  if (v128.any_true(after)) events = v128.or(events, v128.and(after, isIn(v128.load(at - 1), ENDS_OF_WORDS)));
  if (v128.any_true(v128.and(bytes, i8x16.splat(-128)))) events = v128.or(events, isIn(bytes, EVENTS_OF_UTF8));
  return events;
}

/** Tells whether the long word that ends at a place may be a piece of a handle. */
function mayBePiece(end: usize, isMixed: bool, isAtBreak: bool): bool {
  let start = end - LONG;
  while (start > first && is(start - 1, SYMBOL)) start -= 1;
  // The first letters may belong to an escape (`\n`, `%0a`).
  if (load<u8>(start - 1) == BACKSLASH || load<u8>(start - 1) == PERCENT) return true;
  const isInRow = isMixed && end - start >= SHORTEST_IN_ROW;
  return areSuspect(start, end) ? isInRow || isAtBreak : isInRow && areLikeCiphertext(start, end);
}

/**
 * Judges an event. Returns the end of the short word before it if that word needs a closer look, `UNKNOWN` if the event
 * itself is a stop, otherwise `NONE`.
 */
function judgeEvent(at: usize): usize {
  const byte = load<u8>(at);
  // The first three characters of a handle.
  if (byte == 0x4a) return isBeginning(at - 2) ? UNKNOWN : NONE;
  const isPlain = byte == LINE_FEED || byte == ESCAPE;
  if (byte != LINE_FEED && (byte == ESCAPE ? isFlake(at) : isSign(at))) hasSigns = true;
  if (!isPlain && isNumber(at)) {
    numbered = at - lastNumber <= (byte == BACKSLASH || byte == AND ? LONGEST_ESCAPE : LONGEST_NUMBER) ? numbered + 1 : 1;
    if (numbered == 1) firstNumber = at;
    lastNumber = at;
    if (numbered >= ROW) return UNKNOWN;
  }
  const end = (byte == LINE_FEED || byte == RETURN) && !is(at - 1, SYMBOL) ? endOfLastWord(at) : at;
  if (end <= judged || end <= first || !is(end - 1, SYMBOL) || (!isPlain && !mayBreak(at))) return NONE;
  let place = endOfFewWords(end, last);
  if (place == NONE) {
    let start = end;
    while (start > first && is(start - 1, SYMBOL)) start -= 1;
    place = endOfWords(start, end, last);
  }
  if (place == UNKNOWN) return end;
  judged = place;
  return NONE;
}
