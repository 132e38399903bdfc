import type { Toolset } from '../define/lookup.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';

/** As `tools/list` gives them. An output schema would ask for the handle, which the structured content may not say here. */
export function definitionsIn({ definitions }: Toolset, { handleIn }: Environment): readonly ToolDefinition[] {
  if (handleIn !== 'text') return definitions;
  return definitions.map(({ outputSchema: _asksForIt, ...definition }) => definition);
}
