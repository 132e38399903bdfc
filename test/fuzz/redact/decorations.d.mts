/** A change that programs make to a text on its way into a log, a mail, a document or a terminal. */
export interface Decoration {
  readonly name: string;
  /** Applies the decoration to a text. @param size the length of a line or of a piece, in characters */
  readonly apply: (text: string, size: number) => string;
}

/** Decorations that may be applied to each other's output, in any order. */
export const DECORATIONS: readonly Decoration[];

/** Decorations that write every character of a text as its number. */
export const ENCODINGS: readonly Decoration[];
