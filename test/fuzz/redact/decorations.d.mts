/** A change that programs make to text on its way into a log, a mail, a document or a terminal. */
export interface Decoration {
  readonly name: string;
  /** @param size the length of a line or of a piece, in characters */
  readonly apply: (text: string, size: number) => string;
}

/** These decorations may be applied to each other's output, in any order. */
export const DECORATIONS: readonly Decoration[];

/** Each of these decorations writes every character as its number. */
export const ENCODINGS: readonly Decoration[];
