/**
 * Tells written text from base64url of random bytes, by how often one character follows another. Words, identifiers,
 * numbers, hexadecimal digests and UUIDs count as written text. Ciphertext and tokens count as random bytes.
 */

/**
 * How often a letter follows another letter in English and in source code. Each value is 5 + log2(real frequency /
 * frequency by chance). Each first letter has a row, and each second letter has a digit in the row. The pairs were
 * counted in 11 MB of declarations, source code and prose.
 */
const FOLLOWS = [
  '36663462623877062878544452',
  '53226001550501501430510040',
  '73427007505610821547500120',
  '61258210610411611452410140',
  '73775651320668466988255750',
  '61215500700402600543500050',
  '41007033600324360444410000',
  '60008000600020500415400000',
  '54666760002669852577150405',
  '20005000100000200050112000',
  '30006000400003000040100000',
  '63158220700600631156630050',
  '75127000600241660050400020',
  '61777471614424640188640040',
  '45672640525679570866646210',
  '70028003500620750757510110',
  '20001000100000002010600000',
  '83549460704466820767541050',
  '50628325603322660379612150',
  '70528208800321750766602370',
  '55447440500767050766200000',
  '70007010600000400000000000',
  '40004014500004400431002000',
  '30202000300000060006000010',
  '11201010100334360033002000',
  '30005000200000500000000010',
];

/**
 * How often a character of one class follows a character of another: log2(real frequency / frequency by chance). A row
 * is for the class of the first character, a column for the class of the second. The classes are small letters, capitals,
 * digits, and the signs `.`, `-` and `_`.
 */
const CLASS_FOLLOWS = [
  [1, -2, -5, 0],
  [0, 0, -4, 0],
  [-2, -1, 2, 2],
  [1, 0, 0, 0],
] as const;

/**
 * The shortest text that can be judged reliably, in characters. Of 30,000 random texts of this length, one passes for
 * written text.
 */
export const SHORTEST_JUDGED = 24;

/** The shortest text that {@link isSuspect} accepts, in characters. */
export const SHORTEST_SUSPECT = 8;

/**
 * The smallest fit at which {@link SHORTEST_JUDGED} characters count as written text. The fit is the sum of {@link FIT}
 * over all pairs of neighbouring characters. Random text has a median fit of -45.
 */
const WRITTEN = 4;

/** A buffer for the character codes that {@link isLikeCiphertext} judges. It writes them before it reads them. */
const BUFFER = new Uint8Array(4_096);

/** For each character code: the class of the character, or 0 if no handle contains the character. */
export const CLASS = new Uint8Array(256);
for (let code = 0x61; code <= 0x7a; code += 1) CLASS[code] = 1;
for (let code = 0x41; code <= 0x5a; code += 1) CLASS[code] = 2;
for (let code = 0x30; code <= 0x39; code += 1) CLASS[code] = 3;
for (const sign of '.-_') CLASS[sign.charCodeAt(0)] = 4;

/**
 * How well a pair of characters fits into written text. The index is `128 * first + second`, from the character codes.
 */
export const FIT = new Int8Array(128 * 128);
for (let first = 0; first < 128; first += 1) {
  for (let second = 0; second < 128; second += 1) FIT[first * 128 + second] = fitOf(first, second);
}

function fitOf(first: number, second: number): number {
  const [before, after] = [CLASS[first] ?? 0, CLASS[second] ?? 0];
  if (before === 0 || after === 0) return 0;
  const byClass = CLASS_FOLLOWS[before - 1]?.[after - 1] ?? 0;
  // Two letters belong to one word, unless a capital follows a small letter.
  const isOneWord = before < 3 && after < 3 && !(before === 1 && after === 2);
  return isOneWord ? byClass + Number(FOLLOWS[(first & 31) - 1]?.[(second & 31) - 1] ?? 0) - 5 : byClass;
}

/**
 * Tells whether a text contains {@link SHORTEST_JUDGED} successive characters that may be ciphertext. Text of
 * one letter case does not count, because it may be hexadecimal, base32 or a name.
 */
