/** Reads a log chunk by chunk, and holds back no more than a line, or a piece of one. */
import { joinParts } from './parts.ts';
import type { TextOptions } from './reader.ts';
import { createTextReader } from './text.ts';

/** From how many characters on a line is read in pieces. */
export const LONGEST_PIECE = 1_048_576;

/** Up to how many characters the end of a string is looked for, before it is only searched for handles. */
const LONGEST_STRING = 4 * LONGEST_PIECE;

export interface LogReader {
  /** Takes a chunk, which may be cut anywhere. */
  push(chunk: string): void;
  /** Reads what was held back. */
  end(): void;
  /** How many lines were read so far. */
  readonly lines: number;
}

export function createLogReader(options: TextOptions): LogReader {
  const reader = createTextReader(options);
  let held: string[] = [];
  let length = 0;
  /** How much has to be there before it is tried to read on in a line. */
  let wanted = LONGEST_PIECE;
  /** Whether a part of the line was read already. */
  let isWithinLine = false;
  let isOpen = false;
  /** How much has to be there before split lines are put together again: twice what was there when they went on. */
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

  /** Reads what is held, which ends where a line does. */
  function readLines(isLast: boolean): void {
    const held = withoutColours(takeHeld());
    const { text, rest } = isWithinLine ? { text: held, rest: '' } : joinParts(held, isLast || held.length > LONGEST_STRING);
    reader.read(text, true);
    hold(rest);
    awaited = 2 * rest.length;
    [wanted, isWithinLine] = [LONGEST_PIECE, false];
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
    push,
    end() {
      if (isOpen) push('\n');
      if (length > 0) readLines(true);
      reader.end();
    },
    get lines() {
      return reader.line - 1;
    },
  };
}

/** What a program writes for a terminal may stand between any two characters. */
function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what they are.
  return text.includes('\u001b') ? text.replace(/\u001b\[[0-9;]{0,32}[mK]/g, '') : text;
}
