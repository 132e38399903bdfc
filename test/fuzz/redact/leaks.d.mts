export const WINDOW: number;

/** What a redactor made of a text. */
export interface Redaction {
  readonly text: string;
  readonly out: string;
  /** Where in the text the characters of the secret part stand. */
  readonly places: readonly number[];
  /** The lines that the redactor named, and how many they are. */
  readonly lines: readonly number[];
  readonly suspects: number;
}

export function twinOf(handle: string): string;
export function placesOfSecret(text: string, twinText: string): number[];
export function leakIn(redaction: Redaction): string | undefined;
