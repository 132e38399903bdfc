/** The reader of a text, and its options. */
import type { HandleFinder } from './handles.ts';
import type { Mention } from './mention.ts';

/** Counts what was not understood. */
export interface Unread {
  /** Texts that begin as a handle, but were cut or changed. */
  incomplete: number;
  /** Texts with a handle that begin as JSON and do not go on as JSON. */
  broken: number;
  /** Parts that were not read: binary data, and base64 that is packed in an unknown format, cut, or no text although its record says base64. */
  packed: number;
}

export interface TextOptions {
  /** Members that lead to the caller's name. */
  readonly callerPath: readonly string[];
  readonly unread: Unread;
  /** Returns the number of the next thing in the log: a line, an element of an array, or a message. */
  nextPlace(): number;
  /** Takes mentions that are complete. */
  take(mentions: readonly Mention[]): void;
}

/** Makes the same options, but with a `take` that collects the mentions in a list. */
export function collecting(options: TextOptions): { readonly options: TextOptions; readonly mentions: Mention[] } {
  const mentions: Mention[] = [];
  const take = (taken: readonly Mention[]) => {
    for (const mention of taken) mentions.push(mention);
  };
  return { options: { ...options, take }, mentions };
}

/** The place of a text in another text. */
export interface Surroundings {
  readonly finder: HandleFinder;
  /** The number of texts around the text. */
  readonly depth: number;
  readonly line: number;
  readonly place: number;
}

export interface TextReader {
  /**
   * Reads on.
   *
   * @param isWhole whether the text ends at the end of a line. Otherwise the line goes on
   * @returns how many characters were read. The caller passes the other characters again, with the text that follows them
   */
  read(text: string, isWhole: boolean): number;
  /**
   * Gives up the search for the end of the string that a text begins with. The string is then only searched for handles.
   *
   * @returns how many characters were read
   */
  passOver(text: string): number;
  /** Ends the text. */
  end(): void;
  /** The number of the line that is being read, from 1. */
  readonly line: number;
}
