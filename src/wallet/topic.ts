/** What a task is about, in the words of whoever began it: what a model knows it by that has forgotten its alias. */
import { readAlias } from './alias.ts';
import { oneLine } from './json-handles.ts';

/** Arguments that tell it best. */
const TELLING = ['topic', 'title', 'subject', 'name', 'label', 'query', 'question', 'goal'];

/**
 * The topic of a task that a call begins: of its arguments one that is named for it, else the first that is a text.
 * Undefined where none is.
 *
 * @param args as the model wrote them, with aliases
 */
export function topicIn(args: unknown): string | undefined {
  if (typeof args !== 'object' || args === null) return undefined;
  const members = args as Readonly<Record<string, unknown>>;
  // A tool that calls others takes the arguments of these as `arguments`.
  const inner = topicIn(members['arguments']);
  if (inner !== undefined) return inner;
  const names = [...TELLING.filter((name) => Object.hasOwn(members, name)), ...Object.keys(members).filter((name) => name !== 'handle')];
  for (const name of names) {
    const value = members[name];
    const line = typeof value === 'string' && readAlias(value) === undefined ? oneLine(value) : undefined;
    if (line !== undefined) return line;
  }
  return undefined;
}
