import { delegationOver } from './delegation.ts';
import { finderDefinitions, findersOver } from './discovery.ts';
import { type Kind, kindsOf } from './kind.ts';
import type { Toolset } from './lookup.ts';
import type { Tool, ToolDefinition } from './tool.ts';

/**
 * What `tools/list` returns.
 *
 * - `all`: every definition.
 * - `search`: three tools that find, describe and call the others.
 * - `auto`: `all`, or `search` if the definitions have more than {@link MOST_TOKENS_LISTED} tokens.
 *
 * The list never varies by caller or by earlier calls, so clients can cache it (SEP-2567).
 */
export type Listing = (typeof LISTINGS)[number];

const LISTINGS = ['all', 'search', 'auto'] as const;

/** How {@link toolset} joins tools. */
export interface ToolsetOptions {
  /** What `tools/list` returns. Default: `all`. */
  readonly list?: Listing;
  /** Adds the tool `delegate_task`, which hands a task on with fewer rights, if any tool takes a handle. Default: true. */
  readonly delegation?: boolean;
}

/** The most tokens that `auto` lists, as {@link estimateTokens} estimates them. */
export const MOST_TOKENS_LISTED = 5000;

/**
 * Joins the tools of one server.
 *
 * @param tools in the order in which clients list them
 * @throws {TypeError} two tools have the same name, a kind was declared twice, or `list` is not a {@link Listing}
 *
 * @example
 * ```ts
 * import { type Tool, toolset } from 'waxseal';
 * import { researchTools } from 'waxseal/research';
 *
 * const withMine = (mine: readonly Tool[]) => toolset([...researchTools, ...mine], { list: 'auto' });
 * ```
 */
export function toolset(tools: readonly Tool[], { list = 'all', delegation = true }: ToolsetOptions = {}): Toolset {
  if (!LISTINGS.includes(list)) throw new TypeError(`toolset: list must be all, search or auto, and not ${JSON.stringify(list)}`);
  const delegate = delegation ? delegationOver(tools) : undefined;
  const all = delegate === undefined ? tools : [...tools, delegate];
  const byName = new Map(all.map((tool) => [tool.definition.name, tool]));
  const definitions = all.map((tool) => tool.definition);
  const searched = list === 'search' || (list === 'auto' && estimateTokens(definitions) > MOST_TOKENS_LISTED);
  const finders = searched ? findersOver(byName) : new Map();
  const names = [...all.map((tool) => tool.definition.name), ...finders.keys()];
  const twice = names.find((name, place) => names.indexOf(name) < place);
  if (twice !== undefined) throw new TypeError(`toolset: two tools are named "${twice}"`);
  requireOneOfEach(all.flatMap((tool) => [tool.takes, ...tool.handles.values()]).flatMap(kindsOf));
  return { definitions: searched ? finderDefinitions : definitions, byName, finders };
}

/** Refuses two declarations of one kind. Each would read the other's handles, and might read them wrongly. */
function requireOneOfEach(kinds: readonly Kind[]): void {
  const twice = kinds.find((kind) => kinds.some((other) => other.id === kind.id && other !== kind));
  if (twice !== undefined) {
    throw new TypeError(`toolset: the kind ${twice.id} was declared twice. The tools of one server must share one declaration.`);
  }
}

/**
 * Estimates how many tokens a list of definitions costs a model: one for every four characters of its JSON. A server needs
 * no tokenizer for this estimate. `waxseal tools` counts exactly.
 *
 * @example
 * ```ts
 * import { estimateTokens, toolset } from 'waxseal';
 * import { researchTools } from 'waxseal/research';
 *
 * const tokens = estimateTokens(toolset(researchTools).definitions);
 * ```
 */
export function estimateTokens(definitions: readonly ToolDefinition[]): number {
  return Math.ceil(JSON.stringify(definitions).length / 4);
}
