/** A text that is being read from its beginning to its end, and what stands next in it. Each search goes once through the text. */
import { type Base64Run, findBase64 } from '../../scan/index.ts';
import { START } from './handles.ts';

export interface Cursor {
  /** Begins with another text. */
  take(text: string): void;
  /** Whether something begins like a handle between two places. */
  hasHandle(from: number, to: number): boolean;
  /** The first run of base64 that begins between two places. */
  base64In(from: number, to: number): Base64Run | undefined;
  /** The place of the next handle, run of base64 or word that says base64; the end of the text if there is none. */
  next(from: number): number;
  /** Where the line of a place ends. */
  endOfLine(from: number): number;
}

/** How records say that a value is base64. */
const SAYS_BASE64 = ['"base64', 'Base64Encoded'];

export function createCursor(): Cursor {
  /** Where the next handle may begin and where the line ends, each as of the last search; -1 before the first one. */
  let [text, start, lineEnd] = ['', -1, -1];
  /** The run that was found last; undefined behind the last one. */
  let [run, searched] = [undefined as Base64Run | undefined, -1];
  /** Where the next word stands that says base64; -1 before the first search. */
  let word = -1;

  function hasHandle(from: number, to: number): boolean {
    if (start < from) {
      const found = text.indexOf(START, from);
      start = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return start < to;
  }

  function base64In(from: number, to: number): Base64Run | undefined {
    if (run !== undefined && run.index < from) [run, searched] = [undefined, run.end - 1];
    if (run === undefined && searched < text.length) {
      run = findBase64(text, Math.max(from, searched + 1));
      if (run === undefined) searched = text.length;
    }
    return run !== undefined && run.index < to ? run : undefined;
  }

  return {
    take(given) {
      [text, start, lineEnd, run, searched, word] = [given, -1, -1, undefined, -1, -1];
    },
    hasHandle,
    base64In,
    next(from) {
      if (word < from) {
        const places = SAYS_BASE64.map((one) => text.indexOf(one, from)).filter((place) => place !== -1);
        word = Math.min(text.length, ...places);
      }
      const end = Math.min(word, hasHandle(from, text.length) ? start : text.length);
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
