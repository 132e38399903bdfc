/** Finds series of pieces: strings of one handle that stand near each other, with any text between them. */
import { ANCHOR, HANDLE_PREFIX } from '../find.ts';
import { endOfWord, isSuspectPiece, isWordCharacter } from './ciphertext.ts';

/** The number of strings that make a series. A string that looks like a word does not count. */
const PIECES_IN_SERIES = 3;
/** The shortest string of a series, in characters. */
export const SHORTEST_IN_SERIES = 12;
/**
 * The longest text between two strings of a series, in characters. If the strings are values with names, as in JSON,
 * the text may be twice as long.
 */
const LONGEST_BETWEEN = 160;

/** Matches the text between a name and its value, as in JSON, logfmt, cookies, or the objects that Python prints. */
const BEFORE_VALUE = /(?:\\{0,8}"\s{0,4}:\s{0,4}\\{0,8}"|(?<=\w)=["']?)$/;
const LONGEST_NAME = 64;

/** Matches the names that programs give to the pieces of a stream. */
const STREAM = /(?:chunk|delta|partial|piece|text|content|argument|data|body|input|output)s?(?:_?json)?$/i;

/** Returns the name of the value at an index. Undefined if the value has no name. */
function nameAt(text: string, start: number): string | undefined {
  const before = BEFORE_VALUE.exec(text.slice(Math.max(0, start - 24), start))?.[0].length;
  if (before === undefined) return undefined;
  const end = start - before;
  let from = end;
  while (end - from < LONGEST_NAME && /[\w.$-]/.test(text.charAt(from - 1))) from -= 1;
  return text.slice(from, end);
}

/**
 * Tells whether two values are pieces of one text. Their names must differ only by a number, or be equal. Equal names
 * suffice only for streams, because ids in successive records have equal names, too.
 */
function areOfOneText(name: string, other: string, isStream: boolean): boolean {
  return name === other ? isStream : name !== '' && name.replace(/\d+/g, '#') === other.replace(/\d+/g, '#');
}

/**
 * Tells whether a handle begins shortly before an index. Successive values with equal names are then pieces of this
 * handle.
 */
function isAfterBeginning(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 2 * LONGEST_BETWEEN), start);
  for (let at = before.indexOf(ANCHOR); at !== -1; at = before.indexOf(ANCHOR, at + 1)) {
    const end = endOfWord(before, at, at + HANDLE_PREFIX.length);
    if (end < before.length && end - at < HANDLE_PREFIX.length && HANDLE_PREFIX.startsWith(before.slice(at, end))) return true;
  }
  return false;
}

/** Returns the index at which a series begins, if a word completes the series. Otherwise returns -1. */
export function startOfSeries(text: string, start: number, stop: number, afterHandle: number): number {
  if (stop - start < SHORTEST_IN_SERIES || !isSuspectPiece(text, start, stop)) return -1;
  const name = nameAt(text, start);
  const isStream = name !== undefined && (STREAM.test(name) || isAfterBeginning(text, start));
  if (name !== undefined && !isStream && !/\d/.test(name)) return -1;
  let [count, begin, at] = [1, start, start];
  const between = name === undefined ? LONGEST_BETWEEN : 2 * LONGEST_BETWEEN;
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
 * Tells whether a word belongs to a series. Either the word and the last word of the series have no names, or their
 * names show that they are pieces of one text: see {@link areOfOneText}.
 *
 * @param name the name of the last word of the series
 */
function isInSeries(text: string, at: number, name: string | undefined, isStream: boolean): boolean {
  const other = nameAt(text, at);
  return name === undefined || other === undefined ? name === other : areOfOneText(name, other, isStream);
}
