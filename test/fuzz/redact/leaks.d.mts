export const WINDOW: number;

/** A text, and the result of its redaction. */
export interface Redaction {
  readonly text: string;
  readonly out: string;
  /** Where in `text` the characters of the handle's secret part are. */
  readonly places: readonly number[];
  /** The numbers of the reported lines. Only the first lines are reported; `suspects` counts all. */
  readonly lines: readonly number[];
  readonly suspects: number;
}

export function twinOf(handle: string): string;
export function placesOfSecret(text: string, twinText: string): number[];
export function leakIn(redaction: Redaction, window?: number): string | undefined;
