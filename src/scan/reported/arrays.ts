/** Finds handles that are written as arrays of bytes or of characters. The redactor only reports their lines. */
import { START } from '../find.ts';
import type { Part } from '../mapped.ts';
import { CLASS } from '../pieces/ciphertext.ts';

/**
 * Matches the text between two numbers of an array, or of an object with numbered members. The pattern covers JSON,
 * JSON within JSON, XML, YAML, PHP, Rust and the rows of `od`. Each text matches in only one way, so a failed search
 * does not backtrack long.
 */
const BETWEEN_NUMBERS = String.raw`(?:[\s,"'(){}[\]-]|\\{1,4}[nrt"]|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|\d{7}(?=\s)|[A-Za-z]\w{0,15}\\{0,4}["']?[:(]|</?[A-Za-z][\w.-]{0,15}>|u8\b)`;

/**
 * Matches the text between two characters that a program wrote one by one. The pattern covers lists, objects with
 * numbered members, PHP, YAML, and the rows of `od -c` and `hexdump -c`. JavaScript makes such objects from `{ ...text
 * }`. Each backslash matches in only one way.
 */
const BETWEEN_CHARACTERS = String.raw`(?:[\s,|"'{}[\]]|\\[nrt]?|\d{1,7}\\{0,4}["'\]]?\s?(?::|=>)|(?<=\n)[0-9a-f]{7,8}(?=\s)|(?<=\n[ \t]{0,16})-(?= )|(?<=\n[ \t]{0,16}\[)\d{1,7}(?=\])|string\(1\)){1,32}`;

/** The longest text between two elements, in characters. A row or record may end within it. */
export const LONGEST_BETWEEN = 160;

/** A way to write a text as an array. */
interface ArrayForm {
  /** The elements with which a handle begins. */
  readonly beginning: readonly string[];
  /** The index of an element of `beginning` that is rare in logs. The search looks for it first. */
  readonly rare: number;
  /** Tells whether an element stands alone, not within a word or a longer number. */
  isAlone(text: string, at: number, end: number): boolean;
  /** A pattern for any element. */
  readonly any: string;
  /** A pattern for the text between two elements in the usual notations. */
  readonly between: string;
}

const isDigit = (character: string) => character >= '0' && character <= '9';
const isWordCharacter = (character: string) => (CLASS[character.charCodeAt(0)] ?? 0) !== 0;

const NUMBERS: ArrayForm = {
  beginning: [...START].map((character) => `${character.charCodeAt(0)}`),
  rare: 0,
  isAlone: (text, at, end) => !isDigit(text.charAt(at - 1)) && !isDigit(text.charAt(end)),
  any: String.raw`\d{1,3}(?!\d)`,
  between: `${BETWEEN_NUMBERS}{1,40}`,
};

const CHARACTERS: ArrayForm = {
  beginning: [...START],
  rare: 2,
  // An escape such as `\n` may precede the character.
  isAlone: (text, at, end) =>
    !isWordCharacter(text.charAt(end)) &&
    (!isWordCharacter(text.charAt(at - 1)) || (text.charAt(at - 2) === '\\' && 'nrt'.includes(text.charAt(at - 1)))),
  any: '[A-Za-z0-9_.-](?![A-Za-z0-9_.-])',
  between: BETWEEN_CHARACTERS,
};

/**
 * Returns the parts of a text in which a handle is written as an array. For example, journald and the buffers of
 * Node.js write arrays of bytes.
 */
export function arraysIn(text: string): Part[] {
  return [NUMBERS, CHARACTERS].flatMap((form) => arraysOf(form, text)).sort((one, other) => one.index - other.index);
}

function arraysOf(form: ArrayForm, text: string): Part[] {
  const { beginning, rare, isAlone } = form;
  const [first = '', second = ''] = beginning.slice(rare);
  const parts: Part[] = [];
  /** The next place of the second element. Without one, the search ends: many lists of numbers lack this element. */
  let next = 0;
  for (let at = text.indexOf(first); at !== -1; at = text.indexOf(first, at + 1)) {
    if (next < at) next = text.indexOf(second, at);
    if (next === -1) break;
    if (next - at > LONGEST_BETWEEN || !isAlone(text, at, at + first.length)) continue;
    const places = placesOfBeginning(form, text, at);
    if (places === undefined) continue;
    const part = { index: places[0] ?? at, end: endOfArray(form, text, places) };
    parts.push(part);
    at = part.end - 1;
  }
  return parts;
}

/**
 * Returns the places of the elements of `beginning`, or undefined if an element is missing. Any text may stand between
 * the elements, because each language and each debugger writes arrays differently.
 *
 * @param at the place of the rare element
 */
function placesOfBeginning({ beginning, rare, isAlone }: ArrayForm, text: string, at: number): number[] | undefined {
  const places = [at];
  for (const element of beginning.slice(0, rare).reverse()) {
    const before = text.slice(Math.max(0, (places[0] ?? at) - LONGEST_BETWEEN), places[0]);
    const start = (places[0] ?? at) - before.length;
    let place = before.lastIndexOf(element);
    while (place !== -1 && !isAlone(text, start + place, start + place + element.length))
      place = place === 0 ? -1 : before.lastIndexOf(element, place - 1);
    if (place === -1) return undefined;
    places.unshift(start + place);
  }
  for (const [number, element] of beginning.slice(rare + 1).entries()) {
    const end = (places.at(-1) ?? at) + (beginning[rare + number]?.length ?? 0);
    const behind = text.slice(end, end + LONGEST_BETWEEN + element.length);
    let place = behind.indexOf(element);
    while (place !== -1 && !isAlone(text, end + place, end + place + element.length)) place = behind.indexOf(element, place + 1);
    if (place === -1) return undefined;
    places.push(end + place);
  }
  return places;
}

/**
 * Returns the index after an array. The text between later elements must be similar to the text between the elements of
 * the beginning, or belong to a usual notation.
 */
function endOfArray({ beginning, any, between }: ArrayForm, text: string, places: readonly number[]): number {
  const ends = places.map((place, number) => place + (beginning[number]?.length ?? 0));
  const shapes = new Set(places.slice(1).map((place, number) => shapeBetween(text.slice(ends[number], place))));
  const next = new RegExp(`(?:${[...shapes].join('|')}|${between})${any}`, 'y');
  let end = ends.at(-1) ?? 0;
  for (next.lastIndex = end; next.test(text); next.lastIndex = end) end = next.lastIndex;
  return end;
}

/** Returns a pattern for a text and for all texts that differ from it only in numbers, blanks or single characters. */
function shapeBetween(text: string): string {
  return text.replace(/(\d+)|(\s+)|(?<![\w.-])([\w.-])(?![\w.-])|[.*+?^${}()|[\]\\]/g, (all, digits, blanks, single) =>
    digits ? '\\d+' : blanks ? '\\s+' : single ? '[\\w.-]' : `\\${all}`,
  );
}
