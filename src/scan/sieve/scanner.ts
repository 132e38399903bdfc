/**
 * Prepares the search of a log for hits. `wasm/scanner.ts` does the search, because WebAssembly compares 16 bytes at a
 * time.
 */
import { HANDLE_SPELLINGS } from '../base64.ts';
import { START } from '../find.ts';
import { FIT } from '../pieces/ciphertext.ts';
import { WASM } from './scanner.wasm.ts';

/**
 * A place where a handle may begin, where numeric escapes stand, or where a word ends that may be a piece of a handle.
 */
export interface Hit {
  readonly at: number;
  /** The end of the word. It is -1 at the beginning of a handle and at numeric escapes. */
  readonly end: number;
  /** Whether a break, such as a line break or an escape, may follow the word. */
  readonly isAtBreak: boolean;
}

export interface Search {
  next(): Hit | undefined;
  /** Whether `../reported/` may find interrupted text or binary data in the bytes that were searched. */
  readonly mayBeReported: boolean;
  /** The place of the first numeric escape (`%65`) if numeric escapes may continue after the search. Otherwise -1. */
  readonly escapes: number;
  /** If the end of some base64 has not arrived yet, the place where this base64 begins. The search ends there. Otherwise -1. */
  readonly unfinished: number;
  /** The end of the last base64 that contains no piece of a handle. It may be after `to`. -1 without such base64. */
  readonly endOfHarmless: number;
}

export interface Scanner {
  /**
   * Returns at least `length` bytes of memory for a log. If the memory is too small, it grows and keeps its content.
   * The arrays of earlier calls are then empty.
   */
  memory(length: number): Uint8Array;
  /** Searches a part of the memory. A new search ends the search before it. */
  search(bytes: Uint8Array, from: number, to: number): Search;
  /** Finds a text of three characters in a part of the memory. Returns -1 if the text is missing. */
  find(bytes: Uint8Array, text: string, from: number): number;
  /** Finds a letter that is no part of a word, between two places. Returns -1 if there is no such letter. */
  findAlone(bytes: Uint8Array, letter: number, from: number, to: number): number;
  countLines(bytes: Uint8Array, from: number, to: number): number;
}

