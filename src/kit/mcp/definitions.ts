import type { Toolset } from '../define/lookup.ts';
import { outputSchema } from '../define/schema.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';

/**
 * As `tools/list` gives them. Where the structured content may not say the handle, no output schema asks for it. The rest
 * of the schema stays: a host may show a model the text of a tool that has an output schema, and the structured content
 * of a tool that has none (Mastra 2.0).
 */
export function definitionsIn({ definitions, byName }: Toolset, { handleIn }: Environment): readonly ToolDefinition[] {
  if (handleIn !== 'text') return definitions;
  return definitions.map((definition) => {
    const fields = byName.get(definition.name)?.output;
    const asks = definition.outputSchema !== undefined && fields !== undefined;
    return asks ? { ...definition, outputSchema: outputSchema(fields, false) } : definition;
  });
}
