/** Finds rows of pieces: several strings of one handle that stand near each other, with any text between them. */
import { ANCHOR, HANDLE_PREFIX } from '../find.ts';
import { endOfWord, isSuspectPiece, isWordCharacter } from './ciphertext.ts';

/**
 * A row of pieces consists of three strings that do not look like words. Each string has at least 12 characters, and at
 * most 160 characters separate two strings. If the strings are values with names, as in JSON, at most 320 characters
 * separate them.
 */
const PIECES_IN_SERIES = 3;
export const SHORTEST_IN_SERIES = 12;
const MOST_BETWEEN = 160;

/**
 * Matches the text between the name of a value and the value, as in JSON, logfmt, cookies, or the objects that Python
 * prints.
 */
const BEFORE_VALUE = /(?:\\{0,8}"\s{0,4}:\s{0,4}\\{0,8}"|(?<=\w)=["']?)$/;
const LONGEST_NAME = 64;

/** Matches the names that programs give to the pieces of a stream. */
const STREAM = /(?:chunk|delta|partial|piece|text|content|argument|data|body|input|output)s?(?:_?json)?$/i;

/** Returns the name of the value that begins at an index, or undefined if the text there is not a value with a name. */
function nameAt(text: string, start: number): string | undefined {
  const before = BEFORE_VALUE.exec(text.slice(Math.max(0, start - 24), start))?.[0].length;
  if (before === undefined) return undefined;
  const end = start - before;
  let from = end;
  while (end - from < LONGEST_NAME && /[\w.$-]/.test(text.charAt(from - 1))) from -= 1;
  return text.slice(from, end);
}

/**
 * Tells whether two values with names are pieces of one text. Either their names differ only by a number, or their
 * names are equal and `isStream` says that pieces of a stream have this name. All other values, such as ids, are
 * members of different records.
 */
function areOfOneText(name: string, other: string, isStream: boolean): boolean {
  return name === other ? isStream : name !== '' && name.replace(/\d+/g, '#') === other.replace(/\d+/g, '#');
}

/**
 * Tells whether a word shortly before an index is the beginning of a handle. If so, successive values with equal names
 * are pieces of this handle.
 */
function isBehindBeginning(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 2 * MOST_BETWEEN), start);
  for (let at = before.indexOf(ANCHOR); at !== -1; at = before.indexOf(ANCHOR, at + 1)) {
    const end = endOfWord(before, at, at + HANDLE_PREFIX.length);
    if (end < before.length && end - at < HANDLE_PREFIX.length && HANDLE_PREFIX.startsWith(before.slice(at, end))) return true;
  }
  return false;
}

/**
 * If a word completes a row of pieces, returns the index at which this row begins; otherwise returns -1. Any text may
 * stand between the pieces of a row.
 */
export function startOfSeries(text: string, start: number, stop: number, afterHandle: number): number {
  if (stop - start < SHORTEST_IN_SERIES || !isSuspectPiece(text, start, stop)) return -1;
  const name = nameAt(text, start);
  const isStream = name !== undefined && (STREAM.test(name) || isBehindBeginning(text, start));
  if (name !== undefined && !isStream && !/\d/.test(name)) return -1;
  let [count, begin, at] = [1, start, start];
  const between = name === undefined ? MOST_BETWEEN : 2 * MOST_BETWEEN;
  while (count < PIECES_IN_SERIES && at > afterHandle && begin - at < between) {
    const end = at;
    while (at > afterHandle && isWordCharacter(text, at - 1)) at -= 1;
    if (end - at >= SHORTEST_IN_SERIES && isSuspectPiece(text, at, end) && isInSeries(text, at, name, isStream))
      [count, begin] = [count + 1, at];
    if (at === end) at -= 1;
  }
  return count === PIECES_IN_SERIES ? begin : -1;
}

/**
 * Tells whether a word can belong to a row of pieces. Either this word and the last word of the row have no name, or
 * their names are those of one text.
 *
 * @param name the name of the last word of the row
 */
function isInSeries(text: string, at: number, name: string | undefined, isStream: boolean): boolean {
  const other = nameAt(text, at);
  return name === undefined || other === undefined ? name === other : areOfOneText(name, other, isStream);
}
