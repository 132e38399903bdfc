import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { kindsOf, type Takes } from './kind.ts';
import { type Tool, type ToolDefinition, takesHandle } from './tool.ts';

/** The tools of one server, in a fixed order. The function `toolset` makes a `Toolset`. */
export interface Toolset {
  /** The definitions that `tools/list` returns. */
  readonly definitions: readonly ToolDefinition[];
  /** Every tool that clients may call by name, even if `tools/list` omits it. The finders are not included. */
  readonly byName: ReadonlyMap<string, Tool>;
  /** The three tools that find, describe and call the others. Empty if `tools/list` returns every tool. */
  readonly finders: ReadonlyMap<string, Finder>;
}

/** Runs a tool of the set and returns its result. */
export type RunTool = (tool: Tool, args: unknown) => Promise<CallToolResult | InputRequiredResult>;

/** A tool that finds, describes or calls other tools. It has no state. It calls another tool through `run`. */
export type Finder = (args: unknown, run: RunTool) => Promise<CallToolResult | InputRequiredResult>;

/** The maximum number of names that an error lists. */
const MOST_NAMED = 30;

/** Joins the first 30 names with commas, and says how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** Returns the kinds of the handles that a tool takes. The kinds for the argument `handle` come first. */
export function takenBy({ role, takes, handles }: Tool): Takes<unknown>[] {
  return [...(takesHandle(role) ? [takes] : []), ...handles.values()];
}

/** Returns the names of the tools that take handles of a kind. @param kind the name without the version */
export function toolsTaking(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) =>
    takenBy(tool)
      .flatMap(kindsOf)
      .some(({ name }) => name === kind),
  );
}

/** Returns the names of the tools that start a task of a kind. @param kind the name without the version */
export function toolsStarting(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.role === 'create' && kindsOf(tool.takes).some(({ name }) => name === kind));
}

/** Returns the names of the tools that end a task of a kind. @param kind the name without the version */
export function toolsEnding(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.role === 'end' && kindsOf(tool.takes).some(({ name }) => name === kind));
}

function namesOf(tools: Toolset, wanted: (tool: Tool) => boolean): string[] {
  return [...tools.byName.values()].filter(wanted).map((tool) => tool.definition.name);
}
