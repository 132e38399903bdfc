/** Aliases: the short names that the model carries instead of handles. */
import { createHash } from 'node:crypto';

/** Digits and letters that are not taken for one another. There are 31, a prime, which the check characters need. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';

/** Of six characters four are free: 923,521 aliases. */
const FREE = 4;

const ALIAS = /^(task_([2-9a-hjkmnp-z]{6}))(?:@([1-9][0-9]{0,8}))?$/;

/** What may be meant as an alias: other case, a character more or fewer, other punctuation, quotes around it. */
const LIKE_ALIAS = /^\W{0,2}task[\W_]?([a-z0-9]{5,7})(?:@[0-9]{0,9})?\W{0,2}$/i;

/** How many characters may be wrong in what is still taken for an alias. Two wrong ones never make another alias. */
const NEAR = 2;

/** An alias as the model writes it. */
export interface NamedHandle {
  readonly alias: string;
  /** From `task_7f3a9c@2`. Absent: the newest. */
  readonly revision?: number;
}

/**
 * An alias for a seed: always the same, so that wallets that do not know of each other choose alike.
 *
 * @param isTaken whether an alias already stands for something else
 */
export function aliasFor(seed: string, isTaken: (alias: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const number = createHash('sha256').update(`${attempt}\n${seed}`).digest().readUInt32BE();
    const free = Array.from({ length: FREE }, (_, position) => Math.floor(number / ALPHABET.length ** position) % ALPHABET.length);
    const alias = `task_${[...free, ...checksOf(free)].map((value) => ALPHABET[value]).join('')}`;
    if (!isTaken(alias)) return alias;
  }
}

/** An alias as it is written; of none, nothing. */
export function nameOf(named: NamedHandle | undefined): string {
  if (named === undefined) return '';
  return named.revision === undefined ? named.alias : `${named.alias}@${named.revision}`;
}

/** Reads a text that is one alias and nothing else; undefined where it is none, or its check characters are wrong. */
export function readAlias(text: string): NamedHandle | undefined {
  const [, alias, word = '', revision] = ALIAS.exec(text) ?? [];
  if (alias === undefined || !isSound(word)) return undefined;
  return { alias, ...(revision !== undefined && { revision: Number(revision) }) };
}

/** What may stand for an alias within a text, whatever its case and its separator. */
const WITHIN = /(?<![a-z0-9])task[_\s-]?([a-z0-9]{5,7})(?![a-z0-9])(?:@([a-z0-9]+))?/g;

/** A longer text is no name of a task. Characters. */
const LONGEST_NAME = 200;

/** What models write around an alias to say what it is. */
const LABELS = new Set('a alias current handle held id info is key last latest my name newest now revision task the value'.split(' '));

/** What is said of a handle where it is handed over: `handle (revision 2, expires 2026-…): task_7f3a9c`. */
const REMARK = /\(revision [^()]{0,60}\)/g;

/**
 * The one held alias that a text means: whatever stands around it is quotes, markup, a label or `@latest`.
 *
 * @param alone false: other words may stand around it, too, since the text is where a handle belongs
 */
export function heldAliasIn(text: string, isHeld: (alias: string) => boolean, alone = true): NamedHandle | undefined {
  if (text.length > LONGEST_NAME) return undefined;
  const plain = text
    .replace(/[\\\u200b-\u200d\u2060\ufeff]/g, '')
    .toLowerCase()
    .replace(REMARK, ' ');
  const named = new Map<string, NamedHandle>();
  const around = plain.replace(WITHIN, (whole, word: string, mark: string | undefined) => {
    const [alias, revision] = [`task_${word}`, numberIn(mark)];
    if (!isHeld(alias)) return whole;
    named.set(`${alias}@${revision}`, { alias, ...(revision !== undefined && { revision }) });
    return revision === undefined ? ` ${mark ?? ''} ` : ' ';
  });
  const words = around.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (named.size !== 1 || (alone && words.some((word) => !LABELS.has(word)))) return undefined;
  return named.values().next().value;
}

function numberIn(revision: string | undefined): number | undefined {
  const [, digits] = /^v?([1-9][0-9]{0,8})$/.exec(revision ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** What in a text looks like an alias, spelt as one. */
export function likeAlias(text: string): string | undefined {
  const [, word] =
    text.length > LONGEST_NAME ? [] : (/(?<![a-z0-9])task\\?[\W_]?([a-z0-9]{5,7})(?![a-z0-9])/.exec(text.toLowerCase()) ?? []);
  return word === undefined ? undefined : `task_${word}`;
}

/** Those of some aliases that a text may be a misspelling of, the nearest first. */
export function nearAliases(text: string, aliases: Iterable<string>): string[] {
  const [, word] = LIKE_ALIAS.exec(text) ?? [];
  if (word === undefined) return [];
  const meant = word.toLowerCase();
  return [...aliases]
    .map((alias) => ({ alias, distance: distanceBetween(meant, alias.slice('task_'.length)) }))
    .filter(({ distance }) => distance <= NEAR)
    .sort((one, other) => one.distance - other.distance)
    .map(({ alias }) => alias);
}

/**
 * The last two characters make two sums over the whole word vanish: of the values, and of the values times their
 * places (a Reed-Solomon code). So one or two wrong characters always show, and any two that changed places.
 */
function checksOf(free: readonly number[]): [number, number] {
  const [plain, placed] = sums(free);
  const last = modulo(5 * plain - placed);
  return [modulo(-plain - last), last];
}

function isSound(word: string): boolean {
  return sums([...word].map((character) => ALPHABET.indexOf(character))).every((sum) => modulo(sum) === 0);
}

function sums(values: readonly number[]): [plain: number, placed: number] {
  return values.reduce<[number, number]>(([plain, placed], value, position) => [plain + value, placed + value * (position + 1)], [0, 0]);
}

function modulo(value: number): number {
  return ((value % ALPHABET.length) + ALPHABET.length) % ALPHABET.length;
}

/** How many characters were changed, lost, added, or swapped with their neighbour (optimal string alignment). */
function distanceBetween(one: string, other: string): number {
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const [up = 0, left = 0, diagonal = 0] = [last[column], current[column - 1], last[column - 1]];
      const edited = Math.min(up + 1, left + 1, diagonal + (same ? 0 : 1));
      current.push(swapped ? Math.min(edited, (before[column - 2] ?? 0) + 1) : edited);
    }
    [before, last] = [last, current];
  }
  return last[other.length] ?? 0;
}
