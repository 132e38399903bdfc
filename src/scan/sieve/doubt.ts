/**
 * The sieve finds the doubts in a log: the parts that may be a handle or a piece of a handle. The redactor reads only
 * these parts, because reading is slow. The sieve looks for everything that the redactor would find: the words that
 * `../pieces/candidates.ts` finds, and what `../reported/` finds. The sieve may
 * find more than the redactor, but never less: test/scan/sieve/doubt.test.ts compares both.
 */
import { START } from '../find.ts';
import { arraysIn } from '../reported/arrays.ts';
import { binaryIn, hasBinaryByte, LONGEST_BINARY } from '../reported/binary.ts';
import { interruptedIn } from '../reported/interrupted.ts';
import { DIGITS, tableOf } from './judge.ts';
import { type Bytes, type Doubt, findWord, isSymbol } from './words.ts';

/** Has a 1 for each byte that only binary data contains, and for the bytes of its marks. */
const CONTROL = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) if (hasBinaryByte(String.fromCharCode(byte))) CONTROL[byte] = 1;

const LETTER_J = 0x4a;
const HEXADECIMAL = tableOf('0123456789abcdefABCDEF');

/**
 * How many bytes before the beginning of a search the sieve reads again, to find interrupted text and arrays that began there.
 * The redactor keeps the same number of characters.
 */
const LOOK_BACK = 4_096;

/**
 * How many bytes the sieve searches for binary data before it searches for words. A log may have megabytes of binary
 * data, and the search for words then ends where the first of this data ends.
 */
const NEAR = 4_096;

/**
 * Finds the first doubt.
 *
 * @param from where the search begins. The bytes before this place only help to judge the bytes after it
 * @param limit where the search ends. Words that end later are not judged, because their judgement may need more bytes
 */
export function findDoubt(log: Bytes, from: number, limit: number): Doubt {
  const { bytes, text } = log;
  const near = Math.min(from + NEAR, bytes.length);
  const data = hasControl(bytes, Math.max(0, from - LONGEST_BINARY), near) ? firstData(text(), from, near) : undefined;
  const found = findWord(log, from, Math.min(limit, data?.end ?? limit));
  const isFound = found.index < found.end;
  const end = isFound ? found.end : (data?.end ?? bytes.length);
  const start = Math.max(0, from - LOOK_BACK);
  const parts: Doubt[] = [];
  if (found.hasSigns) parts.push(...interruptedIn(text().slice(start, end)).map((part) => placed(part, start)));
  if (hasNumbers(log, start, end) || hasCharacters(bytes, start, end))
    parts.push(...arraysIn(text().slice(start, end)).map((part) => placed(part, start)));
  const more = data ?? (found.hasSigns ? firstData(text(), from, end) : undefined);
  if (more !== undefined) parts.push(more);
  const last = isFound || data === undefined ? found.index : end;
  const doubts = parts.filter((part) => part.end > from && part.index < last).sort((one, other) => one.index - other.index);
  return doubts[0] ?? found;
}

/**
 * The codes of the first two characters of a handle, and the most bytes from the first code to the second code in an
 * array of bytes.
 */
const [FIRST_NUMBER, SECOND_NUMBER] = [0, 1].map((at) => `${START.charCodeAt(at)}`) as [string, string];
const LONGEST_BETWEEN = 256;

function hasNumbers(log: Bytes, start: number, end: number): boolean {
  for (let at = log.indexOf(FIRST_NUMBER, start); at !== -1 && at < end; ) {
    const second = log.indexOf(SECOND_NUMBER, at);
    if (second === -1) return false;
    // Beside another digit, the code is only a part of a longer number, or of a digest in hexadecimal.
    const [before, after] = [log.bytes[at - 1] as number, log.bytes[at + FIRST_NUMBER.length] as number];
    const isNumber = DIGITS[before] !== 1 && HEXADECIMAL[after] !== 1;
    if (isNumber && second - at < LONGEST_BETWEEN) return true;
    at = log.indexOf(FIRST_NUMBER, Math.max(at + 1, second - LONGEST_BETWEEN + 1));
  }
  return false;
}

/** Tells whether the third character of a handle stands alone, as it does in an array of characters. */
function hasCharacters(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = bytes.indexOf(LETTER_J, start); at !== -1 && at < end; at = bytes.indexOf(LETTER_J, at + 1))
    if (at === 0 || (!isSymbol(bytes, at - 1) && !isSymbol(bytes, at + 1))) return true;
  return false;
}

function hasControl(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (CONTROL[bytes[at] as number] === 1) return true;
  return false;
}

function placed({ index, end }: Doubt, start: number): Doubt {
  return { index: start + index, end: start + end };
}

/** Finds the first binary data that ends after `from`. */
function firstData(text: string, from: number, end: number): Doubt | undefined {
  const start = Math.max(0, from - LONGEST_BINARY);
  for (const part of binaryIn(text.slice(start, end))) if (start + part.end > from) return placed(part, start);
  return undefined;
}
