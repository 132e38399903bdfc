/** Undoes the mixture of UTF-8 and UTF-16 in one log. PowerShell and other programs of Windows append one to the other. */

/**
 * The fewest characters in a row that are surely two characters of ASCII each. Of Chinese text, about one in 10^13 rows of
 * this length looks alike.
 */
const FEWEST_PAIRS = 32;

const isText = (byte: number) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13);

/** Whether a character may be two characters of ASCII, or one behind a zero, by its code. */
const PAIR = new Uint8Array(0x10000);
for (let code = 0; code < PAIR.length; code += 1) {
  const low = code & 0xff;
  if (isText(code >> 8) && (low === 0 || isText(low))) PAIR[code] = 1;
}

/** The characters among which the pairs are. */
const MAY_BE_PAIR = /[\u0900-\u7eff]/;

export interface Unmixer {
  /**
   * Takes the next chunk of a decoded log. Removes zeros, which are every other character of UTF-16 behind UTF-8. A character
   * that is two characters of ASCII becomes these two: it is UTF-8 behind UTF-16 with the less significant byte first.
   */
  push(chunk: string): string;
  /** Returns the rest. */
  end(): string;
}

export function createUnmixer(): Unmixer {
  /** Whether the last row of pairs goes on. */
  let isWithin = false;
  /** A row at the end that is too short to be judged. */
  let held = '';

  /** Splits the pairs in rows that are long enough. A row of this length has one of the places that the loop looks at. */
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

/** Where the row of pairs around a place begins, and where it ends. @param least the first place that counts */
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
