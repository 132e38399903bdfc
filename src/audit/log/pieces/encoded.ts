/**
 * Counts text that may contain handles in a form that the audit does not read. Otherwise a report could say that a log
 * has no handles although it has some in this form.
 */
import { HANDLE_PREFIX } from '../../../scan/index.ts';
import type { Unread } from '../reader.ts';

/**
 * The characters that distinguish the beginning of a handle from other tokens, whose headers name another algorithm.
 */
const BEGINNING = [...HANDLE_PREFIX.slice(0, 12)];

/**
 * `BETWEEN_HEX` matches the text between two bytes in hexadecimal: nothing, punctuation, the prefix of a notation
 * (`0x`, `%25`, `&amp;#x`), or `END_OF_ROW` in a dump.
 */
const END_OF_ROW = String.raw`[^\n]{0,24}(?:\r?\n|\\n)[ \t]{0,8}(?:0x)?[0-9a-fA-F]{4,16}:?[ \t]{1,3}`;
const BETWEEN_HEX = String.raw`(?:[^\da-fA-F]{1,16}(?:0x|00|0{6}|25)?|;?&amp;#x?|${END_OF_ROW})?`;

/** Matches the text between two numbers: punctuation, the name of a type, or the end of a row in a dump. */
const BETWEEN_NUMBERS = String.raw`(?:\D{1,40}|\D{0,40}\n\d{7}[ \t]{1,4})`;

/** Matches the text between two numbers if each element is written with its index. */
const WITH_INDEX = String.raw`\D{1,40}\d{1,7}\D{1,40}`;

/** Matches the text between two characters that are written one by one, as in a list. */
const BETWEEN_CHARACTERS = String.raw`(?:["'],\s{0,16}["']|[ \t]{1,4}|[ \t]{0,4}\n\d{7}[ \t]{1,4})`;

const inBase = (base: number) => BEGINNING.map((character) => character.charCodeAt(0).toString(base));

/** A way to write a text character by character. */
interface Encoding {
  /** The spelling of each character of {@link BEGINNING}. */
  readonly symbols: readonly string[];
  /** Patterns for the text that may stand between two spellings, one pattern for each kind of text. */
  readonly between: readonly string[];
  /** The index of a spelling that is rare in logs. The search looks for this spelling first. */
  readonly rare: number;
}

/** The encodings: hexadecimal, lists of bytes (decimal and octal), and text character by character. */
const ENCODINGS: readonly Encoding[] = [
  {
    symbols: inBase(16).map((code) => code.replace(/[a-f]/, (digit) => `[${digit}${digit.toUpperCase()}]`)),
    between: [BETWEEN_HEX],
    rare: 0,
  },
  ...[10, 8].map((base) => ({ symbols: inBase(base), between: [BETWEEN_NUMBERS, WITH_INDEX], rare: 1 })),
  { symbols: BEGINNING, between: [BETWEEN_CHARACTERS], rare: 2 },
];

/**
 * How many successive characters of {@link BEGINNING}, from the rare one on, a text must contain to be worth a full
 * search.
 */
const SUSPICIOUS = 3;

const READERS = ENCODINGS.map(({ symbols, between, rare }) => ({
  suspicious: new RegExp(symbols.slice(rare, rare + SUSPICIOUS).join(`(?:${between.join('|')})`)),
  beginnings: between.map((one) => new RegExp(symbols.join(one), 'g')),
}));

/** Matches control characters that lines of text seldom contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: binary data has them.
const CONTROLS = /[\u0001-\u0008\u000e-\u001a\u001c-\u001f]/g;

/** Counts, in lines of a log, the handles in other encodings and the parts with binary data. */
export function countEncoded(text: string, unread: Unread): void {
  for (const { suspicious, beginnings } of READERS)
    if (suspicious.test(text)) for (const beginning of beginnings) unread.incomplete += text.match(beginning)?.length ?? 0;
  // Compressed and encrypted data has bytes that are not UTF-8. A decoder writes U+FFFD in their place.
  if (text.includes('\ufffd')) unread.packed += binaryParts(text);
}

/**
 * A line with at least this many different control characters is binary data. A program that separates fields by
 * control characters uses only one or two.
 */
const FEWEST_CONTROLS = 4;

function binaryParts(text: string): number {
  let [count, isWithin] = [0, false];
  for (const line of text.split('\n')) {
    const controls = new Set(line.match(CONTROLS)).size;
    if (controls >= FEWEST_CONTROLS && !isWithin) count += 1;
    isWithin = controls >= FEWEST_CONTROLS || (isWithin && (controls > 0 || line.includes('\ufffd')));
  }
  return count;
}
