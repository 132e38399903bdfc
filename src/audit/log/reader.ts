/** What reads a text, and what it is told. */
import type { Mention } from './mention.ts';

/** What was not understood. */
export interface Unread {
  /** What begins as a handle and is none: it was cut or changed. */
  incomplete: number;
  /** What began as JSON and did not go on as JSON, with a handle in it or behind it. */
  broken: number;
}

export interface TextOptions {
  /** Members that lead to the caller's name. */
  readonly callerPath: readonly string[];
  readonly unread: Unread;
  /** The next number of a thing in the row. */
  nextPlace(): number;
  /** Takes what is known of handles; nothing more will be. */
  take(mentions: readonly Mention[]): void;
}

export interface TextReader {
  /**
   * Reads on.
   *
   * @param isWhole whether the text ends where a line does; otherwise the line goes on, and so may what stands in it
   * @returns how many characters were read. The others are to come again, with what follows them
   */
  read(text: string, isWhole: boolean): number;
  /**
   * Gives up looking for the end of the string that a text begins with: it is searched for handles, and that is all.
   *
   * @returns how many characters were read
   */
  passOver(text: string): number;
  /** Says that nothing follows. */
  end(): void;
  /** The line that it has come to, from 1. */
  readonly line: number;
}
