/**
 * The topic of a task, in the words of the call that started the task. A model that lost a task's alias recognizes the
 * task by its topic.
 */
import { readAlias } from './alias.ts';
import { oneLine } from './json-handles.ts';

/** The arguments that most often contain a topic, the best first. */
const TELLING = ['topic', 'title', 'subject', 'name', 'label', 'query', 'question', 'goal'];

/**
 * Returns the topic of the task that a call starts: the argument with the best name, or else the first argument with
 * text. Aliases and handles are no topics.
 *
 * @param args the arguments as the model wrote them, with aliases
 */
export function topicIn(args: unknown): string | undefined {
  if (typeof args !== 'object' || args === null) return undefined;
  const members = args as Readonly<Record<string, unknown>>;
  // A tool that calls another tool takes the other's arguments as `arguments`.
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
