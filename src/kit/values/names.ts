/** Finds the arguments of a tool if a client has spelled their names in another way, or wrapped them in an object. */
import { isObject } from './json.ts';
import { valueIn } from './meaning.ts';

/** Arguments as a client sent them, by name. */
export type Given = Readonly<Record<string, unknown>>;

/** Arguments that the host n8n adds to every call (n8n-io/n8n#21500, #22787). */
export const ADDED_BY_HOSTS = ['toolCallId', 'sessionId', 'chatInput'];

/** The names of objects in which models and hosts wrap the arguments. */
const WRAPPERS = ['input', 'arguments', 'args', 'params', 'parameters', 'kwargs', ''];

/**
 * Returns the arguments by their declared names:
 *
 * - If the only argument is an undeclared object such as `input`, the members of this object are the arguments.
 * - `Depth`, `"depth "` and `depth[]` mean `depth`, if `depth` itself is not given, and no other name means it.
 */
export function byDeclaredNames(given: Given, declared: readonly string[]): Given {
  return respelled(unwrapped(respelled(given, declared), declared), declared);
}

function unwrapped(given: Given, declared: readonly string[]): Given {
  const [name = '', ...others] = Object.keys(given);
  if (others.length > 0 || declared.includes(name) || !WRAPPERS.includes(name)) return given;
  const held = valueIn(given[name]);
  return isObject(held) ? held : given;
}

function respelled(given: Given, declared: readonly string[]): Given {
  // A host's own argument could also look like another spelling, for example `sessionId` like `session_id`.
  const undeclared = Object.keys(given).filter((name) => !declared.includes(name) && !ADDED_BY_HOSTS.includes(name));
  const [spellings, rivals] = [byLetters(undeclared), byLetters(declared)];
  const names = new Map<string, string>();
  for (const meant of declared) {
    const [spelling, ...others] = spellings.get(lettersOf(meant)) ?? [];
    const isPlain = others.length === 0 && rivals.get(lettersOf(meant))?.length === 1;
    if (spelling !== undefined && isPlain && !Object.hasOwn(given, meant)) names.set(spelling, meant);
  }
  if (names.size === 0) return given;
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [names.get(name) ?? name, value]));
}

function byLetters(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = groups.get(lettersOf(name));
    if (group === undefined) groups.set(lettersOf(name), [name]);
    else group.push(name);
  }
  return groups;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
