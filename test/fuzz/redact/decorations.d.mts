export interface Decoration {
  readonly name: string;
  /** @param size how long a line or a piece is, in characters */
  readonly apply: (text: string, size: number) => string;
}

/** Decorations that may be applied to each other's output, in any order. */
export const DECORATIONS: readonly Decoration[];

/** Decorations that write every character of a text by its number. */
export const ENCODINGS: readonly Decoration[];
