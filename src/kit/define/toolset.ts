import { isObject } from '../values/json.ts';
import { requireKnown } from './declaration.ts';
import { delegationOver } from './delegation.ts';
import { finderDefinitions, findersOver } from './discovery.ts';
import { type Kind, kindsOf } from './kind.ts';
import type { Toolset } from './lookup.ts';
import type { Tool, ToolDefinition } from './tool.ts';

/**
 * Which tools `tools/list` returns. The list is the same for every caller and every call, so clients can cache it
 * (SEP-2567).
 *
 * - `all`: every tool.
 * - `search`: only three tools, which find, describe and call the others.
 * - `auto`: like `search` if the definitions have more than {@link MOST_TOKENS_LISTED} tokens, otherwise like `all`.
 */
export type Listing = (typeof LISTINGS)[number];

const LISTINGS = ['all', 'search', 'auto'] as const;

/** Options for {@link toolset}. */
export interface ToolsetOptions {
  /** Which tools `tools/list` returns. Default: `all`. */
  readonly list?: Listing;
  /**
   * Whether to add `delegate_task`, which makes a handle with fewer rights for another agent. It is added only if some
   * tool takes a handle. Default: true.
   */
  readonly delegation?: boolean;
}

/**
 * With `auto`, the server lists every tool if their definitions have at most this many tokens. {@link estimateTokens}
 * counts them.
 */
export const MOST_TOKENS_LISTED = 5000;

/**
 * Joins the tools of one server.
 *
 * @param tools the tools, in the order in which `tools/list` returns them
 * @throws {TypeError} a value is no tool, two tools have the same name, or a kind was declared twice
 * @throws {TypeError} `list` is not a {@link Listing}, or there is an unknown option
 *
 * @example
 * ```ts
 * import { type Tool, toolset } from 'waxseal';
 * import { researchTools } from 'waxseal/research';
 *
 * const withMine = (mine: readonly Tool[]) => toolset([...researchTools, ...mine], { list: 'auto' });
 * ```
 */
export function toolset(tools: readonly Tool[], options: ToolsetOptions = {}): Toolset {
  requireTools(tools);
  requireKnown('toolset: the options', options, ['list', 'delegation']);
  const { list = 'all', delegation = true } = options;
  if (!LISTINGS.includes(list)) throw new TypeError(`toolset: list must be all, search or auto, and not ${JSON.stringify(list)}`);
  const delegate = delegation ? delegationOver(tools) : undefined;
  const all = delegate === undefined ? tools : [...tools, delegate];
  const byName = new Map(all.map((tool) => [tool.definition.name, tool]));
  const definitions = all.map((tool) => tool.definition);
  const searched = list === 'search' || (list === 'auto' && estimateTokens(definitions) > MOST_TOKENS_LISTED);
  const finders = searched ? findersOver(byName) : new Map();
  const names = [...all.map((tool) => tool.definition.name), ...finders.keys()];
  const twice = names.find((name, place) => names.indexOf(name) < place);
  if (twice !== undefined) {
    const isAdded = twice === delegate?.definition.name;
    const advice = isAdded ? '. The kit adds one. To leave it out, pass { delegation: false }.' : '';
    throw new TypeError(`toolset: two tools are named "${twice}"${advice}`);
  }
  requireOneOfEach(all.flatMap((tool) => [tool.takes, ...tool.handles.values()]).flatMap(kindsOf));
  return { definitions: searched ? finderDefinitions : definitions, byName, finders };
}

function requireTools(tools: unknown): void {
  if (!Array.isArray(tools)) throw new TypeError('toolset: expected a list of tools');
  const at = tools.findIndex((tool) => !(isObject(tool) && 'definition' in tool));
  if (at === -1) return;
  throw new TypeError(`toolset: element ${at} of the list is no tool. createTool, updateTool and so on make tools.`);
}

/** Refuses two declarations of one kind. Their schemas could differ, and a tool could then misread a handle. */
function requireOneOfEach(kinds: readonly Kind[]): void {
  const twice = kinds.find((kind) => kinds.some((other) => other.id === kind.id && other !== kind));
  if (twice !== undefined) {
    throw new TypeError(`toolset: the kind ${twice.id} was declared twice. The tools of one server must share one declaration.`);
  }
}

/**
 * Estimates how many tokens a list of definitions costs a model: a quarter of the characters of its JSON. No tokenizer
 * is needed. The command `waxseal tools` counts exactly.
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
