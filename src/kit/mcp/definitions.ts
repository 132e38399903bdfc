import type { Toolset } from '../define/lookup.ts';
import { outputSchema } from '../define/schema.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';

/**
 * Returns the definitions for `tools/list`. If the environment keeps the handle out of structured content, the output schemas do
 * not require the handle. Every tool keeps its output schema, because one host (Mastra 2.0) shows a model the text of a tool
 * only if the tool has an output schema. Of other tools it shows the structured content.
 */
export function definitionsIn({ definitions, byName }: Toolset, { handleIn }: Environment): readonly ToolDefinition[] {
  if (handleIn !== 'text') return definitions;
  return definitions.map((definition) => {
    const fields = byName.get(definition.name)?.output;
    const asks = definition.outputSchema !== undefined && fields !== undefined;
    return asks ? { ...definition, outputSchema: outputSchema(fields, false) } : definition;
  });
}
