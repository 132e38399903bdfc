import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { kindsOf } from './kind.ts';
import type { Tool, ToolDefinition } from './tool.ts';

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

/** The names of the tools that take handles of a kind, by its name without version. */
export function toolsTaking(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => tool.takesHandle && concerns(tool, kind));
}

/** The names of the tools that start tasks of a kind, by its name without version. */
export function toolsStarting(tools: Toolset, kind: string): string[] {
  return namesOf(tools, (tool) => !tool.takesHandle && concerns(tool, kind));
}

function concerns(tool: Tool, name: string): boolean {
  return kindsOf(tool.takes).some((kind) => kind.name === name);
}

function namesOf(tools: Toolset, wanted: (tool: Tool) => boolean): string[] {
  return [...tools.byName.values()].filter(wanted).map((tool) => tool.definition.name);
}
