/** Counts what may hold handles in a form that the audit does not read, so that nobody takes it for an absence of handles. */
import { HANDLE_PREFIX } from '../../../scan/index.ts';

/** By this beginning a handle differs from tokens whose header has another algorithm. */
const BEGINNING = [...HANDLE_PREFIX.slice(0, 12)];

/** What may stand between two bytes in hexadecimal: nothing, marks and names of a notation, or the end of a dump's row. */
const END_OF_ROW = String.raw`[^\n]{0,24}(?:\r?\n|\\n)[ \t]{0,8}(?:0x)?[0-9a-f]{4,16}:?[ \t]{1,3}`;
const BETWEEN_HEX = String.raw`(?:[^\da-f]{1,16}(?:0x|00|0{6}|25)?|;?&amp;#x?|${END_OF_ROW})?`;

/** The same between two numbers: marks, names of a type, or the end of a dump's row. */
const BETWEEN_NUMBERS = String.raw`(?:\D{1,40}|\D{0,40}\n\d{7}[ \t]{1,4})`;

/** The same with the number of each element. */
const WITH_INDEX = String.raw`\D{1,40}\d{1,7}\D{1,40}`;

/** The same between two characters. */
const BETWEEN_CHARACTERS = String.raw`(?:["'],\s{0,16}["']|[ \t]{1,4}|[ \t]{0,4}\n\d{7}[ \t]{1,4})`;

const inBase = (base: number) => BEGINNING.map((character) => character.charCodeAt(0).toString(base));

/** The beginning of a handle in hexadecimal, as a list of bytes, and character by character, with escapes, entities or without. */
const ENCODED = [
  new RegExp(inBase(16).join(BETWEEN_HEX), 'gi'),
  ...[10, 8].flatMap((base) => [BETWEEN_NUMBERS, WITH_INDEX].map((between) => new RegExp(`(?<!\\d)${inBase(base).join(between)}`, 'g'))),
  new RegExp(BEGINNING.join(BETWEEN_CHARACTERS), 'g'),
];

/** How many handles begin in encodings that are not read. */
export function encodedBeginnings(text: string): number {
  return ENCODED.reduce((count, encoding) => count + (text.match(encoding)?.length ?? 0), 0);
}

/** The beginnings of compressed data in base64 that only other programs unpack: LZ4, bzip2, 7-Zip, Snappy, lzip. */
const ARCHIVE = /(?<![\w+/-])(?:BCJNG[A-P]|Qlpo(?!OT)[MNO][DTjz]FBWSZT|N3q8ryc|\/wYAAHNOYVBwW|TFpJUA)[\w+/-]{100}/g;

/** Characters that stand in no line of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: binary data has them.
const CONTROL = /[\u0001-\u0008\u000e-\u001a\u001c-\u001f]/;
const CONTROLS = new RegExp(CONTROL, 'g');

/** How many different ones tell binary data. A program that separates fields uses one or two of them. */
const FEWEST_CONTROLS = 4;

/** How many parts are packed in a way that is not read: binary data in the log, and archives in base64. */
export function packedParts(text: string): number {
  const archives = text.match(ARCHIVE)?.length ?? 0;
  if (!CONTROL.test(text)) return archives;
  let [count, isWithin] = [archives, false];
  for (const line of text.split('\n')) {
    const controls = new Set(line.match(CONTROLS)).size;
    if (controls >= FEWEST_CONTROLS && !isWithin) count += 1;
    isWithin = controls >= FEWEST_CONTROLS || (isWithin && (controls > 0 || line.includes('\ufffd')));
  }
  return count;
}
