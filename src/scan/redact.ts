/** Takes the handles out of a text, so that its owner can give the text away. All other text stays as it is. */
import { fingerprint } from '../handle/digest.ts';
import { mayBecomeBreak } from './candidates.ts';
import { CLASS, isLikeCiphertext, isSuspectPiece, SHORTEST_SUSPECT } from './ciphertext.ts';
import { arraysIn, confettiIn, createFollower, dataIn, MOST_OF_DATA } from './confetti.ts';
import { LONGEST_HANDLE, START } from './find.ts';
import { shapeOf } from './layers.ts';
import { PROOF, type Reading, readings, WAKE } from './read.ts';

export interface Redactor {
  /** Takes a chunk of the text, which may be cut anywhere. Returns the redacted text that no later chunk can change. */
  push(chunk: string): Promise<string>;
  /** Returns the rest. */
  end(): Promise<string>;
  /** The numbers of what was found so far. */
  readonly count: RedactionCount;
}

/** A redactor whose caller may leave out text in which the redactor would find nothing. */
export interface SkippingRedactor extends Redactor {
  /**
   * How many of the last characters are held back; undefined if the next text may belong to something that was found, so
   * that {@link skip} must not leave it out.
   */
  readonly held: number | undefined;
  /**
   * Leaves out a text in which {@link push} would find nothing, even if it begins among the characters that are held back.
   *
   * @param lines how many line breaks the text has
   * @param end the last characters of the text, {@link LONGEST_MEMORY} of them if it has so many
   * @returns the characters that were held back. They stand before the text
   */
  skip(lines: number, end: string): string;
}

export interface RedactionCount {
  /** Whole handles that were replaced. */
  readonly handles: number;
  /** Handles without their beginning or their end that were replaced. */
  readonly cut: number;
  /** Lines that stay as they are and may hold pieces of handles. */
  readonly suspects: number;
  /** The first 100 of these lines, by number, from 1. */
  readonly lines: readonly number[];
}

/** The most lines that are named. */
const MOST_LINES = 100;

/** How the first piece of a handle begins. */
const BEGINNING = START.slice(0, 3);

/** A word that may be a piece. */
const WORD = new RegExp(`[A-Za-z0-9_.-]{${SHORTEST_SUSPECT},}`, 'g');

/** The most characters that are held back until their reading is certain: twice the longest handle, because escapes make it longer. */
const MOST_HELD = 2 * LONGEST_HANDLE;

/** How many characters before the rest are kept, because the reader looks back at them. */
const CONTEXT = 512;

/** How many redacted characters are kept, so that confetti is recognized in small chunks, too. */
const CONFETTI = 4_096;
export const LONGEST_MEMORY = CONFETTI;

/** How many characters of an array of bytes are kept. */
const MOST_OF_ARRAY = 65_536;

/** The shortest line of base64 behind a prefix that is named, in digits. */
const SHORTEST_LINE = 16;

/** A longer word is given out before it ends, unless it looks like ciphertext. Characters. */
const LONGEST_WORD = 4_096;

/** After so many readings in a row that gave out nothing, the end of a line is no reason to read again. */
const MOST_IN_VAIN = 16;

/** The longest escape or control sequence that the end of a text may cut, in characters. */
const LONGEST_ESCAPE = 32;

/** A character that no spelling of a handle contains. It ends a handle. */
const FOREIGN = /[^A-Za-z0-9_.%\\-]/;

/**
 * Replaces each handle by its fingerprint, as `[handle Zm9vYmFyYmF6]`, and the rest of a handle that was cut or changed
 * by `[handle, cut]`. A possible piece of a handle stays, and its line is counted. The characters of the text may stand
 * for bytes (ISO 8859-1).
 *
 * @example
 * ```ts
 * import { createRedactor } from 'waxseal/scan';
 *
 * async function redacted(chunks: AsyncIterable<string>): Promise<string> {
 *   const redactor = createRedactor();
 *   let text = '';
 *   for await (const chunk of chunks) text += await redactor.push(chunk);
 *   return text + (await redactor.end());
 * }
 * ```
 */
export function createRedactor(): Redactor {
  return createSkippingRedactor();
}

