/**
 * Finds binary data, such as compressed data. Nobody can see a handle in such data, so the redactor only reports its
 * lines.
 */
import type { Part } from '../mapped.ts';

/** Matches the first bytes of compressed data: gzip, compress, Zstandard, xz, LZ4, 7z and ZIP. */
const COMPRESSED = new RegExp(
  [
    String.raw`\u001f(?:\u008b\u0008|\u009d\u0090)`,
    String.raw`\(\u00b5/\u00fd|\u00fd7zXZ\u0000`,
    String.raw`\u0004"M\u0018|7z\u00bc\u00af'\u001c|PK\u0003\u0004`,
  ].join('|'),
  'g',
);

/**
 * The control characters that text never contains. UTF-16 contains zeros, and terminals use the bell and the backspace.
 * So these three are missing here.
 */
const CONTROL = String.raw`\u0001-\u0006\u000e-\u001a\u001c-\u001f\u007f`;
/**
 * Matches a byte that all binary data contains: a control character, or the `fd` in the first bytes of Zstandard and
 * xz.
 */
const BINARY_BYTE = new RegExp(`[${CONTROL}\\u00fd]`);
const COMPRESSED_OR_CONTROL = new RegExp(`${COMPRESSED.source}|[${CONTROL}]`, 'g');

export function hasBinaryByte(text: string): boolean {
  return BINARY_BYTE.test(text);
}

export function hasCompressedData(text: string): boolean {
  return text.search(COMPRESSED) !== -1;
}

/**
 * The number of characters that are judged together. They count as binary data if at least 3 of them are control
 * characters, and at least 12 of them stand for bytes that are not UTF-8. Random bytes have two or three times as many of
 * both.
 */
export const LONGEST_BINARY = 64;
const FEWEST_CONTROLS = 3;
const FEWEST_STRAYS = 12;

/**
 * Returns the parts of a text that are binary data, in their order. Whatever its character set is, text never has both
 * control characters and bytes that are not UTF-8.
 */
export function* binaryIn(text: string): Generator<Part> {
  if (!hasBinaryByte(text)) return;
  const places: number[] = [];
  for (const { 0: found, index } of text.matchAll(COMPRESSED_OR_CONTROL)) {
    if (found.length > 1) yield { index, end: index + found.length };
    if (places.push(index) < FEWEST_CONTROLS) continue;
    const first = places.shift() ?? index;
    const end = Math.min(text.length, first + LONGEST_BINARY);
    if (index < end && strayBytes(text, first, end) >= FEWEST_STRAYS) yield { index: first, end };
  }
}

/** Counts the bytes that are not UTF-8. In the text, such a byte is one character, or U+FFFD. */
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
