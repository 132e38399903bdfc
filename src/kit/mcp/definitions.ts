import type { Toolset } from '../define/lookup.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { outputSchema } from '../values/schema.ts';

/**
 * Returns the definitions for `tools/list`. If the environment puts the handle only into the text, the output schemas
 * do not require the handle. The tools still have output schemas, because of the host Mastra 2.0: if a tool has an
 * output schema, Mastra shows the model the text of a result; if not, Mastra shows the structured content.
 */
export function definitionsIn({ definitions, byName }: Toolset, { handleIn }: Environment): readonly ToolDefinition[] {
  if (handleIn !== 'text') return definitions;
  return definitions.map((definition) => {
    const fields = byName.get(definition.name)?.output;
    const asks = definition.outputSchema !== undefined && fields !== undefined;
    return asks ? { ...definition, outputSchema: outputSchema(fields, false) } : definition;
  });
}
