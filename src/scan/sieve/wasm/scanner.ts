/**
 * Finds hits. A hit is a place where a handle may begin, where numeric escapes stand, or where a word ends that may be
 * a piece of a handle.
 *
 * The files of this folder are in AssemblyScript, a dialect of TypeScript that compiles to WebAssembly. Every place is
 * an address in the memory. After a change here, run `npm run build:wasm`.
 */
import { endOfLastWord, mayBreak, mayGoOn, setBounds } from './breaks';
import {
  ANY_SPECIAL,
  AND,
  BACKSLASH,
  ENDS_OF_WORDS,
  ESCAPE,
  SPECIAL,
  SPECIAL_AFTER_WORD,
  SPECIAL_FIRST,
  SPECIAL_IN_UTF8,
  LINE_FEED,
  LETTER_J,
  LONG,
  LONGEST_ESCAPE,
  NONE,
  PERCENT,
  RETURN,
  SPACE,
  SPECIAL_SECOND,
  WORD_BYTE,
  WORD_BYTES,
  UNKNOWN,
  isIn,
  isLetter,
  is,
  startOfWord,
} from './bytes';
import { areLikeCiphertext, areSuspect } from './ciphertext';
import { mayBeArray, mayEncodeMore } from './encoded/decoded';
import { beginOtherText, endOfHarmless, isHarmless, isInHarmless, unfinished } from './encoded/other-text';
import { endOfFewWords, endOfWords, isBeginning, isStart, mayGoOnAsPiece } from './short-words';
import { beginGroups, endsCiphertext, isNumericEscape, isUnusual, useGroupsOfText } from './reported';

/**
 * This many successive numeric escapes (`%65`) are a hit. Shorter series need not be found, because the redactor
 * reports only words of at least 10 characters.
 */
const FEWEST_ESCAPES: u32 = 8;

/** Fewer numeric escapes cannot spell the first three characters of a handle. Each escape spells one character. */
const FEWEST_OF_BEGINNING: u32 = 3;

/** The address to which the hits in decoded text are written. */
const HITS_IN_TEXT: usize = 83_968;

/** The longest numeric escape that begins with `%` or `=`, in bytes. */
const LONGEST_PERCENT_ESCAPE: usize = 14;

/** The shortest piece that counts in a series of pieces, in characters. The redactor has the same bound. */
const SHORTEST_IN_SERIES: usize = 12;

/** The place where the search began. */
let first: usize = 0;
/** The place where the bytes of the log end. */
let last: usize = 0;
/**
 * Each of these four has a bit for each of the previous 64 bytes. In `last4`, the bit is 1 if four bytes, of which this
 * byte is the last, are word bytes. The others do the same for one, two and eight bytes.
 */
let last1: u64 = 0;
let last2: u64 = 0;
let last4: u64 = 0;
let last8: u64 = 0;
/** Whether the unfinished word at the end of the previous 64 bytes has small letters. */
let hadSmall: bool = false;
/** Whether this word has capitals. */
let hadCapital: bool = false;
/** Whether decoded text is searched. Base64 in this text is not decoded, because it would overwrite the text. */
let isInText: bool = false;
/** All words up to this place were checked. */
let checked: usize = 0;
/** The number of numeric escapes (`%65`, `&#101;`) in the last series of successive escapes. */
let escapes: u32 = 0;
/** The number of all numeric escapes since the search began. */
let allEscapes: u32 = 0;
/** The place of the first numeric escape in the last series. */
let firstEscape: usize = 0;
/** The place of the last numeric escape. */
let lastEscape: usize = 0;

export { countLines, find, findAlone } from './find';
export { endOfHarmless, unfinished } from './encoded/other-text';

/** Whether the bytes searched so far may contain binary data or interrupted ciphertext (see `reported.ts`). */
export let mayBeReported: bool = false;

