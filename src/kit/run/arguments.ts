import { readArguments } from '../define/arguments.ts';
import { type Tool, takesHandle } from '../define/tool.ts';

/**
 * Reads a tool's arguments, but for the handle.
 *
 * @param args as the client sent them
 * @throws {ToolRefusal} `invalid_arguments`, with what was expected
 */
export function readInput(tool: Tool, args: unknown): Record<string, unknown> {
  const { name, inputSchema } = tool.definition;
  const given = (args ?? {}) as Record<string, unknown>;
  const lacksHandle = takesHandle(tool.role) && (given['handle'] ?? undefined) === undefined;
  return readArguments(tool.input, given, {
    name,
    takes: Object.keys(inputSchema['properties'] as object),
    strict: tool.strict,
    // A misspelt `expires_in` would give a handle that lives longer than was meant, and nobody would hear of it.
    heedsAll: tool.role === 'delegate',
    missing: lacksHandle ? `${name} needs the argument "handle": the newest one of the task.` : undefined,
  });
}
