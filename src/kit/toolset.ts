import type { Tool, ToolDefinition } from './tool.ts';

/** The tools of one server, in a fixed order. */
export interface Toolset {
  /** As `tools/list` gives them. */
  readonly definitions: readonly ToolDefinition[];
  readonly byName: ReadonlyMap<string, Tool>;
}

/** Puts tools together. @throws {TypeError} where two have one name */
export function toolset(tools: readonly Tool[]): Toolset {
  const byName = new Map(tools.map((tool) => [tool.definition.name, tool]));
  if (byName.size < tools.length) throw new TypeError('toolset: two tools have one name');
  return { definitions: tools.map((tool) => tool.definition), byName };
}

/** The names of the tools that take handles of a kind. */
export function toolsThatTake(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.takesHandle && tool.kind.id === kind);
}

/** The names of the tools that start tasks of a kind. */
export function toolsThatStart(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => !tool.takesHandle && tool.kind.id === kind);
}

function namesOf(tools: Toolset, wanted: (tool: Tool) => boolean): string[] {
  return [...tools.byName.values()].filter(wanted).map((tool) => tool.definition.name);
}
