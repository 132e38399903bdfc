/** Counts text that may hold handles in a form that the audit does not read, so that nobody believes that the log has no handles there. */
import { HANDLE_PREFIX } from '../../../scan/index.ts';
import type { Unread } from '../reader.ts';

/** The beginning that distinguishes a handle from tokens whose header has another algorithm. */
const BEGINNING = [...HANDLE_PREFIX.slice(0, 12)];

/** What may stand between two bytes in hexadecimal: nothing, marks and names of a notation, or the end of a dump's row. */
const END_OF_ROW = String.raw`[^\n]{0,24}(?:\r?\n|\\n)[ \t]{0,8}(?:0x)?[0-9a-fA-F]{4,16}:?[ \t]{1,3}`;
const BETWEEN_HEX = String.raw`(?:[^\da-fA-F]{1,16}(?:0x|00|0{6}|25)?|;?&amp;#x?|${END_OF_ROW})?`;

/** The same between two numbers: marks, names of a type, or the end of a dump's row. */
const BETWEEN_NUMBERS = String.raw`(?:\D{1,40}|\D{0,40}\n\d{7}[ \t]{1,4})`;

/** The same with the number of each element. */
const WITH_INDEX = String.raw`\D{1,40}\d{1,7}\D{1,40}`;

/** The same between two characters. */
const BETWEEN_CHARACTERS = String.raw`(?:["'],\s{0,16}["']|[ \t]{1,4}|[ \t]{0,4}\n\d{7}[ \t]{1,4})`;

const inBase = (base: number) => BEGINNING.map((character) => character.charCodeAt(0).toString(base));

/** An encoding. */
interface Encoding {
  /** The spellings of the characters of the beginning. */
  readonly symbols: readonly string[];
  /** What may stand between two symbols: one pattern for each kind of text. */
  readonly between: readonly string[];
  /** The number of the symbol that is rare in logs. The search looks for this symbol first. */
  readonly rare: number;
}

/** Hexadecimal, lists of bytes, and character by character, with escapes, entities or without. */
const ENCODINGS: readonly Encoding[] = [
  {
    symbols: inBase(16).map((code) => code.replace(/[a-f]/, (digit) => `[${digit}${digit.toUpperCase()}]`)),
    between: [BETWEEN_HEX],
    rare: 0,
  },
  ...[10, 8].map((base) => ({ symbols: inBase(base), between: [BETWEEN_NUMBERS, WITH_INDEX], rare: 1 })),
  { symbols: BEGINNING, between: [BETWEEN_CHARACTERS], rare: 2 },
];

/** How many symbols from the rare one on make a text worth a closer look. */
const SUSPICIOUS = 3;

const READERS = ENCODINGS.map(({ symbols, between, rare }) => ({
  suspicious: new RegExp(symbols.slice(rare, rare + SUSPICIOUS).join(`(?:${between.join('|')})`)),
  beginnings: between.map((one) => new RegExp(symbols.join(one), 'g')),
}));

/** Characters that stand in no line of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: binary data has them.
const CONTROLS = /[\u0001-\u0008\u000e-\u001a\u001c-\u001f]/g;

/** Counts the handles in other encodings, and the parts of binary data, in lines of a log. */
export function countEncoded(text: string, unread: Unread): void {
  for (const { suspicious, beginnings } of READERS)
    if (suspicious.test(text)) for (const beginning of beginnings) unread.incomplete += text.match(beginning)?.length ?? 0;
  // Compressed and encrypted data has bytes that are no UTF-8.
  if (text.includes('\ufffd')) unread.packed += binaryParts(text);
}

/** How many different control characters show binary data. A program that separates fields uses one or two of them. */
const FEWEST_CONTROLS = 4;

/** Counts the parts of a text that are binary data. */
function binaryParts(text: string): number {
  let [count, isWithin] = [0, false];
  for (const line of text.split('\n')) {
    const controls = new Set(line.match(CONTROLS)).size;
    if (controls >= FEWEST_CONTROLS && !isWithin) count += 1;
    isWithin = controls >= FEWEST_CONTROLS || (isWithin && (controls > 0 || line.includes('\ufffd')));
  }
  return count;
}
