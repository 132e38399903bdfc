import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { kindsOf, type Takes } from './kind.ts';
import { type Tool, type ToolDefinition, takesHandle } from './tool.ts';

/** The tools of one server, in a fixed order. The function `toolset` returns a `Toolset`. */
export interface Toolset {
  /** The definitions that `tools/list` returns. */
  readonly definitions: readonly ToolDefinition[];
  /** Every tool that a client may call by its name, even if `tools/list` does not return the tool. The finders are not included. */
  readonly byName: ReadonlyMap<string, Tool>;
  /** The finders: three tools that find, describe and call the other tools. Empty if `tools/list` returns every tool. */
  readonly finders: ReadonlyMap<string, Finder>;
}

/** Runs a tool of the set, and returns the tool's result. */
export type RunTool = (tool: Tool, args: unknown) => Promise<CallToolResult | InputRequiredResult>;

/** A tool that finds, describes or calls other tools. A finder has no state. To call another tool, a finder uses the function `run`. */
export type Finder = (args: unknown, run: RunTool) => Promise<CallToolResult | InputRequiredResult>;

/** The maximum number of names that an error lists. */
const MOST_NAMED = 30;

/** Returns names as one text, separated by commas. The text contains the first 30 names, and tells how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** Returns the kinds of the handles that a tool takes: first for the handle of its task, then for the handles in other arguments. */
export function takenBy({ role, takes, handles }: Tool): Takes<unknown>[] {
  return [...(takesHandle(role) ? [takes] : []), ...handles.values()];
}

/** Returns the names of the tools that take a kind. @param kind the kind's name without its version */
export function toolsTaking(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) =>
    takenBy(tool)
      .flatMap(kindsOf)
      .some(({ name }) => name === kind),
  );
}

/** Returns the names of the tools that start a task of a kind. @param kind the kind's name without its version */
export function toolsStarting(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.role === 'create' && kindsOf(tool.takes).some(({ name }) => name === kind));
}

/** Returns the names of the tools that end a task of a kind. @param kind the kind's name without its version */
export function toolsEnding(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.role === 'end' && kindsOf(tool.takes).some(({ name }) => name === kind));
}

function namesOf(tools: Toolset, wanted: (tool: Tool) => boolean): string[] {
  return [...tools.byName.values()].filter(wanted).map((tool) => tool.definition.name);
}