/** Begins a search at `from`. The log stands between `start` and `end`. */
export function begin(start: usize, from: usize, end: usize): void {
  setBounds(from, end);
  beginOtherText(start, end);
  first = from;
  last = end;
  last1 = last2 = last4 = last8 = 0;
  hadSmall = hadCapital = false;
  checked = lastEscape = 0;
  escapes = allEscapes = 0;
  mayBeReported = beginGroups(start, from);
}

/**
 * Finds the hits between two places, and returns their number. For each hit, writes two numbers: the place of the hit,
 * and twice the end of its word. The second number is one higher if a break may follow the word. A hit without a word,
 * such as the beginning of a handle, has 1 as its second number.
 */
export function findHits(from: usize, to: usize, out: usize): u32 {
  let end = out;
  for (let at = from; at < to; at += 64) {
    let wordBytes: u64 = 0;
    let small: u64 = 0;
    let capitals: u64 = 0;
    let special: u64 = 0;
    for (let part: u32 = 0; part < 64; part += 16) {
      const bytes = v128.load(at + part);
      wordBytes |= (<u64>i8x16.bitmask(isIn(bytes, WORD_BYTES))) << part;
      small |= (<u64>i8x16.bitmask(isLetter(bytes, 0x61))) << part;
      capitals |= (<u64>i8x16.bitmask(isLetter(bytes, 0x41))) << part;
      special |= (<u64>i8x16.bitmask(specialAt(at + part, bytes))) << part;
    }
    const two = wordBytes & ((wordBytes << 1) | (last1 >> 63));
    const four = two & ((two << 2) | (last2 >> 62));
    const eight = four & ((four << 4) | (last4 >> 60));
    let ends = ~wordBytes & ((eight << 1) | (last8 >> 63));
    const others = ~wordBytes;
    // No word in harmless base64 is a hit, so its words need no check.
    const harmless = endOfHarmless();
    if (harmless >= at) {
      ends &= harmless - at < 63 ? ~(<u64>0) << (harmless - at + 1) : 0;
      checked = max(checked, harmless);
    }

    let found = ends | special;
    if (to - at < 64) found &= ((<u64>1) << (to - at)) - 1;
    while (found != 0) {
      const bit = ctz(found);
      const place = at + <usize>bit;
      found &= found - 1;
      let word: usize = NONE;
      let isAtBreak = false;
      let isHit = false;
      if ((ends >> bit) & 1) {
        const before = ((<u64>1) << bit) - 1;
        // The word begins after the last byte that is not a word byte.
        const cut = others & before;
        const inWord = cut == 0 ? before : before & ~(~(<u64>0) >> clz(cut));
        const isMixed = ((small & inWord) != 0 || (cut == 0 && hadSmall)) && ((capitals & inWord) != 0 || (cut == 0 && hadCapital));
        checked = place;
        isAtBreak = mayGoOn(place);
        isHit = (isMixed || isAtBreak) && !isInHarmless(place) && mayBePiece(place, isMixed, isAtBreak);
        if (isHit && isMixed && !isInText) {
          isHit = !isHarmless(place);
          // The next search begins at the unfinished base64, so the rest need not be searched now.
          if (unfinished != NONE) return <u32>((end - out) >> 3);
        }
        if (isHit) word = place;
      }
      if ((special >> bit) & 1) {
        const short = checkSpecial(place);
        if (short != NONE) {
          isHit = isAtBreak = short == UNKNOWN || !isInHarmless(short);
          word = short == UNKNOWN ? NONE : short;
        }
      }
      if (isHit) {
        store<u32>(end, <u32>place);
        store<u32>(end, <u32>((word << 1) | <usize>isAtBreak), 4);
        end += 8;
      }
    }

    const rest = others == 0 ? ~(<u64>0) : ~(~(<u64>0) >> clz(others));
    hadSmall = (small & rest) != 0 || (others == 0 && hadSmall);
    hadCapital = (capitals & rest) != 0 || (others == 0 && hadCapital);
    last1 = wordBytes;
    last2 = two;
    last4 = four;
    last8 = eight;
  }
  return <u32>((end - out) >> 3);
}