const WORD_BYTE = /[A-Za-z0-9._-]/;
const AT_END = /[ \t+.,&|\\="'`]/;

/**
 * The sets of bytes that are searched 16 bytes at a time, in the order that `wasm/bytes.ts` expects.
 *
 * All sets except the first are about special bytes. At a special byte, a handle, a break, a numeric escape or unusual
 * text may begin. Unusual text is interrupted text or binary data (see `../reported/`).
 */
const SETS = [
  WORD_BYTE,
  // These bytes are always special.
  /[^\t\n -~\x80-\xff]|J/,
  // A byte of this set is special before a byte of the following set.
  /[\\%&=<]/,
  /[\\nrtuUx0-7cCeE#aslZNwW\r\n]/,
  // A byte of this set is special after a byte of the following set.
  /[<\n]/,
  new RegExp(`${WORD_BYTE.source}|${AT_END.source}|[\\x80-\\xff]`),
  // This set contains all bytes that can be special.
  /[^\t -~]|[J\\%&=<]/,
  // These bytes, too, are always special: the first bytes of invisible characters in UTF-8, the soft hyphen, and a byte
  // (0xfd) in signatures of compressed data.
  /[\xad\xc2\xd8\xe1\xe2\xef\xf3\xfd]/,
];

/**
 * The sets of bytes that are searched one byte at a time. Each set has one bit in its table, the first set the lowest.
 * `NEXT_KINDS` is for the byte after a backslash, `%` or `&`.
 */
const KINDS = [
  WORD_BYTE,
  /[0-9]/,
  /[\\%&<]|[^\t -~]/,
  /[\t "'`=|]/,
  AT_END,
  /[>|#*;+/.&"'`-]|[\x80-\xff]/,
  // The bytes before complete base64, and the bytes after it. Beside any other byte, the base64 may be incomplete: its
  // rest may stand on another line.
  /["':,;=([{]/,
  /["',;)\]}&<]/,
];
const NEXT_KINDS = [/[\\nrtuUx01\r\n]/, /[012cCeE]/, /[#snlZN]/, /[xU01]/];

/** The size of a set's table, in bytes: 16 entries for the low half of a byte, then 16 for its high half. */
const HALVES = 32;
/** The size of a table for single bytes: it has an entry of one byte for each of the 256 values. */
const TABLE = 256;
const [KINDS_AT, NEXT_KINDS_AT, FIT_AT] = [TABLE, 2 * TABLE, 3 * TABLE];
/** The address of the hits. The 1,024 bytes before it hold the characters of interrupted text, and joined words. */
const HITS_AT = FIT_AT + FIT.length + 1_024;

/** The number of bytes that WebAssembly searches in one call. Each can have one hit, which takes eight bytes. */
const WINDOW = 8_192;
const SPELLINGS_AT = HITS_AT + 8 * WINDOW;
const TABLES_OF_SPELLINGS_AT = SPELLINGS_AT + 128;
/** The address of decoded text. Before the text, 512 bytes are for the hits in it. */
const DECODED_AT = TABLES_OF_SPELLINGS_AT + 128 + 512;
/** The size of the memory for decoded text: its maximum length in bytes, and 128 bytes that may be written after it. */
const DECODED = 786_432 + 128;
/** The size of the memory for joined lines of base64: their maximum length in bytes, and 256 bytes after them. */
const JOINED = 1_048_576 + 256;
/** The characters of interrupted text in decoded text, and a few bytes that are read after them. */
const STORED_OF_TEXT = 512;
const BYTES_AT = DECODED_AT + DECODED + JOINED + STORED_OF_TEXT;

/** The number of zeros at the end of the memory. They end the loops of WebAssembly that read past a log. */
const AFTER = 1_024;
const PAGE = 65_536;

interface Functions {
  begin(start: number, from: number, end: number): void;
  findHits(from: number, to: number, hits: number): number;
  escapesAt(place: number): number;
  endOfHarmless(): number;
  isPlain(from: number, to: number): number;
  find(first: number, second: number, third: number, from: number, to: number): number;
  findAlone(letter: number, first: number, from: number, to: number): number;
  countLines(from: number, to: number): number;
  readonly mayBeReported: { readonly value: number };
  readonly unfinished: { readonly value: number };
}

/** Makes a scanner. Returns undefined if the engine lacks WebAssembly or its instructions for 16 bytes (SIMD). */
export function createScanner(): Scanner | undefined {
  const code = Uint8Array.from(atob(WASM), (character) => character.charCodeAt(0));
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(code)) return undefined;
  const memory = new WebAssembly.Memory({ initial: 4 });
  const module = new WebAssembly.Module(code);
  const instanceWith = (isPlain: (from: number, to: number) => number) =>
    new WebAssembly.Instance(module, { env: { memory, isPlain } }).exports as unknown as Functions;
  // This instance searches the text that the other instance decodes. The other cannot, because its own search goes on.
  const { isPlain } = instanceWith(() => 0);
  const { begin, findHits, escapesAt, find, findAlone, countLines, endOfHarmless, mayBeReported, unfinished } = instanceWith(isPlain);
  writeTables(new Uint8Array(memory.buffer));

  return {
    memory(length) {
      const missing = BYTES_AT + length + AFTER - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil((missing + length) / PAGE));
      return new Uint8Array(memory.buffer, BYTES_AT, memory.buffer.byteLength - BYTES_AT - AFTER);
    },
    search(bytes, from, to) {
      const start = bytes.byteOffset;
      const hits = new Uint32Array(memory.buffer, HITS_AT, 2 * WINDOW);
      let [window, count, index] = [from, 0, 0];
      begin(start, start + from, start + bytes.length);
      return {
        next() {
          while (index === count && window < to && unfinished.value === 0) {
            const end = Math.min(window + WINDOW, to);
            count = findHits(start + window, start + end, HITS_AT);
            [window, index] = [end, 0];
          }
          if (index === count) return undefined;
          const [at, end] = [hits[2 * index] as number, hits[2 * index + 1] as number];
          index += 1;
          return { at: at - start, end: end < 2 ? -1 : (end >>> 1) - start, isAtBreak: (end & 1) === 1 };
        },
        get mayBeReported() {
          return mayBeReported.value !== 0;
        },
        get unfinished() {
          return unfinished.value === 0 ? -1 : unfinished.value - start;
        },
        get endOfHarmless() {
          const end = endOfHarmless();
          return end === 0 ? -1 : end - start;
        },
        get escapes() {
          const first = escapesAt(start + to);
          return first === 0 ? -1 : first - start;
        },
      };
    },
    find(bytes, text, from) {
      const start = bytes.byteOffset;
      const [first, second, third] = [0, 1, 2].map((at) => text.charCodeAt(at)) as [number, number, number];
      const place = find(first, second, third, start + from, start + bytes.length);
      return place === 0 || place + text.length > start + bytes.length ? -1 : place - start;
    },
    findAlone(bytes, letter, from, to) {
      const start = bytes.byteOffset;
      const place = findAlone(letter, start, start + from, start + to);
      return place === 0 ? -1 : place - start;
    },
    countLines: (bytes, from, to) => countLines(bytes.byteOffset + from, bytes.byteOffset + to),
  };
}

function writeTables(memory: Uint8Array): void {
  SETS.forEach((set, index) => {
    writeHalves(memory.subarray(index * HALVES, (index + 1) * HALVES), set);
  });
  memory.set(new Uint8Array(FIT.buffer), FIT_AT);
  const spellings = [...HANDLE_SPELLINGS, START].map((spelling) => spelling.slice(0, 8));
  memory.set(new TextEncoder().encode(`${spellings.join('')}${START}`), SPELLINGS_AT);
  writeSpellings(memory.subarray(TABLES_OF_SPELLINGS_AT), spellings);
  for (const [at, sets] of [
    [KINDS_AT, KINDS],
    [NEXT_KINDS_AT, NEXT_KINDS],
  ] as const) {
    for (let byte = 0; byte < TABLE; byte += 1) {
      const character = String.fromCharCode(byte);
      memory[at + byte] = sets.reduce((bits, set, index) => bits | (set.test(character) ? 1 << index : 0), 0);
    }
  }
}

/** Writes the tables of the first three characters, for `mayEncodeHandle` in `wasm/encoded/base64.ts`. */
function writeSpellings(tables: Uint8Array, spellings: readonly string[]): void {
  spellings.forEach((spelling, index) => {
    for (const character of [0, 1, 2]) {
      const code = spelling.charCodeAt(character);
      for (const entry of [code & 15, 16 + (code >> 4)])
        tables[HALVES * character + entry] = (tables[HALVES * character + entry] as number) | (1 << index);
    }
  });
}

/**
 * Writes the table of a set, for `isIn` in `wasm/bytes.ts`. A byte has a high half and a low half, of four bits each. Two
 * high halves are in one group if the same low halves complete them to bytes of the set. Each group has its own bit.
 */
function writeHalves(table: Uint8Array, set: RegExp): void {
  const groups = new Map<string, number>();
  for (let high = 0; high < 16; high += 1) {
    const lows = Array.from({ length: 16 }, (_, low) => low).filter((low) => set.test(String.fromCharCode(16 * high + low)));
    if (lows.length === 0) continue;
    const bit = groups.get(`${lows}`) ?? 1 << groups.size;
    groups.set(`${lows}`, bit);
    table[16 + high] = bit;
    for (const low of lows) table[low] = (table[low] as number) | bit;
  }
  if (groups.size > 8) throw new Error('a set of bytes has more than eight groups');
}
