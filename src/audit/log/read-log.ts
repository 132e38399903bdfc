/**
 * Reads a log chunk by chunk, and finds the mentions in it: handles at places of the log. Usually the reader holds back
 * at most one line, or a part of a long line.
 */

import type { Mention } from './mention.ts';
import { countEncoded } from './pieces/encoded.ts';
import { mend } from './pieces/mend.ts';
import { createUnmixer } from './pieces/mixed.ts';
import { joinParts } from './pieces/parts.ts';
import { createStreams } from './pieces/streams.ts';
import { collecting, type TextOptions } from './reader.ts';
import { createTextReader } from './text.ts';

/** The longest line that is read at once, in characters. A longer line is read in pieces. */
export const LONGEST_PIECE = 1_048_576;

/** The longest string for whose end the reader waits, in characters. A longer string is only searched for handles. */
const LONGEST_STRING = 4 * LONGEST_PIECE;

export interface LogReader {
  /** Takes a chunk of the log. A chunk may end anywhere, even within a line. */
  push(chunk: string): void;
  /** Ends the log, and reads the rest of it. */
  end(): void;
  readonly lines: number;
}

export function createLogReader(options: TextOptions): LogReader {
  /** The handles that were put together from pieces, in the lines that are being read. */
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
  const unmixer = createUnmixer();
  let held: string[] = [];
  let length = 0;
  /** How many held characters are enough to read a part of a line. */
  let wanted = LONGEST_PIECE;
  /** Whether the beginning of the current line was read already. */
  let isWithinLine = false;
  let isOpen = false;
  /**
   * `readLines` runs once this many characters are held: twice as many as it left over the last time. Doubling keeps the
   * time of reading in proportion to the length of the log.
   */
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

  /**
   * Puts together the parts of split lines and of broken handles. `rest` contains the last lines if a line or a handle
   * may continue after them.
   */
  function wholeLines(held: string, isLast: boolean): { text: string; rest: string } {
    const joined = joinParts(held, isLast);
    const { text, rest, handles } = mend(joined.text, isLast);
    mended = new Set(handles);
    return { text, rest: rest + joined.rest };
  }

  function push(chunk: string): void {
    const end = chunk.lastIndexOf('\n') + 1;
    hold(chunk.slice(0, end));
    if (end > 0 && length >= awaited) readLines(false);
    hold(chunk.slice(end));
    if (chunk !== '') isOpen = end < chunk.length;
    if (isOpen && length >= wanted) readPieces();
  }

  return {
    push: (chunk) => push(unmixer.push(chunk)),
    end() {
      push(unmixer.end());
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

/** Returns the mentions in a text that was put together from a stream. */
function mentionsIn(text: string, given: TextOptions): Mention[] {
  const { options, mentions } = collecting(given);
  const reader = createTextReader(options);
  reader.read(`${text}\n`, true);
  reader.end();
  return mentions.filter(({ found }) => !('piece' in found));
}

/** Removes the control sequences for colours. Such sequences may stand between any two characters of a handle. */
function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  return text.includes('\u001b') ? text.replace(/\u001b\[[0-9;]{0,32}[mK]/g, '') : text;
}
