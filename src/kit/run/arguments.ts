import { problemsIn, ToolRefusal } from '../define/refusal.ts';
import type { Tool } from '../define/tool.ts';

/** How much of what a client sent is repeated to it in an error: names, their length, and problems. */
const MOST = 5;
const LONGEST_NAME = 40;

/**
 * Reads a tool's arguments, but for the handle.
 *
 * @param args as the client sent them
 * @throws {ToolRefusal} `invalid_arguments`, with what was expected. However much is wrong, the message stays short.
 */
export function readInput(tool: Tool, args: unknown): Record<string, unknown> {
  const { name, inputSchema } = tool.definition;
  const given = (args ?? {}) as Record<string, unknown>;
  const expected = Object.keys(inputSchema['properties'] as object);
  const unknown = Object.keys(given).filter((argument) => !expected.includes(argument));
  if (unknown.length > 0) {
    const shown = unknown.slice(0, MOST).map((argument) => JSON.stringify(argument.slice(0, LONGEST_NAME)));
    const more = unknown.length > MOST ? ` and ${unknown.length - MOST} more` : '';
    throw new ToolRefusal(
      'invalid_arguments',
      `${name} does not take ${shown.join(', ')}${more}; it takes ${expected.join(', ') || 'none'}.`,
    );
  }
  const { handle, ...input } = given;
  if (tool.role !== 'create' && handle === undefined) {
    throw new ToolRefusal('invalid_arguments', `${name} needs the argument "handle": the newest one of the task.`);
  }
  const parsed = tool.input.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ToolRefusal('invalid_arguments', `The arguments do not fit ${name}:\n${problemsIn(parsed.error)}`);
}
