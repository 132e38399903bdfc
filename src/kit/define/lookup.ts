import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { kindsOf, type Takes } from './kind.ts';
import { type Tool, type ToolDefinition, takesHandle } from './tool.ts';

/** The tools of one server, in a fixed order. Made by `toolset`. */
export interface Toolset {
  /** As `tools/list` gives them. */
  readonly definitions: readonly ToolDefinition[];
  /** Every tool that may be called, listed or not. */
  readonly byName: ReadonlyMap<string, Tool>;
  /** The tools that find and call those that are not listed. Empty where all are. */
  readonly finders: ReadonlyMap<string, Finder>;
}

/** Runs a tool of the set. */
export type RunTool = (tool: Tool, args: unknown) => Promise<CallToolResult | InputRequiredResult>;

/** A tool about tools: it carries no state, and may have another run. */
export type Finder = (args: unknown, run: RunTool) => Promise<CallToolResult | InputRequiredResult>;

/** How many names an error tells. */
const MOST_NAMED = 30;

/** Names in a row, or the first of very many. */
export function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** What handles a tool takes, to move them on or only to look at them. */
export function takenBy({ role, takes, handles }: Tool): Takes<unknown>[] {
  return [...(takesHandle(role) ? [takes] : []), ...handles.values()];
}

/** The names of the tools that take handles of a kind, by its name without version. */
export function toolsTaking(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) =>
    takenBy(tool)
      .flatMap(kindsOf)
      .some(({ name }) => name === kind),
  );
}

/** The names of the tools that start tasks of a kind, by its name without version. */
export function toolsStarting(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.role === 'create' && kindsOf(tool.takes).some(({ name }) => name === kind));
}

/** The names of the tools that end tasks of a kind, by its name without version. */
export function toolsEnding(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.role === 'end' && kindsOf(tool.takes).some(({ name }) => name === kind));
}

function namesOf(tools: Toolset, wanted: (tool: Tool) => boolean): string[] {
  return [...tools.byName.values()].filter(wanted).map((tool) => tool.definition.name);
}