/** Makes the redactor for the bytes of a log: see {@link createRedactor}. */
export function createSkippingRedactor(): SkippingRedactor {
  let [handles, cut, suspects] = [0, 0, 0];
  const lines: number[] = [];
  /** The last text that was given out, and the text that is held back. */
  let [context, held] = ['', ''];
  /** The end of the redacted text, without fingerprints. Its line breaks are those of the text. */
  let said = '';
  /** How many of the characters that are held back are in the wake of a piece. */
  let wake = 0;
  /** How many of the characters that are held back are near enough to a cut handle that a tag among them is its end: see {@link PROOF}. */
  let proof = 0;
  /** The chunks that came since the last reading. */
  let waiting: string[] = [];
  let waitingLength = 0;
  /** How many readings in a row gave out nothing. */
  let vain = 0;
  /** Whether the text is within a handle that is too long. This handle was replaced at its beginning, and its rest is left out. */
  let within = false;
  /** The line in which the text that is held back begins, from 1. */
  let line = 1;
  /** The lines that ended with a handle in base64, and how the next lines of that base64 would begin. */
  let encoded: { readonly line: number; readonly shape: RegExp | undefined }[] = [];
  /** Finds the records of a stream with a handle in pieces. `followed` is the last line that the follower has seen. */
  const follower = createFollower();
  let followed = 0;
  /** The last lines that were counted as suspect. */
  const named = new Set<number>();

  function replacementOf(reading: Reading): string | Promise<string> {
    if (reading.type === 'handle') {
      handles += 1;
      return fingerprint(reading.handle).then((name) => `[handle ${name}]`);
    }
    cut += 1;
    return '[handle, cut]';
  }

  function suspect(first: number, last: number): void {
    for (let number = first; number <= last; number += 1) {
      if (named.has(number)) continue;
      named.add(number);
      suspects += 1;
      // A line may be named after later lines, because only the end of an encoded body shows what the body holds.
      lines.splice(lines.findLastIndex((other) => other < number) + 1, 0, number);
      lines.length = Math.min(lines.length, MOST_LINES);
    }
    // No line so far back is named again.
    if (named.size > 2 * CONFETTI) for (const number of named) if (number < line - CONFETTI) named.delete(number);
  }

  /** Names the lines that may have earlier pieces of a handle, before the first piece that was recognized for sure. */
  function suspectBefore(): void {
    const text = said.slice(-CONTEXT);
    const first = text.lastIndexOf('[handle]') + '[handle]'.length - 1;
    for (const { 0: word, index } of text.slice(Math.max(0, first)).matchAll(WORD)) {
      if (!isSuspectPiece(word)) continue;
      const number = line - lineBreaks(text, Math.max(0, first) + index, text.length);
      suspect(number, number);
    }
  }

  /** The form of the prefix of a line before the last handle in base64; undefined if the line has no prefix. */
  function shapeOfPrefix(): RegExp | undefined {
    const prefix = /([^\n]*?)[A-Za-z0-9+/_-]*\[handle\]$/.exec(said.slice(-CONTEXT))?.[1] ?? '';
    return prefix === '' ? undefined : new RegExp(`${shapeOf(prefix).source}[A-Za-z0-9+/_-]{${SHORTEST_LINE}}`);
  }

  /** Names the lines behind the same prefix that continue a base64 in which a handle was found. */
  function suspectEncoded(isLast: boolean): void {
    if (encoded.length === 0) return;
    const texts = said.split('\n');
    const first = line - texts.length + 1;
    const whole = isLast ? texts.length : texts.length - 1;
    encoded = encoded.flatMap(({ line: last, shape }) => {
      let next = last + 1;
      for (; next - first < whole && shape?.test(texts[next - first] ?? ''); next += 1) suspect(next, next);
      return shape !== undefined && next - first === whole ? [{ line: next - 1, shape }] : [];
    });
  }

  /** Names the records of streams that have pieces of a handle. */
  function suspectRecords(isLast: boolean): void {
    if (!isLast && followed + 1 >= line) return;
    const texts = said.split('\n');
    if (!isLast) texts.pop();
    const first = line - texts.length + (isLast ? 1 : 0);
    for (const [place, text] of texts.entries()) {
      if (first + place <= followed) continue;
      followed = first + place;
      if (follower.isRecord(text)) suspect(followed, followed);
    }
  }

  /** Gives out the text that is certain, and holds back the rest. */
  async function settle(isLast: boolean): Promise<string> {
    const all = [context, held, ...waiting].join('');
    const fresh = Math.max(0, said.length - MOST_OF_DATA);
    let from = context.length;
    [waiting, waitingLength] = [[], 0];
    const parts: (string | Promise<string>)[] = [];
    const say = (end: number, instead?: string | Promise<string>) => {
      parts.push(instead ?? all.slice(from, end));
      const breaks = lineBreaks(all, from, end);
      said += instead === undefined ? all.slice(from, end) : `[handle]${'\n'.repeat(breaks)}`;
      line += breaks;
      from = end;
    };
    let end: number | undefined;
    wake += from;
    proof += from;
    for (const reading of readings(all, from, isLast, wake, proof)) {
      if (reading.type === 'open' && all.length - reading.index <= MOST_HELD) {
        end = reading.index;
        break;
      }
      say(reading.index);
      if (reading.type === 'suspect' || (reading.type === 'cut' && !all.startsWith(BEGINNING, reading.index))) suspectBefore();
      if (reading.type !== 'handle') wake = reading.end + WAKE;
      if (reading.type === 'cut' && reading.isEncoded !== true) proof = reading.end + PROOF;
      if (reading.type === 'handle' || reading.type === 'cut') {
        say(reading.end, replacementOf(reading));
        if (reading.type === 'cut' && reading.isEncoded) encoded.push({ line, shape: shapeOfPrefix() });
      } else if (reading.type === 'suspect') suspect(line, line + lineBreaks(all, reading.index, reading.end));
      else if (!reading.isHandle) suspect(line, line + lineBreaks(all, reading.index, reading.end));
      else {
        within = true;
        say(all.length, replacementOf(reading));
      }
    }
    end ??= isLast ? all.length : all.length - lengthOfWordAtEnd(all, from);
    say(end);
    const arrays = arraysIn(said);
    const data = [...dataIn(said.slice(fresh))].map(({ index, end }) => ({ index: fresh + index, end: fresh + end }));
    for (const { index, end } of [...confettiIn(said), ...arrays, ...data]) {
      const last = line - lineBreaks(said, end, said.length);
      suspect(last - lineBreaks(said, index, end), last);
    }
    suspectEncoded(isLast);
    suspectRecords(isLast);
    // An array that goes on stays whole, because only its beginning tells that it is a handle.
    const array = arrays.at(-1);
    const isArray = array !== undefined && said.length - array.end < LONGEST_ESCAPE && said.length - array.index < MOST_OF_ARRAY;
    said = said.slice(Math.max(0, Math.min(said.length - CONFETTI, isArray ? array.index : said.length)));
    [wake, proof] = [Math.max(0, wake - from), Math.max(0, proof - from)];
    // Parts of a handle that was taken out must not count as pieces before the next word.
    [context, held] = [said.slice(-CONTEXT), all.slice(from)];
    return (await Promise.all(parts)).join('');
  }

  return {
    async push(chunk) {
      let text = chunk;
      if (within) {
        const end = text.search(FOREIGN);
        if (end === -1) return '';
        within = false;
        text = text.slice(end);
      }
      waiting.push(text);
      waitingLength += text.length;
      // Reading the held text again pays only after the end of a line, or if there is much more text. A text that goes on
      // over many lines would be read as often as it has lines.
      const isSoon = waitingLength > held.length / 8 || (vain < MOST_IN_VAIN && text.includes('\n'));
      if (!isSoon) return '';
      const out = await settle(false);
      vain = out === '' ? vain + 1 : 0;
      return out;
    },
    end: () => settle(true),
    get held() {
      const isBusy = within || wake > 0 || encoded.length > 0 || follower.isFollowing || said.length > CONFETTI;
      return isBusy ? undefined : held.length + waitingLength;
    },
    skip(breaks, end) {
      const rest = [held, ...waiting].join('');
      line += lineBreaks(rest, 0, rest.length) + breaks;
      // The lines that ended in the text have no pieces.
      followed = line - 1;
      said = `${said}${rest}${end}`.slice(-CONFETTI);
      context = said.slice(-CONTEXT);
      [held, waiting, waitingLength] = ['', [], 0];
      return rest;
    },
    get count() {
      return { handles, cut, suspects, lines };
    },
  };
}

/** How many characters at the end of a text may begin a word or a break that goes on behind it. */
function lengthOfWordAtEnd(text: string, from: number): number {
  for (let at = Math.max(from, text.length - LONGEST_ESCAPE); at < text.length; at += 1) {
    if ('\u001b\\%&='.includes(text.charAt(at)) && mayBecomeBreak(text, at)) return text.length - at;
  }
  let at = text.length;
  while (at > from && text.length - at < LONGEST_WORD && (CLASS[text.charCodeAt(at - 1)] ?? 0) !== 0) at -= 1;
  return text.length - at < LONGEST_WORD || isLikeCiphertext(text, at) ? text.length - at : CONTEXT;
}

function lineBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
