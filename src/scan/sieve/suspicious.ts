/**
 * Finds the suspicious parts of a log. A suspicious part may be a handle or a piece of a handle. The redactor is slow,
 * so it reads only these parts.
 *
 * The search may find more than the redactor, but never less. test/scan/sieve/suspicious.test.ts compares the redactor
 * with and without this search.
 */
import { START } from '../find.ts';
import type { Part } from '../mapped.ts';
import { arraysIn } from '../reported/arrays.ts';
import { binaryIn, hasBinaryByte, LONGEST_BINARY } from '../reported/binary.ts';
import { interruptedIn } from '../reported/interrupted.ts';
import { DIGITS, tableOf } from './check.ts';
import { findWord, type Log } from './words.ts';

const BINARY_BYTES = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) if (hasBinaryByte(String.fromCharCode(byte))) BINARY_BYTES[byte] = 1;

const [THIRD, FOURTH] = [2, 3].map((at) => START.charCodeAt(at)) as [number, number];
const HEXADECIMAL = tableOf('0123456789abcdefABCDEF');

/**
 * The number of bytes before a search that are read again. Interrupted text or an array may begin in them. The redactor
 * has the same bound.
 */
const LOOK_BACK = 4_096;

/**
 * This many bytes are searched for binary data before they are searched for words. If they contain binary data, the
 * search for words ends where this data ends, because megabytes of binary data may follow.
 */
const NEAR = 4_096;

/**
 * Finds the first suspicious part.
 *
 * @param from where the search begins. Bytes before this place are read, because a part may begin in them
 * @param limit where the search ends. A word that ends later is not checked, because the check may need bytes that have
 *   not arrived
 * @returns the part. If no part is suspicious, an empty part at the place where the next search must begin
 */
export function findSuspicious(log: Log, from: number, limit: number): Part {
  const { bytes, text } = log;
  const near = Math.min(from + NEAR, bytes.length);
  const mayBeBinary = hasBinaryBytes(bytes, Math.max(0, from - LONGEST_BINARY), near);
  const nearData = mayBeBinary ? firstData(text(), from, near) : undefined;
  const word = findWord(log, from, Math.min(limit, nearData?.end ?? limit));
  const isFound = word.index < word.end;
  const end = isFound ? word.end : (nearData?.end ?? (word.isUnfinished ? word.index : bytes.length));
  const start = Math.max(0, from - LOOK_BACK);
  const parts: Part[] = [];
  if (word.mayBeReported) parts.push(...interruptedIn(text().slice(start, end)).map((part) => placed(part, start)));
  if (mayHaveCodes(log, start, end) || mayHaveCharacters(log, start, end))
    parts.push(...arraysIn(text().slice(start, end)).map((part) => placed(part, start)));
  const data = nearData ?? (word.mayBeReported ? firstData(text(), from, end) : undefined);
  if (data !== undefined) parts.push(data);
  const last = isFound || nearData === undefined ? word.index : end;
  const [first] = parts.filter((part) => part.end > from && part.index < last).sort((one, other) => one.index - other.index);
  return first ?? word;
}

/** The codes of the first two characters of a handle, in decimal, as an array of bytes contains them. */
const [FIRST_CODE, SECOND_CODE] = [0, 1].map((at) => `${START.charCodeAt(at)}`) as [string, string];
/** The maximum number of bytes from one code to the next in an array of bytes, or from one character to the next. */
const LONGEST_BETWEEN = 256;

/** Tells whether an array of bytes may contain the first two characters of a handle. */
function mayHaveCodes(log: Log, start: number, end: number): boolean {
  for (let at = log.indexOf(FIRST_CODE, start); at !== -1 && at < end; ) {
    const second = log.indexOf(SECOND_CODE, at);
    if (second === -1) return false;
    // Beside another digit, the code is a part of a longer number or of a digest.
    const [before, after] = [log.bytes[at - 1] as number, log.bytes[at + FIRST_CODE.length] as number];
    const isCode = DIGITS[before] !== 1 && HEXADECIMAL[after] !== 1;
    if (isCode && second - at < LONGEST_BETWEEN) return true;
    at = log.indexOf(FIRST_CODE, Math.max(at + 1, second - LONGEST_BETWEEN + 1));
  }
  return false;
}

/** Tells whether an array of characters (`["e","y","J","h"]`) may contain the third and the fourth character of a handle. */
function mayHaveCharacters({ bytes, findAlone }: Log, start: number, end: number): boolean {
  for (let at = findAlone(THIRD, start, end); at !== -1; at = findAlone(THIRD, at + 1, end))
    if (findAlone(FOURTH, at, Math.min(at + LONGEST_BETWEEN, bytes.length)) !== -1) return true;
  return false;
}

function hasBinaryBytes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (BINARY_BYTES[bytes[at] as number] === 1) return true;
  return false;
}

function placed({ index, end }: Part, start: number): Part {
  return { index: start + index, end: start + end };
}

/** Finds the first binary data that ends after `from`. */
function firstData(text: string, from: number, end: number): Part | undefined {
  const start = Math.max(0, from - LONGEST_BINARY);
  for (const part of binaryIn(text.slice(start, end))) if (start + part.end > from) return placed(part, start);
  return undefined;
}