export function isLikeCiphertext(text: string, from = 0, to = text.length): boolean {
  for (let at = from; to - at >= SHORTEST_JUDGED; at += BUFFER.length - SHORTEST_JUDGED + 1) {
    const length = Math.min(BUFFER.length, to - at);
    for (let place = 0; place < length; place += 1) BUFFER[place] = text.charCodeAt(at + place);
    if (areLikeCiphertext(BUFFER, 0, length)) return true;
  }
  return false;
}

/** Does the same as {@link isLikeCiphertext} for bytes of ISO 8859-1. */
export function areLikeCiphertext(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < SHORTEST_JUDGED) return false;
  let fit = 0;
  let before = bytes[from] as number;
  for (let at = from + 1; at < from + SHORTEST_JUDGED - 1; at += 1) {
    const code = bytes[at] as number;
    fit += FIT[before * 128 + code] as number;
    before = code;
  }
  let left = bytes[from] as number;
  for (let at = from + SHORTEST_JUDGED - 1; at < to; at += 1) {
    const code = bytes[at] as number;
    fit += FIT[before * 128 + code] as number;
    before = code;
    const first = at - SHORTEST_JUDGED + 1;
    if (fit < WRITTEN && areMixed(bytes, first, at + 1)) return true;
    const next = bytes[first + 1] as number;
    fit -= FIT[left * 128 + next] as number;
    left = next;
  }
  return false;
}

function areMixed(bytes: Uint8Array, from: number, to: number): boolean {
  let kinds = 0;
  for (let at = from; at < to; at += 1) kinds |= 1 << (CLASS[bytes[at] as number] as number);
  return (kinds & 0b110) === 0b110;
}

/** Tells whether the last characters of a text hardly look like a word. They may be ciphertext, or something else. */
export function isSuspect(text: string, from = 0, to = text.length): boolean {
  return to - from >= SHORTEST_SUSPECT && fitOfEnd(text, from, to) < 0;
}

/** Returns how well the last {@link SHORTEST_JUDGED} characters of a text fit into written text. */
export function fitOfEnd(text: string, from: number, to: number): number {
  let fit = 0;
  for (let at = Math.max(from, to - SHORTEST_JUDGED) + 1; at < to; at += 1)
    fit += FIT[text.charCodeAt(at - 1) * 128 + text.charCodeAt(at)] ?? 0;
  return fit;
}

/** Does the same as {@link isSuspect} for bytes of ISO 8859-1, but for any length. */
export function areSuspect(bytes: Uint8Array, from: number, to: number): boolean {
  let fit = 0;
  for (let at = Math.max(from, to - SHORTEST_JUDGED) + 1; at < to; at += 1)
    fit += FIT[(bytes[at - 1] as number) * 128 + (bytes[at] as number)] as number;
  return fit < 0;
}

/**
 * Tells whether a text hardly looks like a word, and has small letters and capitals. Hexadecimal text and UUIDs have
 * only one of the two.
 */
export function isSuspectPiece(text: string, from = 0, to = text.length): boolean {
  return isSuspect(text, from, to) && isMixed(text, from, to);
}

/**
 * Tells whether a word may be a piece of a handle, if another piece stands near it. This function accepts nine in ten of
 * the pieces that {@link isSuspectPiece} takes for words. It also accepts up to 4 % of the real words, which is too many for
 * text without a piece.
 */
export function mayBeNextPiece(text: string, from = 0, to = text.length): boolean {
  const length = Math.min(to - from, SHORTEST_JUDGED);
  return length >= SHORTEST_SUSPECT && fitOfEnd(text, from, to) < length / 2 && isMixed(text, from, to);
}

function isMixed(text: string, from: number, to: number): boolean {
  let kinds = 0;
  for (let at = from; at < to; at += 1) kinds |= 1 << (CLASS[text.charCodeAt(at)] ?? 0);
  return (kinds & 0b110) === 0b110;
}

export function isWordCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 256 && CLASS[code] !== 0;
}

/**
 * Returns the index after the word that begins at an index.
 *
 * @param end the index at which the search ends
 */
export function endOfWord(text: string, from: number, end = text.length): number {
  let at = from;
  while (at < end && isWordCharacter(text, at)) at += 1;
  return at;
}
