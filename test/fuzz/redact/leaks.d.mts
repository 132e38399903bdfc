export const WINDOW: number;

/** A text, and the result of its redaction. */
export interface Redaction {
  readonly text: string;
  readonly out: string;
  /** The places in the text of the characters that belong to the handle's secret part. */
  readonly places: readonly number[];
  /**
   * The numbers of the lines that the redactor reported. It reports only the first lines; `suspects` counts all of
   * them.
   */
  readonly lines: readonly number[];
  readonly suspects: number;
}

export function twinOf(handle: string): string;
export function placesOfSecret(text: string, twinText: string): number[];
export function leakIn(redaction: Redaction): string | undefined;
