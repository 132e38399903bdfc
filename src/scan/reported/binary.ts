/** Finds data that is not text, such as compressed data. Nobody can see a handle in such data. */
import type { Part } from '../mapped.ts';

/** Matches the marks with which compressed data begins: gzip, compress, Zstandard, xz, LZ4, 7z and ZIP. */
const MARK = new RegExp(
  [
    String.raw`\u001f(?:\u008b\u0008|\u009d\u0090)`,
    String.raw`\(\u00b5/\u00fd|\u00fd7zXZ\u0000`,
    String.raw`\u0004"M\u0018|7z\u00bc\u00af'\u001c|PK\u0003\u0004`,
  ].join('|'),
  'g',
);

/**
 * Control characters that text never contains. The list does not contain the zero, because UTF-16 contains zeros. The
 * list does not contain the bell and the backspace, because terminals use them.
 */
const CONTROL = String.raw`\u0001-\u0006\u000e-\u001a\u001c-\u001f\u007f`;
/** Matches a control character or the byte 0xfd. Every mark of compressed data contains such a character. */
const NO_TEXT = new RegExp(`[${CONTROL}\\u00fd]`);
const MARK_OR_CONTROL = new RegExp(`${MARK.source}|[${CONTROL}]`, 'g');

/** Tells whether a text has a character that only binary data has. */
export function hasBinaryByte(text: string): boolean {
  return NO_TEXT.test(text);
}

/** Tells whether a text (ISO 8859-1) contains the mark of compressed data. */
export function hasCompressedData(text: string): boolean {
  return text.search(MARK) !== -1;
}

/**
 * The conditions for binary data: within 64 characters, at least 3 control characters, and at least 12 bytes that are
 * not UTF-8. Random bytes have two or three times as many of both.
 */
export const LONGEST_BINARY = 64;
const CONTROLS = 3;
const STRAYS = 12;

/**
 * Returns the parts of a text that are binary data, such as compressed data, in their order. Text never has both
 * control characters and bytes that are not UTF-8, whatever its character set is.
 */
export function* binaryIn(text: string): Generator<Part> {
  if (!hasBinaryByte(text)) return;
  const places: number[] = [];
  for (const { 0: found, index } of text.matchAll(MARK_OR_CONTROL)) {
    if (found.length > 1) yield { index, end: index + found.length };
    if (places.push(index) < CONTROLS) continue;
    const first = places.shift() ?? index;
    const end = Math.min(text.length, first + LONGEST_BINARY);
    if (index < end && strayBytes(text, first, end) >= STRAYS) yield { index: first, end };
  }
}

/**
 * Counts the bytes in a part of a text that are not UTF-8. Such a byte stands in the text as a character of ISO 8859-1,
 * or as U+FFFD.
 */
function strayBytes(text: string, from: number, to: number): number {
  let strays = 0;
  for (let at = from; at < to; ) {
    const code = text.charCodeAt(at);
    const length = code < 0xc2 ? 1 : code < 0xe0 ? 2 : code < 0xf0 ? 3 : code < 0xf5 ? 4 : 1;
    let next = at + 1;
    while (next < at + length && (text.charCodeAt(next) & ~0x3f) === 0x80) next += 1;
    if (next < at + length || (length === 1 && code >= 0x80 && code <= 0xff) || code === 0xfffd) strays += 1;
    at = next;
  }
  return strays;
}