/** Returns the place of the first numeric escape if numeric escapes may continue at `place`. Otherwise `NONE`. */
export function escapesAt(place: usize): usize {
  return escapes > 0 && place - lastEscape <= LONGEST_ESCAPE ? firstEscape : NONE;
}

/**
 * Tells whether decoded text contains nothing that may belong to a handle. The text begins and ends like a line. Writes
 * up to 64 bytes after the text.
 */
export function isPlain(from: usize, to: usize): bool {
  memory.fill(to, SPACE, 64);
  isInText = true;
  useGroupsOfText();
  begin(from, from, to);
  for (let at = from; at <= to; at += 64) if (findHits(at, min(at + 64, to + 1), HITS_IN_TEXT) > 0) return false;
  return !mayBeReported && allEscapes < FEWEST_OF_BEGINNING && !mayEncodeMore(from, to) && !mayBeArray(from, to);
}

/** Finds which of 16 bytes are special. */
// @ts-ignore: AssemblyScript's decorator for functions
@inline
function specialAt(at: usize, bytes: v128): v128 {
  // Most parts of a log have no special byte.
  if (!v128.any_true(isIn(bytes, ANY_SPECIAL))) return i8x16.splat(0);
  let special = isIn(bytes, SPECIAL);
  const before = isIn(bytes, SPECIAL_FIRST);
  if (v128.any_true(before)) special = v128.or(special, v128.and(before, isIn(v128.load(at + 1), SPECIAL_SECOND)));
  const after = isIn(bytes, SPECIAL_AFTER_WORD);
  if (v128.any_true(after)) special = v128.or(special, v128.and(after, isIn(v128.load(at - 1), ENDS_OF_WORDS)));
  if (v128.any_true(v128.and(bytes, i8x16.splat(-128)))) special = v128.or(special, isIn(bytes, SPECIAL_IN_UTF8));
  return special;
}

function mayBePiece(end: usize, isMixed: bool, isAtBreak: bool): bool {
  const start = startOfWord(end - LONG, first);
  // The first letters may belong to an escape (`\n`, `%0a`).
  if (load<u8>(start - 1) == BACKSLASH || load<u8>(start - 1) == PERCENT) return true;
  if (!isMixed) return areSuspect(start, end) && mayGoOnAsPiece(start, end, last);
  const isInSeries = end - start >= SHORTEST_IN_SERIES;
  return areSuspect(start, end) ? isInSeries || isAtBreak : isInSeries && areLikeCiphertext(start, end);
}

/**
 * Checks a special byte, and the short word before it.
 *
 * @returns `UNKNOWN` if the special byte is a hit by itself; the end of the short word if it is suspicious; otherwise
 *   `NONE`
 */
function checkSpecial(at: usize): usize {
  const byte = load<u8>(at);
  if (byte == LETTER_J) return isBeginning(at - 2) && isStart(at - 2, last) ? UNKNOWN : NONE;
  const isPlain = byte == LINE_FEED || byte == ESCAPE;
  if (byte != LINE_FEED && (byte == ESCAPE ? endsCiphertext(at) : isUnusual(at))) mayBeReported = true;
  if (!isPlain && isNumericEscape(at)) {
    escapes = at - lastEscape <= (byte == BACKSLASH || byte == AND ? LONGEST_ESCAPE : LONGEST_PERCENT_ESCAPE) ? escapes + 1 : 1;
    if (escapes == 1) firstEscape = at;
    allEscapes += 1;
    lastEscape = at;
    if (escapes >= FEWEST_ESCAPES) return UNKNOWN;
  }
  const end = (byte == LINE_FEED || byte == RETURN) && !is(at - 1, WORD_BYTE) ? endOfLastWord(at) : at;
  if (end <= checked || end <= first || !is(end - 1, WORD_BYTE) || (!isPlain && !mayBreak(at))) return NONE;
  let place = endOfFewWords(end, last);
  if (place == NONE) {
    place = endOfWords(startOfWord(end, first), end, last);
  }
  if (place == UNKNOWN) return end;
  checked = place;
  return NONE;
}
