/** Aliases: the short names that the model uses instead of handles. */
import { createHash } from 'node:crypto';

/** 31 digits and letters that look different from each other. The check characters need a prime number of them. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';

/** The number of free characters in an alias, which makes 923,521 aliases. Two check characters follow. */
const FREE = 4;

const ALIAS = /^(task_([2-9a-hjkmnp-z]{6}))(?:@([1-9][0-9]{0,8}))?$/;

/**
 * Matches text that may be meant as an alias: in any case, with other punctuation, or one character too long or short.
 */
const LIKE_ALIAS = /^\W{0,2}task[\W_]?([a-z0-9]{5,7})(?:@[0-9]{0,9})?\W{0,2}$/i;

/** The maximum number of wrong characters in a misspelt alias. Two wrong characters never make another valid alias. */
const NEAR = 2;

/** An alias as the model writes it. */
export interface NamedHandle {
  readonly alias: string;
  /** The number after `@`, as in `task_7f3a9c@2`. Absent: the newest revision. */
  readonly revision?: number;
}

/**
 * Derives an alias from a seed. Equal seeds give equal aliases, so independent wallets choose one alias for a task.
 *
 * @param isTaken tells whether an alias names another task. If so, the seed gives a different alias.
 */
export function aliasFor(seed: string, isTaken: (alias: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const number = createHash('sha256').update(`${attempt}\n${seed}`).digest().readUInt32BE();
    const free = Array.from({ length: FREE }, (_, position) => Math.floor(number / ALPHABET.length ** position) % ALPHABET.length);
    const alias = `task_${[...free, ...checksOf(free)].map((value) => ALPHABET[value]).join('')}`;
    if (!isTaken(alias)) return alias;
  }
}

/** Returns an alias as the model writes it, like `task_7f3a9c@2`; an empty string for undefined. */
export function nameOf(named: NamedHandle | undefined): string {
  if (named === undefined) return '';
  return named.revision === undefined ? named.alias : `${named.alias}@${named.revision}`;
}

/** Reads text that is exactly one alias. Returns undefined for other text, and for wrong check characters. */
export function readAlias(text: string): NamedHandle | undefined {
  const [, alias, word = '', revision] = ALIAS.exec(text) ?? [];
  if (alias === undefined || !isSound(word)) return undefined;
  return { alias, ...(revision !== undefined && { revision: Number(revision) }) };
}

/** Matches a possible alias inside lower-case text. `_`, `-`, white space or nothing may follow `task`. */
const WITHIN = /(?<![a-z0-9])task[_\s-]?([a-z0-9]{5,7})(?![a-z0-9])(?:@([a-z0-9]+))?/g;

/** The longest text in which the wallet looks for an alias, in characters. */
const LONGEST_NAME = 200;

/** The words with which models label an alias. */
const LABELS = new Set('a alias current handle held id info is key last latest my name newest now revision task the value'.split(' '));

/** The remark that servers write before a handle: `handle (revision 2, expires 2026-…): task_7f3a9c`. */
const REMARK = /\(revision [^()]{0,60}\)/g;

/**
 * Returns the held alias that a text means. The text must contain exactly one held alias. Besides it, only quotation
 * marks, markup, labels and `@latest` may stand in the text.
 *
 * @param isHeld tells whether the wallet holds an alias
 */
export function heldAliasIn(text: string, isHeld: (alias: string) => boolean): NamedHandle | undefined {
  const { named, around } = aliasesIn(text, isHeld);
  return named.length === 1 && around.every((word) => LABELS.has(word)) ? named[0] : undefined;
}

/** Matches an alias without `task_`, alone. */
const BARE = /^\W{0,3}([a-z0-9]{6})(?:@([a-z0-9]+))?\W{0,3}$/i;

/**
 * Returns the held aliases in the argument `handle`. Any words may stand around them. The prefix `task_` may be absent,
 * because the check characters are a sufficient mark.
 *
 * @param isHeld tells whether the wallet holds an alias
 */
export function heldAliasesIn(text: string, isHeld: (alias: string) => boolean): readonly NamedHandle[] {
  return aliasesIn(
    text.replace(BARE, (_whole, word: string, mark?: string) => `task_${word}${mark === undefined ? '' : `@${mark}`}`),
    isHeld,
  ).named;
}

/** Returns the held aliases in a text, and the words around them. */
function aliasesIn(text: string, isHeld: (alias: string) => boolean): { named: readonly NamedHandle[]; around: readonly string[] } {
  if (text.length > LONGEST_NAME) return { named: [], around: [] };
  const plain = text
    .replace(/[\\\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/%([2-7][0-9a-f])/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .toLowerCase()
    .replace(REMARK, ' ')
    .replace(/(?<=task_[a-z0-9]{6})(?=task_)/g, ' ');
  const named = new Map<string, NamedHandle>();
  const around = plain.replace(WITHIN, (whole, word: string, mark: string | undefined) => {
    const [alias, revision] = [`task_${word}`, numberIn(mark)];
    if (!isHeld(alias)) return whole;
    named.set(`${alias}@${revision}`, { alias, ...(revision !== undefined && { revision }) });
    return revision === undefined ? ` ${mark ?? ''} ` : ' ';
  });
  return { named: [...named.values()], around: around.match(/[\p{L}\p{N}]+/gu) ?? [] };
}

function numberIn(revision: string | undefined): number | undefined {
  const [, digits] = /^v?([1-9][0-9]{0,8})$/.exec(revision ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Returns the first word that looks like an alias, in lower case and with the prefix `task_`. */
export function likeAlias(text: string): string | undefined {
  const [, word] =
    text.length > LONGEST_NAME ? [] : (/(?<![a-z0-9])task\\?[\W_]?([a-z0-9]{5,7})(?![a-z0-9])/.exec(text.toLowerCase()) ?? []);
  return word === undefined ? undefined : `task_${word}`;
}

/** Returns the aliases that a misspelt text may mean, the most similar first. */
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
 * Returns the values of the two check characters (a Reed-Solomon code). They make two sums zero modulo 31: the sum of
 * the six values, and the sum of each value times its position. So one or two wrong characters are always detected, and
 * so are two swapped characters.
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

/** Counts characters changed, lost, added, or swapped with a neighbour (optimal string alignment distance). */
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
