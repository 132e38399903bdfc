/**
 * Finds where the next handle, run of base64, or stream begins in a text. The cursor remembers each result, so that
 * each search goes through the text once.
 */
import { type Base64Run, findBase64 } from '../../scan/index.ts';
import { isBeginningAt, SHORT_START, START } from './handles.ts';
import { findPacked } from './pieces/base64.ts';
import { SAYS_STREAM } from './pieces/deltas.ts';

export interface Cursor {
  /** Begins to search another text. */
  take(text: string): void;
  /** Tells whether something that looks like a handle begins between two indexes. */
  hasHandle(from: number, to: number): boolean;
  /** Like `hasHandle`, but also finds a handle that was cut within its first characters. */
  hasBeginning(from: number, to: number): boolean;
  /** Returns the first run of base64 that begins between two indexes. */
  base64In(from: number, to: number): Base64Run | undefined;
  /**
   * Tells whether a part of a model's streamed answer may stand between two indexes: whether one of {@link SAYS_STREAM}
   * does. Every such part contains one of these words.
   */
  hasStream(from: number, to: number): boolean;
  /**
   * Returns the index of the next handle, run of base64, or word that announces base64 or a stream. Returns the length
   * of the text if none follows.
   */
  next(from: number): number;
  endOfLine(from: number): number;
}

/** The words by which records say that a value is base64. */
const SAYS_BASE64 = ['"base64', 'Base64Encoded'];

export function createCursor(): Cursor {
  /**
   * The text, and where the last searches found a whole handle, a whole or cut handle, and the end of the line. Each
   * index is -1 before the first search.
   */
  let [text, start, beginning, lineEnd] = ['', -1, -1, -1];
  const runs = [remembered(findBase64), remembered(findPacked)];
  /** The next index of each word; -1 before the first search. */
  let [words, streams] = [SAYS_BASE64.map(() => -1), SAYS_STREAM.map(() => -1)];

  /**
   * Returns the index of the first of several words.
   *
   * @param places where the last search found each word
   */
  function nextOf(words: readonly string[], places: number[], from: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (const [at, word] of words.entries()) {
      if ((places[at] ?? -1) < from) {
        const found = text.indexOf(word, from);
        places[at] = found === -1 ? Number.POSITIVE_INFINITY : found;
      }
      first = Math.min(first, places[at] ?? first);
    }
    return first;
  }

  function hasHandle(from: number, to: number): boolean {
    if (start < from) {
      const isOther = (at: number) => at !== -1 && !text.startsWith(START, at);
      start = hasBeginning(from, text.length) ? beginning : -1;
      while (isOther(start)) start = text.indexOf(SHORT_START, start + SHORT_START.length);
      if (start === -1) start = Number.POSITIVE_INFINITY;
    }
    return start < to;
  }

  function hasBeginning(from: number, to: number): boolean {
    if (beginning < from) {
      const isOther = (at: number) => at !== -1 && !isBeginningAt(text, at);
      beginning = text.indexOf(SHORT_START, from);
      while (isOther(beginning)) beginning = text.indexOf(SHORT_START, beginning + SHORT_START.length);
      if (beginning === -1) beginning = Number.POSITIVE_INFINITY;
    }
    return beginning < to;
  }

  function base64In(from: number, to: number): Base64Run | undefined {
    const [run, packed] = runs.map((found) => found.next(text, from));
    const first = run === undefined || (packed !== undefined && packed.index < run.index) ? packed : run;
    return first !== undefined && first.index < to ? first : undefined;
  }

  return {
    take(given) {
      [text, start, beginning, lineEnd] = [given, -1, -1, -1];
      for (const found of runs) found.reset();
      [words, streams] = [SAYS_BASE64.map(() => -1), SAYS_STREAM.map(() => -1)];
    },
    hasHandle,
    hasBeginning,
    base64In,
    hasStream: (from, to) => nextOf(SAYS_STREAM, streams, from) < to,
    next(from) {
      const word = Math.min(nextOf(SAYS_BASE64, words, from), nextOf(SAYS_STREAM, streams, from));
      const end = Math.min(text.length, word, hasBeginning(from, text.length) ? beginning : text.length);
      return base64In(from, end)?.index ?? end;
    },
    endOfLine(from) {
      if (lineEnd < from) {
        const found = text.indexOf('\n', from);
        lineEnd = found === -1 ? text.length : found;
      }
      return lineEnd;
    },
  };
}

interface FoundRuns {
  /**
   * Returns the first run that begins at `from` or later. Within one text, `from` must not decrease from call to call.
   */
  next(text: string, from: number): Base64Run | undefined;
  /** Forgets the result, because another text begins. */
  reset(): void;
}

/** Makes a search that remembers the last run, so that it goes through each text only once. */
function remembered(find: (text: string, from: number) => Base64Run | undefined): FoundRuns {
  /** The last run, and the index until which the text was searched. */
  let [run, searched] = [undefined as Base64Run | undefined, -1];
  return {
    next(text, from) {
      if (run !== undefined && run.index < from) [run, searched] = [undefined, run.end - 1];
      if (run === undefined && searched < text.length) {
        run = find(text, Math.max(from, searched + 1));
        if (run === undefined) searched = text.length;
      }
      return run;
    },
    reset() {
      [run, searched] = [undefined, -1];
    },
  };
}
