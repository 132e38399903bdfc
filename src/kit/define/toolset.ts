import { delegationOver } from './delegation.ts';
import { finderDefinitions, findersOver } from './discovery.ts';
import { type Kind, kindsOf } from './kind.ts';
import type { Toolset } from './lookup.ts';
import type { Tool, ToolDefinition } from './tool.ts';

/**
 * What `tools/list` gives: every definition; or three tools that find, describe and call the others; or whichever
 * is right for how many there are. It never varies by caller or by earlier calls, so that it can be cached (SEP-2567).
 */
export type Listing = (typeof LISTINGS)[number];

const LISTINGS = ['all', 'search', 'auto'] as const;

export interface ToolsetOptions {
  /** Default: `all`. */
  readonly list?: Listing;
  /** Whether there is a tool `delegate_task`, which hands a task on with fewer rights. Default: true. */
  readonly delegation?: boolean;
}

/** With `auto`, definitions beyond this are not listed but searched. Tokens, as {@link estimateTokens} has them. */
export const MOST_TOKENS_LISTED = 5000;

/** Puts tools together. @throws {TypeError} where two have one name, or a kind was declared twice */
export function toolset(tools: readonly Tool[], { list = 'all', delegation = true }: ToolsetOptions = {}): Toolset {
  if (!LISTINGS.includes(list)) throw new TypeError(`toolset: list is ${LISTINGS.join(', ')}, and not ${JSON.stringify(list)}`);
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

/** Two declarations of one kind would read each other's handles, and one of them wrongly. */
function requireOneOfEach(kinds: readonly Kind[]): void {
  const twice = kinds.find((kind) => kinds.some((other) => other.id === kind.id && other !== kind));
  if (twice !== undefined) throw new TypeError(`toolset: ${twice.id} was declared twice; tools of one server share one declaration`);
}

/**
 * About how many tokens definitions cost a model: a token is four characters of JSON Schema. `waxseal tools` counts
 * them exactly, but no server should carry a tokenizer for that.
 */
export function estimateTokens(definitions: readonly ToolDefinition[]): number {
  return Math.ceil(JSON.stringify(definitions).length / 4);
}
