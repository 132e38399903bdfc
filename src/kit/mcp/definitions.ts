import type { Toolset } from '../define/lookup.ts';
import { outputSchema } from '../define/schema.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';

/**
 * Returns the definitions for `tools/list`. If the environment puts the handle only into the text, the output schemas do not
 * require the handle. Every tool keeps its output schema for the sake of one host: Mastra 2.0 shows a model the text of a
 * result only if the tool has an output schema, and otherwise the structured content.
 */
export function definitionsIn({ definitions, byName }: Toolset, { handleIn }: Environment): readonly ToolDefinition[] {
  if (handleIn !== 'text') return definitions;
  return definitions.map((definition) => {
    const fields = byName.get(definition.name)?.output;
    const asks = definition.outputSchema !== undefined && fields !== undefined;
    return asks ? { ...definition, outputSchema: outputSchema(fields, false) } : definition;
  });
}
