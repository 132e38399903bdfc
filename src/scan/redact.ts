/** Replaces the handles in a text, so that its owner can give the text to others. All other text stays as it is. */
import { fingerprint } from '../handle/digest.ts';
import { ANCHOR, LONGEST_HANDLE } from './find.ts';
import { shapeOf } from './normalize.ts';
import { mayContainPieces } from './pieces/between.ts';
import { mayBecomeBreak } from './pieces/breaks.ts';
import { CLASS, isLikeCiphertext, mayBeNextPiece, SHORTEST_SUSPECT } from './pieces/ciphertext.ts';
import { MORE_PIECES_WITHIN, type Reading, readings, TAG_WITHIN } from './read.ts';
import { arraysIn, LONGEST_BETWEEN } from './reported/arrays.ts';
import { binaryIn, LONGEST_BINARY } from './reported/binary.ts';
import { interruptedIn } from './reported/interrupted.ts';
import { createRowFollower } from './reported/rows.ts';
import { createStreamFollower, LONGEST_RECORD, mayBeginStream } from './reported/streams.ts';

/** Replaces the handles in a text that arrives in chunks. */
export interface Redactor {
  /**
   * Takes the next chunk of the text, which may end anywhere. Returns the redacted text that no later chunk can change.
   */
  push(chunk: string): Promise<string>;
  /** Ends the text, and returns the rest of the redacted text. */
  end(): Promise<string>;
  /** The handles and lines that were found so far. */
  readonly count: RedactionCount;
}

/** A redactor whose caller can skip text in which `push` would find nothing. */
export interface SkippingRedactor extends Redactor {
  /**
   * How many of the last characters the redactor holds back. Undefined if later text may belong to something that was
   * found. The caller must then not call {@link skip}.
   */
  readonly held: number | undefined;
  /**
   * Skips text in which `push` would find nothing, even together with the characters that are held back.
   *
   * @param lines how many line breaks the text has
   * @param end the end of the text: its last {@link LOOK_BACK} characters, or all of a shorter text
   * @returns the characters that were held back. They precede the skipped text
   */
  skip(lines: number, end: string): string;
}

/** How many handles were replaced, and which lines may still contain pieces of handles. */
export interface RedactionCount {
  /** How many whole handles were replaced. */
  readonly handles: number;
  /** How many cut handles were replaced. A cut handle lacks its beginning or its end. */
  readonly cut: number;
  /** How many lines may contain pieces of handles. These lines stay as they are. */
  readonly suspects: number;
  /** The numbers of the first 10,000 of these lines, in ascending order, counted from 1. */
  readonly lines: readonly number[];
}

const MOST_LINES = 10_000;

const WORD = new RegExp(`[A-Za-z0-9_.-]{${SHORTEST_SUSPECT},}`, 'g');

/**
 * The maximum number of characters that are held back until the redactor knows what they are. Escapes make a handle
 * longer, so this is twice the longest handle.
 */
const MOST_HELD = 2 * LONGEST_HANDLE;

/** How many characters before the held text are kept. They help to judge the held text. */
const CONTEXT = 512;

/** How many redacted characters are kept. A handle in them may continue in the next chunk. */
export const LOOK_BACK = 4_096;

/** An array that may continue is kept whole if it has fewer characters than this. */
const MOST_OF_ARRAY = 65_536;

/** How many digits must follow the prefix of a line so that the line counts as base64. */
const SHORTEST_LINE = 16;

/**
 * A word of up to this many characters is held back until it ends. A longer word is released earlier, unless it looks
 * like ciphertext.
 */
const LONGEST_WORD = 4_096;

/** After this many successive readings that released nothing, the redactor no longer reads at every line end. */
const MOST_FRUITLESS = 16;

/** The longest escape or control sequence that the end of a text may cut, in characters. */
const LONGEST_ESCAPE = 32;

/** Matches a character that ends a handle. The pattern is used only for handles that are too long. */
const FOREIGN = /[^A-Za-z0-9_.%\\-]/;

