/**
 * Undoes the mixture of UTF-8 and UTF-16 in one log. PowerShell and other programs of Windows append text in one
 * encoding to a log in the other encoding.
 */

/**
 * A pair is a character that was decoded from two ASCII characters. If at least this many successive characters look
 * like pairs, they are pairs: among rows of so many Chinese characters, only about one in 10^13 looks like pairs.
 */
const FEWEST_PAIRS = 32;

const isText = (byte: number) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13);

/** 1 for each character that may be a pair, or may have been decoded from a zero byte and an ASCII character. */
const PAIR = new Uint8Array(0x10000);
for (let code = 0; code < PAIR.length; code += 1) {
  const low = code & 0xff;
  if (isText(code >> 8) && (low === 0 || isText(low))) PAIR[code] = 1;
}

/** Matches every character that may be a pair, and further characters. Text without a match has no pairs. */
const MAY_BE_PAIR = /[\u0900-\u7eff]/;

export interface Unmixer {
  /**
   * Takes the next chunk of a decoded log, and returns the chunk without the mixture.
   *
   * - UTF-16 after UTF-8: every second character is a zero. These zeros are removed.
   * - UTF-8 after little-endian UTF-16: two ASCII characters were decoded as one. They are separated again.
   */
  push(chunk: string): string;
  /** Returns the rest of the log. */
  end(): string;
}

export function createUnmixer(): Unmixer {
  /** Whether the last row of pairs may continue in the next chunk. */
  let isWithin = false;
  /** The row of pairs that ended the last chunk, if it is too short to be judged. */
  let held = '';

  /**
   * Finds the rows of at least {@link FEWEST_PAIRS} pairs, and splits each pair in them into its two characters. The
   * loop looks only at one place in {@link FEWEST_PAIRS}, because every such row contains one of these places.
   */
  function split(text: string): string {
    let done = isWithin ? endOfRow(text, 0) : 0;
    const parts = [splitRow(text, 0, done)];
    for (let at = done + FEWEST_PAIRS - 1; at < text.length; at += FEWEST_PAIRS) {
      if (PAIR[text.charCodeAt(at)] !== 1) continue;
      const [start, end] = [startOfRow(text, at, done), endOfRow(text, at)];
      if (end - start >= FEWEST_PAIRS) {
        parts.push(text.slice(done, start), splitRow(text, start, end));
        done = end;
      }
      at = end - 1;
    }
    isWithin = done === text.length;
    const last = startOfRow(text, text.length, done);
    held = text.slice(last);
    return parts.join('') + text.slice(done, last);
  }

  return {
    push(chunk) {
      const text = held + chunk;
      if (text === held) return '';
      held = '';
      const isMixed = MAY_BE_PAIR.test(text);
      isWithin &&= isMixed;
      const unmixed = isMixed ? split(text) : text;
      return unmixed.includes('\0') ? unmixed.replaceAll('\0', '') : unmixed;
    },
    end: () => held,
  };
}

/**
 * Returns the index at which the row of pairs before `at` begins.
 *
 * @param least the smallest index at which the row may begin
 */
function startOfRow(text: string, at: number, least: number): number {
  let start = at;
  while (start > least && PAIR[text.charCodeAt(start - 1)] === 1) start -= 1;
  return start;
}

function endOfRow(text: string, at: number): number {
  let end = at;
  while (end < text.length && PAIR[text.charCodeAt(end)] === 1) end += 1;
  return end;
}

function splitRow(text: string, from: number, to: number): string {
  const characters: string[] = [];
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    characters.push(String.fromCharCode(code & 0xff, code >> 8));
  }
  return characters.join('');
}
