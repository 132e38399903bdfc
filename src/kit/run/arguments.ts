import { type Tool, takesHandle } from '../define/tool.ts';
import { readArguments } from '../values/arguments.ts';

/**
 * Reads the arguments of a call, except the task's handle.
 *
 * @param args the arguments, as the client sent them
 * @throws {ToolRefusal} `invalid_arguments`: the message says what was expected
 */
export function readInput(tool: Tool, args: unknown): Record<string, unknown> {
  const { name, inputSchema } = tool.definition;
  const given = (args ?? {}) as Record<string, unknown>;
  const lacksHandle = takesHandle(tool.role) && (given['handle'] ?? undefined) === undefined;
  return readArguments(tool.input, given, {
    name,
    takes: Object.keys(inputSchema['properties'] as object),
    strict: tool.strict,
    // If a delegation ignored a misspelt `expires_in`, the new handle would live longer than the model meant.
    heedsAll: tool.role === 'delegate',
    missing: lacksHandle
      ? `${name} needs the argument "handle": the newest handle of the task${given['handle'] === null ? ' (null counts as missing)' : ''}.`
      : undefined,
  });
}