/**
 * Creates a redactor. It replaces each handle by the handle's fingerprint, as `[handle Zm9vYmFyYmF6]`. It replaces a
 * handle that was cut or changed by `[handle, cut]`. Text that may be a piece of a handle stays, and its line is
 * counted.
 *
 * The characters of the text may stand for bytes (ISO 8859-1).
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

export function createSkippingRedactor(): SkippingRedactor {
  let [handles, cut, suspects] = [0, 0, 0];
  const lines: number[] = [];
  /** `context` is the end of `recent`, up to {@link CONTEXT} characters. `held` is the text that is held back. */
  let [context, held] = ['', ''];
  /** The end of the released text. For each replaced part, it has `[handle]` and then the line breaks of this part. */
  let recent = '';
  /** If `recent` begins within a line: the beginning of this line, up to {@link LONGEST_RECORD} characters. */
  let lineStart = '';
  /** Up to this index of the held text, shorter pieces than usual are reported: see {@link MORE_PIECES_WITHIN}. */
  let piecesUntil = 0;
  /** A tag before this index of the held text counts as the end of the last cut handle: see {@link TAG_WITHIN}. */
  let tagUntil = 0;
  /** The chunks that arrived after the last reading. */
  let waiting: string[] = [];
  /** The number of characters in `waiting`. */
  let waitingLength = 0;
  /** How many successive readings released nothing. */
  let fruitless = 0;
  /**
   * Whether the next text belongs to a handle that is too long. Its beginning was replaced, and its rest is left out.
   */
  let inLongHandle = false;
  /** The number of the line in which the held text begins, from 1. */
  let line = 1;
  /** The number of the line in which the last piece of a handle ended. */
  let lastPiece = 0;
  /** The lines that ended with a handle in base64. `shape` matches the next lines of the same base64. */
  let encoded: { readonly line: number; readonly shape: RegExp | undefined }[] = [];
  const follower = createStreamFollower();
  const rows = createRowFollower();
  /** The number of the last line that `follower` and `rows` have seen. */
  let followed = 0;
  /** The lines that were reported lately, so that no line is counted twice. */
  const reported = new Set<number>();

  function replacementOf(reading: Reading): string | Promise<string> {
    if (reading.type === 'handle') {
      handles += 1;
      return fingerprint(reading.handle).then((name) => `[handle ${name}]`);
    }
    cut += 1;
    return '[handle, cut]';
  }

  function report(first: number, last: number): void {
    for (let number = first; number <= last; number += 1) {
      if (reported.has(number)) continue;
      reported.add(number);
      suspects += 1;
      // Only the end of an encoded body shows what the body contains. So a line may be reported after a later line.
      lines.splice(lines.findLastIndex((other) => other < number) + 1, 0, number);
      lines.length = Math.min(lines.length, MOST_LINES);
    }
    // The longest array that is kept has fewer lines than characters. No line before it is reported again.
    if (reported.size > 2 * MOST_OF_ARRAY) for (const number of reported) if (number < line - MOST_OF_ARRAY) reported.delete(number);
  }

  /** Reports the recent lines that may contain pieces of a handle, after a later piece of this handle was found. */
  function reportEarlierPieces(): void {
    const text = recent.slice(-CONTEXT);
    const [texts, after] = [text.split('\n'), line - lastPiece];
    const between = texts.slice(-after, -1).join('\n');
    const around = [...texts.slice(0, -after), texts.at(-1)].join('\n');
    if (after > 1 && after < texts.length && mayContainPieces(between, around)) report(lastPiece + 1, line - 1);
    const first = text.lastIndexOf('[handle]') + '[handle]'.length - 1;
    for (const { 0: word, index } of text.slice(Math.max(0, first)).matchAll(WORD)) {
      if (!mayBeNextPiece(word)) continue;
      const number = line - lineBreaks(text, Math.max(0, first) + index, text.length);
      report(number, number);
    }
  }

  /**
   * Returns a pattern for the next lines of the base64 in which the last handle was found. They have the same prefix as
   * the line of the handle. Undefined if this line has no prefix.
   */
  function shapeOfPrefix(): RegExp | undefined {
    const prefix = /([^\n]*?)[A-Za-z0-9+/_-]*\[handle\]$/.exec(recent.slice(-CONTEXT))?.[1] ?? '';
    return prefix === '' ? undefined : new RegExp(`${shapeOf(prefix).source}[A-Za-z0-9+/_-]{${SHORTEST_LINE}}`);
  }

  /** Reports the lines after a handle that was found in base64, if they continue the base64. */
  function reportEncoded(isLast: boolean): void {
    if (encoded.length === 0) return;
    const texts = recent.split('\n');
    const first = line - texts.length + 1;
    const whole = isLast ? texts.length : texts.length - 1;
    encoded = encoded.flatMap(({ line: last, shape }) => {
      let next = last + 1;
      for (; next - first < whole && shape?.test(texts[next - first] ?? ''); next += 1) report(next, next);
      return shape !== undefined && next - first === whole ? [{ line: next - 1, shape }] : [];
    });
  }

  /** Reports the records of streams, and the rows of base64, that contain pieces of a handle. */
  function reportRecords(isLast: boolean): void {
    if (!isLast && followed + 1 >= line) return;
    const texts = `${lineStart}${recent}`.split('\n');
    if (!isLast) texts.pop();
    const first = line - texts.length + (isLast ? 1 : 0);
    for (const [place, text] of texts.entries()) {
      if (first + place <= followed) continue;
      followed = first + place;
      if (follower.isRecord(text)) report(followed, followed);
      for (const number of rows.push(text, followed)) report(number, number);
    }
    if (isLast) for (const number of rows.end()) report(number, number);
  }

  /** Shortens `recent` to the text from an index on. */
  function forget(end: number): void {
    if (end === 0) return;
    const start = recent.lastIndexOf('\n', end - 1) + 1;
    // The beginning of the line is enough: the piece in a stream's record ends within `LONGEST_RECORD` characters.
    lineStart = `${start === 0 ? lineStart : ''}${recent.slice(start, end)}`.slice(0, LONGEST_RECORD);
    recent = recent.slice(end);
  }

  /** Reads the held text, releases what no later text can change, and holds back the rest. */
  async function readHeld(isLast: boolean): Promise<string> {
    const all = [context, held, ...waiting].join('');
    const fresh = Math.max(0, recent.length - LONGEST_BINARY);
    let from = context.length;
    [waiting, waitingLength] = [[], 0];
    const parts: (string | Promise<string>)[] = [];
    const release = (end: number, instead?: string | Promise<string>) => {
      parts.push(instead ?? all.slice(from, end));
      const breaks = lineBreaks(all, from, end);
      recent += instead === undefined ? all.slice(from, end) : `[handle]${'\n'.repeat(breaks)}`;
      line += breaks;
      from = end;
    };
    let end: number | undefined;
    piecesUntil += from;
    tagUntil += from;
    for (const reading of readings(all, from, isLast, piecesUntil, tagUntil)) {
      if (reading.type === 'undecided' && all.length - reading.index <= MOST_HELD) {
        end = reading.index;
        break;
      }
      release(reading.index);
      if (reading.type === 'suspect' || (reading.type === 'cut' && !all.startsWith(ANCHOR, reading.index))) reportEarlierPieces();
      if (reading.type !== 'handle') piecesUntil = reading.end + MORE_PIECES_WITHIN;
      if (reading.type === 'cut' && reading.isEncoded !== true) tagUntil = reading.end + TAG_WITHIN;
      if (reading.type === 'handle' || reading.type === 'cut') {
        release(reading.end, replacementOf(reading));
        if (reading.type === 'cut' && reading.isEncoded) encoded.push({ line, shape: shapeOfPrefix() });
      } else if (reading.type === 'suspect') report(line, line + lineBreaks(all, reading.index, reading.end));
      else if (!reading.isHandle) report(line, line + lineBreaks(all, reading.index, reading.end));
      else {
        inLongHandle = true;
        release(all.length, replacementOf(reading));
      }
      if (reading.type !== 'handle') lastPiece = line + lineBreaks(all, from, reading.end);
    }
    end ??= isLast ? all.length : all.length - lengthOfWordAtEnd(all, from);
    release(end);
    const arrays = arraysIn(recent);
    const data = [...binaryIn(recent.slice(fresh))].map(({ index, end }) => ({ index: fresh + index, end: fresh + end }));
    for (const { index, end } of [...interruptedIn(recent), ...arrays, ...data]) {
      const last = line - lineBreaks(recent, end, recent.length);
      report(last - lineBreaks(recent, index, end), last);
    }
    reportEncoded(isLast);
    reportRecords(isLast);
    // An array that may continue is kept whole, because only its beginning shows that it is a handle.
    const array = arrays.at(-1);
    const isArray = array !== undefined && recent.length - array.end < LONGEST_BETWEEN && recent.length - array.index < MOST_OF_ARRAY;
    forget(Math.max(0, Math.min(recent.length - LOOK_BACK, isArray ? array.index : recent.length)));
    [piecesUntil, tagUntil] = [Math.max(0, piecesUntil - from), Math.max(0, tagUntil - from)];
    // The context is redacted text, so that the parts of a replaced handle do not count as earlier pieces.
    [context, held] = [recent.slice(-CONTEXT), all.slice(from)];
    return (await Promise.all(parts)).join('');
  }

  return {
    async push(chunk) {
      let text = chunk;
      if (inLongHandle) {
        const end = text.search(FOREIGN);
        if (end === -1) return '';
        inLongHandle = false;
        text = text.slice(end);
      }
      waiting.push(text);
      waitingLength += text.length;
      // If the text is held back over many lines, reading it again at every line end would take too long.
      const isSoon = waitingLength > held.length / 8 || (fruitless < MOST_FRUITLESS && text.includes('\n'));
      if (!isSoon) return '';
      const out = await readHeld(false);
      fruitless = out === '' ? fruitless + 1 : 0;
      return out;
    },
    end: () => readHeld(true),
    get held() {
      const text = `${lineStart}${recent}`;
      const lastLine = text.slice(text.lastIndexOf('\n') + 1);
      const isInStream = follower.isFollowing || mayBeginStream(lastLine);
      const isBusy = inLongHandle || piecesUntil > 0 || encoded.length > 0 || isInStream || recent.length > LOOK_BACK;
      return isBusy ? undefined : held.length + waitingLength;
    },
    skip(breaks, end) {
      const rest = [held, ...waiting].join('');
      line += lineBreaks(rest, 0, rest.length) + breaks;
      // The skipped lines contain no pieces, so `follower` and `rows` need not see them.
      followed = line - 1;
      recent = `${recent}${rest}${end}`.slice(-LOOK_BACK);
      lineStart = '';
      context = recent.slice(-CONTEXT);
      [held, waiting, waitingLength] = ['', [], 0];
      return rest;
    },
    get count() {
      return { handles, cut, suspects, lines };
    },
  };
}

/** Returns how many characters at the end of a text belong to a word or a break that may continue in later text. */
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
