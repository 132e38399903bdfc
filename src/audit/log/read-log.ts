/** Reads a log chunk by chunk, and holds back at most a line or a piece of a line. */

import type { Mention } from './mention.ts';
import { countEncoded } from './pieces/encoded.ts';
import { mend } from './pieces/mend.ts';
import { joinParts } from './pieces/parts.ts';
import { createStreams } from './pieces/streams.ts';
import { collecting, type TextOptions } from './reader.ts';
import { createTextReader } from './text.ts';

/** A longer line is read in pieces. Characters. */
export const LONGEST_PIECE = 1_048_576;

/** A longer string is only searched for handles. Characters. */
const LONGEST_STRING = 4 * LONGEST_PIECE;

export interface LogReader {
  /** Takes a chunk, which may be cut anywhere. */
  push(chunk: string): void;
  /** Reads the rest. */
  end(): void;
  /** The number of lines that were read. */
  readonly lines: number;
}

export function createLogReader(options: TextOptions): LogReader {
  /** The handles that were put together in the lines that are being read. */
  let mended: ReadonlySet<string> = new Set();
  const isMended = ({ found }: Mention) => 'handle' in found && mended.has(found.handle);
  const streams = createStreams(options.unread, (text) => mentionsIn(text, options));
  const reader = createTextReader({
    ...options,
    take(mentions) {
      if (mended.size > 0) for (const mention of mentions) mention.isMended = isMended(mention);
      options.take(streams.join(mentions));
    },
  });
  let held: string[] = [];
  let length = 0;
  /** How many characters must be held before reading goes on in a line. */
  let wanted = LONGEST_PIECE;
  /** Whether the beginning of the line was read. */
  let isWithinLine = false;
  let isOpen = false;
  /** How many characters must be held before the next reading: twice as many as the last reading held back, so that time stays linear. */
  let awaited = 0;

  function hold(text: string): void {
    if (text === '') return;
    held.push(text);
    length += text.length;
  }

  function takeHeld(): string {
    const text = held.join('');
    [held, length] = [[], 0];
    return text;
  }

  function readPieces(): void {
    let text = takeHeld();
    while (text.length >= wanted) {
      let read = reader.read(text.slice(0, wanted), false);
      if (read === 0 && wanted >= LONGEST_STRING) read = reader.passOver(text);
      wanted = read === 0 ? wanted * 2 : LONGEST_PIECE;
      text = text.slice(read);
      isWithinLine = true;
    }
    hold(text);
  }

  /** Reads the held text, which ends at the end of a line. */
  function readLines(isLast: boolean): void {
    const held = withoutColours(takeHeld());
    const { text, rest } = isWithinLine ? { text: held, rest: '' } : wholeLines(held, isLast || held.length > LONGEST_STRING);
    countEncoded(text, options.unread);
    reader.read(text, true);
    hold(rest);
    awaited = 2 * rest.length;
    [wanted, isWithinLine] = [LONGEST_PIECE, false];
  }

  /** Puts the split parts of lines and handles together. `rest` is the lines at the end in which a part or a handle may go on. */
  function wholeLines(held: string, isLast: boolean): { text: string; rest: string } {
    const joined = joinParts(held, isLast);
    const { text, rest, handles } = mend(joined.text, isLast);
    mended = new Set(handles);
    return { text, rest: rest + joined.rest };
  }

  function push(given: string): void {
    const chunk = withoutZeros(given);
    const end = chunk.lastIndexOf('\n') + 1;
    hold(chunk.slice(0, end));
    if (end > 0 && length >= awaited) readLines(false);
    hold(chunk.slice(end));
    if (chunk !== '') isOpen = end < chunk.length;
    if (isOpen && length >= wanted) readPieces();
  }

  return {
    push,
    end() {
      if (isOpen) push('\n');
      if (length > 0) readLines(true);
      reader.end();
      options.take(streams.end());
    },
    get lines() {
      return reader.line - 1;
    },
  };
}

/** The mentions in a text that was put together. */
function mentionsIn(text: string, given: TextOptions): Mention[] {
  const { options, mentions } = collecting(given);
  const reader = createTextReader(options);
  reader.read(`${text}\n`, true);
  reader.end();
  return mentions.filter(({ found }) => !('piece' in found));
}

/** Removes zeros. Windows writes UTF-16 behind the UTF-8 of a log, and then every other character is a zero. */
function withoutZeros(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

/** Removes colours, which may stand between any two characters. */
function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  return text.includes('\u001b') ? text.replace(/\u001b\[[0-9;]{0,32}[mK]/g, '') : text;
}
