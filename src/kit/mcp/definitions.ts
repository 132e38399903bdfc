import type { Toolset } from '../define/lookup.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { outputSchema } from '../values/schema.ts';

/**
 * Returns the definitions for `tools/list`. If only the text of a result contains the handle, the output schemas do not
 * require it.
 *
 * Even then, the definitions keep their output schemas, because of the host Mastra 2.0. Mastra shows its model the text
 * of a result only if the tool has an output schema. Otherwise it shows the structured content, which lacks the handle.
 */
export function definitionsIn({ definitions, byName }: Toolset, { handleIn }: Environment): readonly ToolDefinition[] {
  if (handleIn !== 'text') return definitions;
  return definitions.map((definition) => {
    const fields = byName.get(definition.name)?.output;
    const asks = definition.outputSchema !== undefined && fields !== undefined;
    return asks ? { ...definition, outputSchema: outputSchema(`${definition.name}: outputSchema`, fields, false) } : definition;
  });
}
