/**
 * Finds rows of base64 that encode interrupted ciphertext (see `interrupted.ts`). A row is a line with nothing but base64.
 * The reader judges a row together with the few rows directly before it, but one piece of interrupted ciphertext takes
 * more rows. The redactor only reports the rows.
 */
import { bytesOf, latin1Of } from '../base64.ts';
import type { Part } from '../mapped.ts';
import { hasSign, interruptedIn } from './interrupted.ts';

/** Matches a row. The first group has its digits, and the second group has the padding. A row may be quoted or indented. */
const ROW = /^[ \t>]{0,64}([A-Za-z0-9+/_-]{4,1024})(={0,2})[ \t]{0,8}\r?$/;

/** Matches a character that text does not contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: binary data contains these characters.
const CONTROL = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/;

/** How many characters of decoded text are judged together. */
const MOST_TEXT = 2_048;

/** A row, and the text that it encodes. */
interface Row {
  readonly number: number;
  readonly text: string;
}

/**
 * Follows the rows of a log. The caller must pass the lines in their order to `push`. `push` returns the numbers of the
 * rows that encode interrupted ciphertext. It may return a number again.
 */
export function createRowFollower(): { push(line: string, number: number): readonly number[] } {
  /** The successive rows that are judged together. */
  let rows: readonly Row[] = [];
  /** The last digits, if they do not complete a group of four. The next row completes it. */
  let rest = '';
  const push = (line: string, number: number) => {
    const [, digits, padding] = ROW.exec(line) ?? [];
    if (digits === undefined || number - 1 !== rows.at(-1)?.number) [rows, rest] = [[], ''];
    if (digits === undefined) return [];
    const all = rest + digits;
    const whole = padding === '' ? all.length - (all.length % 4) : all.length;
    const text = latin1Of(bytesOf(all.slice(0, whole)));
    const isText = !CONTROL.test(text);
    [rows, rest] = isText ? [lastOf([...rows, { number, text }]), all.slice(whole)] : [[], ''];
    return isText && hasSign(text) ? rowsOf(interruptedIn(textOf(rows)), rows) : [];
  };
  return { push };
}

function textOf(rows: readonly Row[]): string {
  return rows.map(({ text }) => text).join('');
}

/** Returns the last rows, as many as are judged together. */
function lastOf(rows: readonly Row[]): readonly Row[] {
  let [first, length] = [rows.length, 0];
  while (first > 0 && length < MOST_TEXT) {
    first -= 1;
    length += rows[first]?.text.length ?? 0;
  }
  return rows.slice(first);
}

/** Returns the numbers of the rows in which the parts stand. */
function rowsOf(parts: readonly Part[], rows: readonly Row[]): readonly number[] {
  let end = 0;
  return rows.flatMap(({ number, text }) => {
    const start = end;
    end += text.length;
    return parts.some((part) => part.index < end && part.end > start) ? [number] : [];
  });
}
