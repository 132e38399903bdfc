/**
 * Finds rows of base64 that encode interrupted ciphertext (see `interrupted.ts`). A row is a line with nothing but base64.
 * The reader judges a row together with the few rows directly before it, but one piece of interrupted ciphertext takes
 * more rows. The redactor only reports the rows.
 */
import { charactersOf } from '../base64.ts';
import type { Part } from '../mapped.ts';
import { hasSign, interruptedIn } from './interrupted.ts';

/** Matches a row. The first group has its digits, and the second group has the padding. A row may be quoted or indented. */
const ROW = /^[ \t>]{0,64}([A-Za-z0-9+/_-]{4,1024})(={0,2})[ \t]{0,8}\r?$/;

/** Matches a character that text does not contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: binary data contains these characters.
const CONTROL = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/;

/** After this many further characters, the decoded text is judged. Judging it at each row would take long. */
const MOST_UNJUDGED = 1_024;
/** At least this many characters that were judged before are judged again, together with the further characters. */
const MOST_JUDGED = 2_048;

/** A row, and the text that it encodes. */
interface Row {
  readonly number: number;
  readonly text: string;
}

/** Follows the rows of a log. Both functions return the numbers of rows that encode interrupted ciphertext. */
export interface RowFollower {
  /** Takes the next line. It may return a number again, and the numbers of earlier rows. */
  push(line: string, number: number): readonly number[];
  end(): readonly number[];
}

export function createRowFollower(): RowFollower {
  /** The successive rows that are judged together. They are equally long, but the last row may be shorter. */
  let rows: Row[] = [];
  /** The number of the last line, and how many digits the line has: 0 if it is no row. */
  let [last, width] = [0, 0];
  /** The last digits, if they do not complete a group of four. The next row completes it. */
  let rest = '';
  /** Whether the rows encode binary data. The next rows are then not decoded. */
  let isBinary = false;
  /** How many decoded characters were not judged yet, and whether they may contain interrupted ciphertext. */
  let [unjudged, mayBeInterrupted] = [0, false];
  const judge = () => {
    const found = mayBeInterrupted ? rowsOf(interruptedIn(textOf(rows)), rows) : [];
    rows = lastOf(rows);
    [unjudged, mayBeInterrupted] = [0, false];
    return found;
  };
  const end = () => {
    const found = judge();
    [rows, rest, isBinary] = [[], '', false];
    return found;
  };
  const push = (line: string, number: number) => {
    const [, digits = '', padding] = ROW.exec(line) ?? [];
    const ended = number !== last + 1 || digits === '' || digits.length > width ? end() : [];
    // Rows of another length may belong to other base64.
    isBinary &&= digits.length === width;
    [last, width] = [number, digits.length];
    if (digits === '' || isBinary) return ended;
    const all = rest + digits;
    const whole = padding === '' ? all.length - (all.length % 4) : all.length;
    const text = charactersOf(all.slice(0, whole));
    isBinary = CONTROL.test(text);
    rest = isBinary ? '' : all.slice(whole);
    if (isBinary) return ended;
    rows.push({ number, text });
    unjudged += text.length;
    mayBeInterrupted ||= hasSign(text);
    return unjudged < MOST_UNJUDGED ? ended : [...ended, ...judge()];
  };
  return { push, end };
}

function textOf(rows: readonly Row[]): string {
  return rows.map(({ text }) => text).join('');
}

/** Returns the last rows, which are judged again together with the next rows. */
function lastOf(rows: readonly Row[]): Row[] {
  let [first, length] = [rows.length, 0];
  while (first > 0 && length < MOST_JUDGED) {
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
