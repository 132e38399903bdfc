/**
 * Finds the stops: the places of a log at which the sieve must look more closely. This module prepares the search. The
 * work for each byte and each line is in `wasm/stops.ts`, because WebAssembly compares 16 bytes at a time.
 * `stops.wasm.ts` is that file, compiled.
 */
import { FIT } from '../pieces/ciphertext.ts';
import { WASM } from './stops.wasm.ts';

/** A place at which a handle may begin, or at which a word that may be a piece of a handle ends. */
export interface Stop {
  readonly at: number;
  /** The end of the word. It is -1 at a place that raises a doubt without a word. */
  readonly end: number;
  /** Whether the word may continue after a break, such as a line break or an escape. */
  readonly isAtBreak: boolean;
}

/** A search for stops. */
export interface Search {
  /** Returns the next stop, or undefined after the last stop. */
  next(): Stop | undefined;
  /** Whether the bytes searched so far have signs of interrupted text (see `../reported/interrupted.ts`) or of binary data. */
  readonly hasSigns: boolean;
  /** The beginning of a row of characters written as numbers (`%65%79`) that may continue after the search, or -1. */
  readonly row: number;
}

/** The memory that WebAssembly reads, and the searches in it. */
export interface Scanner {
  /**
   * Returns the memory for the bytes of a log. If the memory has less than `length` bytes, it grows and keeps its
   * content. The arrays that earlier calls returned are then empty.
   */
  memory(length: number): Uint8Array;
  /** Searches a part of the memory from one place to another. A new search ends the search before it. */
  search(bytes: Uint8Array, from: number, to: number): Search;
  /** Returns the first place of a text of three characters in a part of the memory at or after `from`, or -1. */
  find(bytes: Uint8Array, text: string, from: number): number;
  /** Counts the line feeds between two places in a part of the memory. */
  lines(bytes: Uint8Array, from: number, to: number): number;
}

const SYMBOL = /[A-Za-z0-9._-]/;
const AT_END = /[ \t+.,&|\\="'`]/;

/**
 * The sets of bytes that are searched 16 bytes at a time, in the order that `wasm/stops.ts` expects. All sets except
 * the first are about events: places where a handle, a break or a sign may begin.
 */
const SETS = [
  SYMBOL,
  // A byte of this set is an event.
  /[^\t\n -~\x80-\xff]|J/,
  // A byte of the first of these two sets is an event if a byte of the second set follows it.
  /[\\%&=<]/,
  /[\\nrtuUx0-7cCeE#aslZNwW\r\n]/,
  // A byte of the first of these two sets is an event if a byte of the second set precedes it.
  /[<\n]/,
  new RegExp(`${SYMBOL.source}|${AT_END.source}|[\\x80-\\xff]`),
  // All bytes that can be events.
  /[^\t -~]|[J\\%&=<]/,
  // These bytes are events as well: the first bytes of invisible characters in UTF-8, the soft hyphen, and a byte in the
  // marks of compressed data.
  /[\xad\xc2\xd8\xe1\xe2\xef\xf3\xfd]/,
];

/**
 * The sets that are searched one byte at a time, in the order of their bits. The sets of `NEXT_KINDS` are about the
 * byte after a sign.
 */
const KINDS = [SYMBOL, /[0-9]/, /[\\%&<]|[^\t -~]/, /[\t "'`=|]/, AT_END, /[>|#*;+/.&"'`-]|[\x80-\xff]/];
const NEXT_KINDS = [/[\\nrtuUx01\r\n]/, /[012cCeE]/, /[#snlZN]/, /[xU01]/];

/**
 * The addresses of the tables and of the stops. The table of a set that is searched 16 bytes at a time has one byte for
 * each value of a byte's low half, and one byte for each value of its high half.
 */
const [HALVES, TABLE] = [32, 256];
const [KINDS_AT, NEXT_KINDS_AT, FIT_AT] = [TABLE, 2 * TABLE, 3 * TABLE];
/** WebAssembly uses the room before the stops for the characters of interrupted text. */
const STOPS_AT = FIT_AT + FIT.length + 1_024;

/** How many bytes WebAssembly searches in one call. Each stop takes eight bytes, and a byte has at most one stop. */
const WINDOW = 8_192;
const BYTES_AT = STOPS_AT + 8 * WINDOW;

/**
 * How many bytes at the end of the memory stay zero, so that no loop of WebAssembly reads on after the last byte of a
 * log.
 */
const AFTER = 1_024;
const PAGE = 65_536;

interface Functions {
  begin(start: number, from: number, end: number): void;
  findStops(from: number, to: number, stops: number): number;
  rowAt(place: number): number;
  find(first: number, second: number, third: number, from: number, to: number): number;
  countLines(from: number, to: number): number;
  readonly hasSigns: { readonly value: number };
}

/** Makes a scanner. Returns undefined if the engine lacks WebAssembly or its instructions for 16 bytes (SIMD). */
export function createScanner(): Scanner | undefined {
  const code = Uint8Array.from(atob(WASM), (character) => character.charCodeAt(0));
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(code)) return undefined;
  const memory = new WebAssembly.Memory({ initial: 4 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  const { begin, findStops, rowAt, find, countLines, hasSigns } = exports as unknown as Functions;
  writeTables(new Uint8Array(memory.buffer));

  return {
    memory(length) {
      const missing = BYTES_AT + length + AFTER - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil((missing + length) / PAGE));
      return new Uint8Array(memory.buffer, BYTES_AT, memory.buffer.byteLength - BYTES_AT - AFTER);
    },
    search(bytes, from, to) {
      const start = bytes.byteOffset;
      const stops = new Uint32Array(memory.buffer, STOPS_AT, 2 * WINDOW);
      let [window, count, index] = [from, 0, 0];
      begin(start, start + from, start + bytes.length);
      return {
        next() {
          while (index === count && window < to) {
            const end = Math.min(window + WINDOW, to);
            count = findStops(start + window, start + end, STOPS_AT);
            [window, index] = [end, 0];
          }
          if (index === count) return undefined;
          const [at, end] = [stops[2 * index] as number, stops[2 * index + 1] as number];
          index += 1;
          return { at: at - start, end: end < 2 ? -1 : (end >>> 1) - start, isAtBreak: (end & 1) === 1 };
        },
        get hasSigns() {
          return hasSigns.value !== 0;
        },
        get row() {
          const row = rowAt(start + to);
          return row === 0 ? -1 : row - start;
        },
      };
    },
    find(bytes, text, from) {
      const start = bytes.byteOffset;
      const [first, second, third] = [0, 1, 2].map((at) => text.charCodeAt(at)) as [number, number, number];
      const place = find(first, second, third, start + from, start + bytes.length);
      return place === 0 || place + text.length > start + bytes.length ? -1 : place - start;
    },
    lines: (bytes, from, to) => countLines(bytes.byteOffset + from, bytes.byteOffset + to),
  };
}

function writeTables(memory: Uint8Array): void {
  SETS.forEach((set, index) => {
    writeHalves(memory.subarray(index * HALVES, (index + 1) * HALVES), set);
  });
  memory.set(new Uint8Array(FIT.buffer), FIT_AT);
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

/**
 * Writes the table of a set. High halves that the set combines with the same low halves form a group. Each group has
 * its own bit.
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
