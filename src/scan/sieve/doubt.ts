/**
 * Passes over the bytes of a log in which a redactor would find nothing. The sieve stops at everything that makes the
 * redactor stop: the same words as `../candidates.ts`, and the signs of confetti, of arrays, and of data that is no text.
 * The sieve may stop more often than the redactor, and never less often: test/scan/sieve/doubt.test.ts compares both.
 */
import { arraysIn, confettiIn, dataIn, hasNoText, MOST_OF_DATA } from '../confetti.ts';
import { START } from '../find.ts';
import { tableOf } from './judge.ts';
import { type Doubt, findWord, isSymbol } from './words.ts';

/** The bytes that only data has, and the bytes of its marks. */
const CONTROL = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) if (hasNoText(String.fromCharCode(byte))) CONTROL[byte] = 1;

const LETTER_J = 0x4a;
const HEXADECIMAL = tableOf('0123456789abcdefABCDEF');

/** How far before the place at which it begins the sieve looks for confetti and arrays, as the redactor does. Bytes. */
const CONFETTI = 4_096;

/** How far the sieve first looks only for data that is no text, because a log may have megabytes of such data. Bytes. */
const NEAR = 4_096;

/** A part of a log. */
export interface Bytes {
  readonly bytes: Uint8Array;
  /** Returns the same bytes as text (ISO 8859-1). The text is made at the first call. */
  text(): string;
  /** Where a short text stands from a place on; -1 if it does not stand there. */
  indexOf(part: string, from: number): number;
}

/**
 * Finds the first doubt.
 *
 * @param from where the search begins. The bytes before this place only help to judge the bytes behind it
 * @param limit words that end behind this place are not judged: there must be enough bytes behind it to judge the others
 */
export function findDoubt(log: Bytes, from: number, limit: number): Doubt {
  const { bytes, text } = log;
  const near = Math.min(from + NEAR, bytes.length);
  const data = hasControl(bytes, Math.max(0, from - MOST_OF_DATA), near) ? firstData(text(), from, near) : undefined;
  const found = findWord(bytes, text, from, Math.min(limit, data?.end ?? limit));
  const isFound = found.index < found.end;
  const end = isFound ? found.end : (data?.end ?? bytes.length);
  const start = Math.max(0, from - CONFETTI);
  const parts: Doubt[] = [];
  if (found.hasSigns) parts.push(...confettiIn(text().slice(start, end)).map((part) => placed(part, start)));
  if (hasNumbers(log, start, end) || hasCharacters(bytes, start, end))
    parts.push(...arraysIn(text().slice(start, end)).map((part) => placed(part, start)));
  const more = data ?? (found.hasSigns ? firstData(text(), from, end) : undefined);
  if (more !== undefined) parts.push(more);
  const last = isFound || data === undefined ? found.index : end;
  const doubts = parts.filter((part) => part.end > from && part.index < last).sort((one, other) => one.index - other.index);
  return doubts[0] ?? found;
}

/** The first two characters of a handle by their numbers, and the most bytes from one number to the other in an array of bytes. */
const [FIRST_NUMBER, SECOND_NUMBER] = [0, 1].map((at) => `${START.charCodeAt(at)}`) as [string, string];
const LONGEST_BETWEEN = 256;

function hasNumbers(log: Bytes, start: number, end: number): boolean {
  for (let at = log.indexOf(FIRST_NUMBER, start); at !== -1 && at < end; ) {
    const second = log.indexOf(SECOND_NUMBER, at);
    if (second === -1) return false;
    // A digit behind the number shows that it is only a part of another number, or of a digest in hexadecimal.
    const isNumber = HEXADECIMAL[log.bytes[at + FIRST_NUMBER.length] as number] !== 1;
    if (isNumber && second - at < LONGEST_BETWEEN) return true;
    at = log.indexOf(FIRST_NUMBER, Math.max(at + 1, second - LONGEST_BETWEEN + 1));
  }
  return false;
}

/** Whether the third character of a handle stands alone, as it does in an array of characters. */
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

/** The first part behind a place that is data and no text. */
function firstData(text: string, from: number, end: number): Doubt | undefined {
  const start = Math.max(0, from - MOST_OF_DATA);
  for (const part of dataIn(text.slice(start, end))) if (start + part.end > from) return placed(part, start);
  return undefined;
}
