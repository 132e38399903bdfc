import {
  type HandleError,
  HandleExpired,
  HandleForbids,
  HandleMalformed,
  HandleOfWrongKind,
  HandleRejected,
  StateTooLarge,
} from '../handle/index.ts';
import { kindsOf } from './kind.ts';
import type { Tool, ToolRefusal } from './tool.ts';
import { type Toolset, toolsStarting, toolsTaking } from './toolset.ts';

/** Which call an error came of. */
export interface FailedCall {
  readonly tool: Tool;
  readonly tools: Toolset;
  /** The arguments, as far as they were read. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The argument that a handle was wrong in. */
  readonly argument: string;
}

/** An execution error: for programs, and for the model. */
export interface Explanation {
  readonly code: string;
  readonly text: string;
}

/** What the model reads of an error: what is wrong, and which call comes next. */
export function explain(error: HandleError | ToolRefusal, call: FailedCall): Explanation {
  const newer = error instanceof HandleOfWrongKind ? newerThan(error.kind, call.tools) : undefined;
  if (newer !== undefined) return { code: 'newer_kind', text: newer };
  const which = call.argument === 'handle' ? '' : `${call.argument}: `;
  return { code: error.code, text: `${which}${advise(error, call)}` };
}

function advise(error: HandleError | ToolRefusal, { tool, tools, input }: FailedCall): string {
  if (error instanceof HandleMalformed) {
    return `${error.message} Pass the last handle again, whole and unchanged: copy every character.`;
  }
  if (error instanceof HandleRejected) return `${error.message} Start a new task${startingWith(tool, tools)}.`;
  if (error instanceof HandleExpired) return `${error.message} Start again${startingWith(tool, tools)}.`;
  if (error instanceof HandleOfWrongKind) {
    const takers = toolsTaking(tools, nameIn(error.kind));
    return `${error.message} ${takers.length > 0 ? `Tools that take it: ${takers.join(', ')}.` : 'No tool of this server takes it.'}`;
  }
  if (error instanceof HandleForbids) {
    return `This handle was handed on with fewer rights: it lacks the right to ${tool.definition.name}. Ask for a handle that has it.`;
  }
  if (error instanceof StateTooLarge) return tooLarge(error, tool, input);
  return error.message;
}

/** While a deployment is under way, a handle of the new version may come back to a replica of the old. */
function newerThan(id: string, tools: Toolset): string | undefined {
  const kinds = [...tools.byName.values()].flatMap((tool) => kindsOf(tool.takes)).filter(({ name }) => name === nameIn(id));
  const newest = Math.max(...kinds.map(({ version }) => version));
  if (kinds.length === 0 || !(Number(id.slice(id.indexOf('@') + 1)) > newest)) return undefined;
  return (
    `This handle is of kind ${id}, and this server reads ${nameIn(id)} up to version ${newest}: a newer version is being deployed. ` +
    'Nothing is lost: pass the same handle again in a minute, unchanged.'
  );
}

function nameIn(id: string): string {
  return id.slice(0, id.indexOf('@'));
}

function tooLarge({ size, limit, unit }: StateTooLarge, tool: Tool, input: FailedCall['input']): string {
  const long = Object.keys(input).filter((name) => (input[name] as { length?: number } | undefined)?.length);
  const advice = long.length > 0 ? ` Shorten ${long.join(' or ')}.` : '';
  const kept = tool.takesHandle ? ' The handle you passed is still good.' : '';
  return `Too large: the next handle would take ${size} ${unit}, and ${limit} are allowed.${advice}${kept}`;
}

function startingWith(tool: Tool, tools: Toolset): string {
  const starters = kindsOf(tool.takes).flatMap(({ name }) => toolsStarting(tools, name));
  return starters.length > 0 ? ` with ${[...new Set(starters)].join(' or ')}` : '';
}
