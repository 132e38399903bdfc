/** Finds handles that are written as arrays of bytes or of characters. */
import { START } from '../find.ts';
import type { Part } from '../mapped.ts';
import { CLASS } from '../pieces/ciphertext.ts';

/**
 * Matches the text between two numbers of an array, or of an object with numbered members. The pattern knows the
 * notations of JSON, of JSON within JSON, of XML, YAML, PHP and Rust, and the rows that `od` prints for bytes. A text
 * matches this pattern in only one way, so a search that fails does not backtrack long.
 */
const BETWEEN = String.raw`(?:[\s,"'(){}[\]-]|\\{1,4}[nrt"]|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|\d{7}(?=\s)|[A-Za-z]\w{0,15}\\{0,4}["']?[:(]|</?[A-Za-z][\w.-]{0,15}>|u8\b)`;

/**
 * Matches the text between two characters if a program wrote each character by itself. The pattern knows lists, objects
 * with numbered members (JavaScript makes such an object from `{ ...text }`), PHP, YAML, and the rows that `od -c` and
 * `hexdump -c` print. Each backslash matches in only one way.
 */
const APART = String.raw`(?:[\s,|"'{}[\]]|\\[nrt]?|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|(?<=\n)[0-9a-f]{7,8}(?=\s)|(?<=\n[ \t]{0,16})-(?= )|(?<=\n[ \t]{0,16}\[)\d{1,7}(?=\])|string\(1\)){1,32}`;

/**
 * The maximum number of characters between two elements of an array. One row or record may end there, and the next row or record may
 * begin.
 */
export const MOST_APART = 160;

/** A way to write the characters of a text apart from each other. */
interface Elements {
  /** The elements of the beginning of a handle. */
  readonly beginning: readonly string[];
  /** The number of the element that is rare in logs. The search looks for this element first. */
  readonly rare: number;
  /** Tells whether the element at a place stands by itself, and not within a word or a longer number. */
  isAlone(text: string, at: number, end: number): boolean;
  /** Matches any element. */
  readonly any: string;
  /** Matches the text between two elements in the usual notations, also between two rows. */
  readonly between: string;
}

const isDigit = (character: string) => character >= '0' && character <= '9';
const isWordCharacter = (character: string) => (CLASS[character.charCodeAt(0)] ?? 0) !== 0;

const NUMBERS: Elements = {
  beginning: [...START].map((character) => `${character.charCodeAt(0)}`),
  rare: 0,
  isAlone: (text, at, end) => !isDigit(text.charAt(at - 1)) && !isDigit(text.charAt(end)),
  any: String.raw`\d{1,3}(?!\d)`,
  between: `${BETWEEN}{1,40}`,
};

const CHARACTERS: Elements = {
  beginning: [...START],
  rare: 2,
  // An escape such as `\n` may stand before the character.
  isAlone: (text, at, end) =>
    !isWordCharacter(text.charAt(end)) &&
    (!isWordCharacter(text.charAt(at - 1)) || (text.charAt(at - 2) === '\\' && 'nrt'.includes(text.charAt(at - 1)))),
  any: '[A-Za-z0-9_.-](?![A-Za-z0-9_.-])',
  between: APART,
};

/**
 * Returns the parts of a text that are a handle, written as an array of bytes or of characters. For example, journald
 * and the buffers of Node.js write arrays of bytes to JSON. Any text may stand between the elements, because each
 * language and each debugger writes arrays differently.
 */
export function arraysIn(text: string): Part[] {
  return [NUMBERS, CHARACTERS].flatMap((elements) => arraysOf(elements, text)).sort((one, other) => one.index - other.index);
}

function arraysOf(elements: Elements, text: string): Part[] {
  const { beginning, rare, isAlone } = elements;
  const [first = '', second = ''] = beginning.slice(rare);
  const parts: Part[] = [];
  /** The next place of the second element. Many lists of numbers have the first element without the second. */
  let next = 0;
  for (let at = text.indexOf(first); at !== -1; at = text.indexOf(first, at + 1)) {
    if (next < at) next = text.indexOf(second, at);
    if (next === -1) break;
    if (next - at > MOST_APART || !isAlone(text, at, at + first.length)) continue;
    const places = placesOfBeginning(elements, text, at);
    if (places === undefined) continue;
    const part = { index: places[0] ?? at, end: endOfArray(elements, text, places) };
    parts.push(part);
    at = part.end - 1;
  }
  return parts;
}

/**
 * Returns the places of the elements with which a handle begins. Returns undefined if one of them is missing.
 *
 * @param at the place of the rare element
 */
function placesOfBeginning({ beginning, rare, isAlone }: Elements, text: string, at: number): number[] | undefined {
  const places = [at];
  for (const element of beginning.slice(0, rare).reverse()) {
    const before = text.slice(Math.max(0, (places[0] ?? at) - MOST_APART), places[0]);
    const start = (places[0] ?? at) - before.length;
    let place = before.lastIndexOf(element);
    while (place !== -1 && !isAlone(text, start + place, start + place + element.length))
      place = place === 0 ? -1 : before.lastIndexOf(element, place - 1);
    if (place === -1) return undefined;
    places.unshift(start + place);
  }
  for (const [number, element] of beginning.slice(rare + 1).entries()) {
    const end = (places.at(-1) ?? at) + (beginning[rare + number]?.length ?? 0);
    const behind = text.slice(end, end + MOST_APART + element.length);
    let place = behind.indexOf(element);
    while (place !== -1 && !isAlone(text, end + place, end + place + element.length)) place = behind.indexOf(element, place + 1);
    if (place === -1) return undefined;
    places.push(end + place);
  }
  return places;
}

/**
 * Returns the index after an array. The text between two of its elements must be similar to the text between the
 * elements of its beginning, or must be in a usual notation.
 */
function endOfArray({ beginning, any, between }: Elements, text: string, places: readonly number[]): number {
  const ends = places.map((place, number) => place + (beginning[number]?.length ?? 0));
  const shapes = new Set(places.slice(1).map((place, number) => shapeBetween(text.slice(ends[number], place))));
  const next = new RegExp(`(?:${[...shapes].join('|')}|${between})${any}`, 'y');
  let end = ends.at(-1) ?? 0;
  for (next.lastIndex = end; next.test(text); next.lastIndex = end) end = next.lastIndex;
  return end;
}

/**
 * Returns a pattern for texts that are similar to the text between two elements: only numbers, blanks and single
 * characters may differ.
 */
function shapeBetween(text: string): string {
  return text.replace(/(\d+)|(\s+)|(?<![\w.-])([\w.-])(?![\w.-])|[.*+?^${}()|[\]\\]/g, (all, digits, blanks, single) =>
    digits ? '\\d+' : blanks ? '\\s+' : single ? '[\\w.-]' : `\\${all}`,
  );
}
