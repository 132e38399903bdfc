import {
  type HandleError,
  HandleExpired,
  HandleForbids,
  HandleMalformed,
  HandleOfWrongKind,
  HandleRejected,
  StateTooLarge,
} from '../../handle/index.ts';
import { kindsOf, type Takes } from '../define/kind.ts';
import { someOf, type Toolset, takenBy, toolsStarting } from '../define/lookup.ts';
import { type Tool, takesHandle } from '../define/tool.ts';
import type { Explanation, ToolRefusal } from '../values/refusal.ts';

/** The call that failed. */
export interface FailedCall {
  readonly tool: Tool;
  readonly tools: Toolset;
  /** The arguments; empty if they could not be read. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The argument whose handle is wrong. */
  readonly argument: string;
}

/** Writes the code and the text of an error. The text says what is wrong and which call to make next. */
export function explain(error: HandleError | ToolRefusal, call: FailedCall): Explanation {
  const which = call.argument === 'handle' ? '' : `${call.argument}: `;
  const newer = error instanceof HandleOfWrongKind ? newerThan(error.kind, call.tools) : undefined;
  if (newer !== undefined) return { code: 'newer_kind', text: `${which}${newer}` };
  return { code: error.code, text: `${which}${advise(error, call)}` };
}

function advise(error: HandleError | ToolRefusal, { tool, tools, input, argument }: FailedCall): string {
  const takes = tool.handles.get(argument) ?? tool.takes;
  if (error instanceof HandleMalformed) {
    return `${error.message} Pass the last handle again, whole and unchanged: copy every character.`;
  }
  if (error instanceof HandleRejected) {
    // In most cases a model has miscopied its handle, and the right copy still opens. So the advice is to compare
    // first.
    const anew = `start a new task${startingWith(takes, tools)}`;
    return `${error.message} Compare it with the last answer, and pass that handle again, exactly. Only if that is refused as well, ${anew}.`;
  }
  if (error instanceof HandleExpired) return `${error.message} Start again${startingWith(takes, tools)}.`;
  if (error instanceof HandleOfWrongKind) return `${error.message} ${takersOf(error.kind, tools)}`;
  if (error instanceof HandleForbids) {
    return `This handle was delegated with fewer rights, and lacks the right to call ${tool.definition.name}. Ask for a handle with that right.`;
  }
  if (error instanceof StateTooLarge) return tooLarge(error, tool, input);
  return error.message;
}

/**
 * Names the tools that take handles of this kind and version. If an earlier version has no migration, no tool takes it.
 */
function takersOf(id: string, tools: Toolset): string {
  const takers = [...tools.byName.values()].filter((tool) => takenBy(tool).some(({ readers }) => readers.has(id)));
  if (takers.length === 0) {
    const starters = toolsStarting(tools, nameIn(id));
    return `No tool of this server takes this handle.${starters.length > 0 ? ` Start a new task with ${starters.join(' or ')}.` : ''}`;
  }
  return `Tools that take this handle: ${someOf(takers.map(({ definition }) => definition.name))}.`;
}

/**
 * Returns the error for a handle of a newer version than this server knows; otherwise undefined. During a deployment, a
 * client can pass a handle from a new replica to an old one.
 */
function newerThan(id: string, tools: Toolset): string | undefined {
  const known = [...tools.byName.values()].flatMap((tool) => [tool.takes, ...takenBy(tool)]).flatMap(kindsOf);
  const kinds = known.filter(({ name }) => name === nameIn(id));
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
  const long = Object.keys(input).filter((name) => !tool.handles.has(name) && lengthOf(input[name]) > WORTH_SHORTENING);
  const advice = long.length > 0 ? `Shorten ${long.join(' or ')}.` : 'The task is full: end this task, and start a new task.';
  const kept = takesHandle(tool.role) ? ' The handle you passed is still good.' : '';
  return `Too large: the next handle would have ${size} ${unit}, and the limit is ${limit}. ${advice}${kept}`;
}

/** The length of an argument, in characters of JSON, above which the model is told to shorten it. */
const WORTH_SHORTENING = 100;

function lengthOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    // JSON cannot write the argument, or it is nested too deep for the call stack. The model should shorten it.
    return Number.POSITIVE_INFINITY;
  }
}

function startingWith(takes: Takes<unknown>, tools: Toolset): string {
  const starters = kindsOf(takes).flatMap(({ name }) => toolsStarting(tools, name));
  return starters.length > 0 ? ` with ${[...new Set(starters)].join(' or ')}` : '';
}
