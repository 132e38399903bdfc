/** Puts broken handles together before the log is read. */
import { brokenHandles, LONGEST_HANDLE } from '../../../scan/index.ts';
import { SAYS_STREAM } from './deltas.ts';

/**
 * The most characters that are held back until the rest of a broken handle arrives. Escapes and prefixes make the
 * pieces of a handle longer than the handle itself.
 */
const LONGEST_WAIT = 2 * LONGEST_HANDLE;

export interface Mended {
  readonly text: string;
  /** The last lines of the text, if they contain a handle that may continue in later text. */
  readonly rest: string;
  /** The handles that were put together. */
  readonly handles: readonly string[];
}

/**
 * Replaces the pieces of each broken handle, and the text between them, by the whole handle. Adds empty lines after the
 * line of the handle for the lines that are lost, so that later lines keep their numbers.
 *
 * @param text whole lines, each with its line break
 * @param isLast whether no text will follow
 */
export function mend(text: string, isLast: boolean): Mended {
  const parts: string[] = [];
  const handles: string[] = [];
  let [done, missing, end] = [0, 0, text.length];
  /** Copies the text until an index. If the copied part has a line break, the missing line breaks are added there. */
  const copy = (to: number) => {
    const lineEnd = missing === 0 ? -1 : text.indexOf('\n', done);
    if (lineEnd !== -1 && lineEnd < to) {
      parts.push(text.slice(done, lineEnd), '\n'.repeat(missing));
      [done, missing] = [lineEnd, 0];
    }
    parts.push(text.slice(done, to));
    done = to;
  };
  for (const broken of brokenHandles(text, isLast)) {
    if (broken.handle === undefined) {
      const line = text.lastIndexOf('\n', broken.index) + 1;
      if (text.length - line <= LONGEST_WAIT && line >= done) end = line;
      break;
    }
    if (isOfStream(text.slice(broken.index, broken.end))) continue;
    copy(broken.index);
    parts.push(broken.handle);
    handles.push(broken.handle);
    for (let at = text.indexOf('\n', broken.index); at !== -1 && at < broken.end; at = text.indexOf('\n', at + 1)) missing += 1;
    done = broken.end;
  }
  if (done === 0) return { text: end === text.length ? text : text.slice(0, end), rest: text.slice(end), handles: [] };
  copy(end);
  return { text: parts.join(''), rest: text.slice(end), handles };
}

/** Tells whether a text contains records of a stream. `streams.ts` puts their pieces together, record by record. */
function isOfStream(text: string): boolean {
  return text.includes('}') && SAYS_STREAM.some((word) => text.includes(word));
}
