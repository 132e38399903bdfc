/** The interface and the options of the reader of a text. The reader finds mentions: handles at places of a log. */
import type { HandleFinder } from './handles.ts';
import type { Mention } from './mention.ts';

/** How many things were not understood. */
export interface Unread {
  /** How many texts begin like a handle, but were cut or changed. */
  incomplete: number;
  /** How many broken JSON texts contain a handle. */
  broken: number;
  /**
   * How many parts were not read:
   *
   * - binary data
   * - base64 that was cut, or is packed in an unknown format
   * - values that are not strings, although their record says that they are base64
   */
  packed: number;
}

export interface TextOptions {
  /** The names of the members that lead to the caller's name. */
  readonly callerPath: readonly string[];
  readonly unread: Unread;
  /** Returns the number of the next place in the log: a line, an element of an array, or a message. */
  nextPlace(): number;
  /** Receives mentions that are complete. */
  take(mentions: readonly Mention[]): void;
}

/** Returns options and a list. The `take` of these options collects the mentions in the list. */
export function collecting(options: TextOptions): { readonly options: TextOptions; readonly mentions: Mention[] } {
  const mentions: Mention[] = [];
  const take = (taken: readonly Mention[]) => {
    for (const mention of taken) mentions.push(mention);
  };
  return { options: { ...options, take }, mentions };
}

/** Describes where a text stands in another text. */
export interface Surroundings {
  readonly finder: HandleFinder;
  /** How deep the text is nested: the number of texts within which it stands. */
  readonly depth: number;
  readonly line: number;
  readonly place: number;
}

export interface TextReader {
  /**
   * Reads the next part of the text.
   *
   * @param isWhole whether `text` ends at the end of a line. Otherwise its last line continues in later text
   * @returns how many characters were read. The caller passes the remaining characters again, together with the text
   *   that follows them
   */
  read(text: string, isWhole: boolean): number;
  /**
   * Stops waiting for the end of the string with which `text` begins. The rest of this string is only searched for
   * handles.
   *
   * @returns how many characters were read
   */
  passOver(text: string): number;
  /** Ends the text, and gives out the remaining mentions. */
  end(): void;
  /** The number of the line that is being read, from 1. */
  readonly line: number;
}
