/** Takes handles out of a text that is to leave the house, and leaves all else as it is. */
import { fingerprint } from '../handle/index.ts';
import { mayBecomeBreak } from './candidates.ts';
import { CLASS, isLikeCiphertext } from './ciphertext.ts';
import { LONGEST_HANDLE } from './find.ts';
import { type Reading, readings, WAKE } from './read.ts';

export interface Redactor {
  /** Takes a chunk, which may be cut anywhere, and gives what can be said by now. */
  push(chunk: string): Promise<string>;
  /** Gives what was held back. */
  end(): Promise<string>;
  /** What was found so far. */
  readonly count: RedactionCount;
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

/** So many lines are named. */
const MOST_LINES = 100;

/** How much is held back until it is clear what it is, in characters: a handle may be written with escapes. */
const MOST_HELD = 2 * LONGEST_HANDLE;

/** How much of what was said is kept, to be looked back at. Characters. */
const CONTEXT = 512;

/** A word of more characters than this is said before it ends, unless it looks like ciphertext. */
const LONGEST_WORD = 4_096;

/** An escape or a control sequence may be cut by the end of a text. Characters. */
const LONGEST_ESCAPE = 32;

/** What no handle contains, however it is written: here it ends. */
const FOREIGN = /[^A-Za-z0-9_.%\\-]/;

/**
 * Replaces each handle by its fingerprint, as `[handle Zm9vYmFyYmF6]`, and what is left of one that was cut or changed by
 * `[handle, cut]`. What may be a piece of a handle, or anything else, stays, and its line is counted. The characters of
 * the text may stand for bytes (ISO 8859-1).
 */
export function createRedactor(): Redactor {
  let [handles, cut, suspects] = [0, 0, 0];
  const lines: number[] = [];
  /** What was said last, and what is not said yet. */
  let [context, held] = ['', ''];
  /** So many of the characters that are not said yet stand behind a piece of a handle. */
  let wake = 0;
  /** What came since it was last looked at. */
  let waiting: string[] = [];
  let waitingLength = 0;
  /** Within what began as a handle and is longer than any. It was said, and the rest of it is left out. */
  let within = false;
  /** The line in which the text that is not said yet begins, from 1; and the last one that was counted as suspect. */
  let [line, lastSuspect] = [1, 0];

  function replacementOf(reading: Reading): string | Promise<string> {
    if (reading.type === 'handle') {
      handles += 1;
      return fingerprint(reading.handle).then((name) => `[handle ${name}]`);
    }
    cut += 1;
    return '[handle, cut]';
  }

  function suspect(first: number, last: number): void {
    for (let number = Math.max(first, lastSuspect + 1); number <= last; number += 1) {
      suspects += 1;
      if (lines.length < MOST_LINES) lines.push(number);
      lastSuspect = number;
    }
  }

  /** Says what is clear of the text that was held back, and holds back the rest. */
  async function settle(isLast: boolean): Promise<string> {
    const all = [context, held, ...waiting].join('');
    let from = context.length;
    [waiting, waitingLength] = [[], 0];
    const parts: (string | Promise<string>)[] = [];
    const say = (end: number, instead?: string | Promise<string>) => {
      parts.push(instead ?? all.slice(from, end));
      line += lineBreaks(all, from, end);
      from = end;
    };
    let end: number | undefined;
    wake += from;
    for (const reading of readings(all, from, isLast, wake)) {
      if (reading.type === 'open' && all.length - reading.index <= MOST_HELD) {
        end = reading.index;
        break;
      }
      say(reading.index);
      if (reading.type !== 'handle') wake = reading.end + WAKE;
      if (reading.type === 'handle' || reading.type === 'cut') say(reading.end, replacementOf(reading));
      else if (reading.type === 'suspect') suspect(line, line + lineBreaks(all, reading.index, reading.end));
      else if (!reading.isHandle) suspect(line, line + lineBreaks(all, reading.index, reading.end));
      else {
        within = true;
        say(all.length, replacementOf(reading));
      }
    }
    end ??= isLast ? all.length : all.length - lengthOfWordAtEnd(all, from);
    say(end);
    wake = Math.max(0, wake - from);
    [context, held] = [all.slice(Math.max(0, from - CONTEXT), from), all.slice(from)];
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
      // Looking again at all that is held back pays only once a line has ended, or there is much more of it.
      const isSoon = text.includes('\n') || waitingLength > held.length / 8;
      return isSoon ? settle(false) : '';
    },
    end: () => settle(true),
    get count() {
      return { handles, cut, suspects, lines };
    },
  };
}

/** How much of the end of a text may be the beginning of a word, or of what breaks one, that goes on behind it. */
function lengthOfWordAtEnd(text: string, from: number): number {
  for (let at = Math.max(from, text.length - LONGEST_ESCAPE); at < text.length; at += 1) {
    if ('\u001b\\%'.includes(text.charAt(at)) && mayBecomeBreak(text, at)) return text.length - at;
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
