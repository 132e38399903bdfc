import { type Tool, takesHandle } from '../define/tool.ts';
import { readArguments } from '../values/arguments.ts';
import { byDeclaredNames, type Given } from '../values/names.ts';
import { bareHandle, trimmedHandle } from './bare-handle.ts';

/**
 * Finds the arguments of a call by their declared names, and takes their handles out of other text.
 *
 * @param args the arguments, as the client sent them
 */
export function givenTo(tool: Tool, args: unknown): Given {
  const sent = (args ?? {}) as Given;
  // A proxy may rely on the header that repeats an argument. The SDK compares the two only by the declared name.
  const isExact = tool.strict || tool.mirrors;
  const given = isExact ? sent : byDeclaredNames(sent, namesFor(tool));
  const handles = ['handle', ...tool.handles.keys()].filter((name) => Object.hasOwn(given, name));
  // The text around the handle may contain the `expires_in` or the `rights` that a model wants for a delegation.
  const read = tool.role === 'delegate' ? trimmedHandle : bareHandle;
  return { ...given, ...Object.fromEntries(handles.map((name) => [name, read(given[name])])) };
}

/**
 * Reads the arguments of a call, except the task's handle.
 *
 * @throws {ToolRefusal} `invalid_arguments`: the message says what was expected
 */
export function readInput(tool: Tool, given: Given): Record<string, unknown> {
  const { name } = tool.definition;
  const lacksHandle = takesHandle(tool.role) && (given['handle'] ?? undefined) === undefined;
  return readArguments(tool.input, given, {
    name,
    takes: namesFor(tool),
    strict: tool.strict,
    // If a delegation ignored a misspelt `expires_in`, the new handle would live longer than the model meant.
    heedsAll: tool.role === 'delegate',
    missing: lacksHandle
      ? `${name} needs the argument "handle": the newest handle of the task${given['handle'] === null ? ' (null counts as missing)' : ''}.`
      : undefined,
  });
}

/** Returns the names of the arguments that a tool takes. */
function namesFor({ definition }: Tool): string[] {
  return Object.keys(definition.inputSchema['properties'] as object);
}
