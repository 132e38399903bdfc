/**
 * Finds the records of a stream that each contain one piece of a handle. The APIs of models send such streams. The
 * redactor only reports the lines of these records.
 */
import { HANDLE_PREFIX, START } from '../find.ts';
import { shapeOf } from '../normalize.ts';

/**
 * Matches the beginning of a handle at the end of a string. The match includes the closing quotation mark and the
 * backslashes before it.
 */
const BEGINNING_AT_END = new RegExp(`(${START.slice(0, 3)}[A-Za-z0-9_-]{0,45})(\\\\{0,16})"`, 'g');

/** How many other lines may stand between two records. Such lines are empty, or contain the name of an event. */
const MOST_OTHERS = 4;

/**
 * Follows a stream whose strings contain the pieces of a handle. The caller must pass every line of the log to
 * `isRecord`. `isRecord` returns true for a line with a piece, once the joined pieces begin like a handle.
 */
export function createStreamFollower(): { isRecord(line: string): boolean; readonly isFollowing: boolean } {
  /**
   * The stream that is followed: a pattern for its records, its joined pieces, and the number of other lines since its
   * last record.
   */
  let stream: { readonly shape: RegExp; readonly joined: string; readonly others: number } | undefined;
  const isRecord = (line: string) => {
    if (stream !== undefined) {
      const [all, piece = '', behind = ''] = stream.shape.exec(line) ?? [];
      if (all === undefined) {
        stream = stream.others < MOST_OTHERS ? { ...stream, others: stream.others + 1 } : undefined;
      } else {
        const joined = (stream.joined + piece).slice(0, START.length);
        const isHandle = joined === START;
        // Only a piece at the end of its string can continue in the next record.
        const continues = piece !== '' && behind === '"' && START.startsWith(joined);
        stream = continues ? { ...stream, joined, others: 0 } : undefined;
        if (isHandle && piece !== '') return true;
      }
    }
    if (stream !== undefined || !line.includes(START.slice(0, 3))) return false;
    for (const { 0: all, 1: piece = '', 2: slashes = '', index } of line.matchAll(BEGINNING_AT_END)) {
      const opening = HANDLE_PREFIX.startsWith(piece) ? placeOfQuote(line, index, slashes.length) : -1;
      if (opening === -1 || index + all.length > LONGEST_RECORD) continue;
      const prefix = shapeOf(line.slice(0, opening + 1)).source;
      stream = { shape: new RegExp(`${prefix}([A-Za-z0-9_.-]*)\\\\{0,16}(.?)`), joined: piece.slice(0, START.length), others: 0 };
      return false;
    }
    return false;
  };
  return {
    isRecord,
    get isFollowing() {
      return stream !== undefined;
    },
  };
}

/** Tells whether a string of a record ends with the beginning of a handle. The next record may then continue the handle. */
export function mayBeginStream(record: string): boolean {
  for (const [, piece = ''] of record.slice(0, LONGEST_RECORD).matchAll(BEGINNING_AT_END)) if (HANDLE_PREFIX.startsWith(piece)) return true;
  return false;
}

/** The largest distance from the beginning of a record to the end of its piece, in characters. */
export const LONGEST_RECORD = 2_048;

/**
 * Returns the index of the quotation mark that opens the string around an index, or -1.
 *
 * @param slashes the number of backslashes before each quotation mark of the string
 */
function placeOfQuote(line: string, place: number, slashes: number): number {
  for (let at = line.lastIndexOf('"', place - 1); at > 0; at = line.lastIndexOf('"', at - 1)) {
    let before = at;
    while (line.charAt(before - 1) === '\\') before -= 1;
    if (at - before === slashes) return at;
  }
  return -1;
}
