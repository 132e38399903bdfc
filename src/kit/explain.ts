import {
  type HandleError,
  HandleExpired,
  HandleForbids,
  HandleMalformed,
  HandleOfWrongKind,
  HandleRejected,
  StateTooLarge,
} from '../handle/index.ts';
import type { Tool, ToolRefusal } from './tool.ts';
import { type Toolset, toolsThatStart, toolsThatTake } from './toolset.ts';

/** Which call an error came of. */
export interface FailedCall {
  readonly tool: Tool;
  readonly tools: Toolset;
  /** The arguments, as far as they were read. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the model reads of an error: what is wrong, and which call comes next. */
export function explain(error: HandleError | ToolRefusal, { tool, tools, input }: FailedCall): string {
  if (error instanceof HandleMalformed) {
    return `${error.message} Pass the last handle again, whole and unchanged: copy every character.`;
  }
  if (error instanceof HandleRejected) return `${error.message} Start a new task${startingWith(tool.kind.id, tools)}.`;
  if (error instanceof HandleExpired) return `${error.message} Start again${startingWith(tool.kind.id, tools)}.`;
  if (error instanceof HandleOfWrongKind) {
    const takers = toolsThatTake(tools, error.kind);
    return `${error.message} ${takers.length > 0 ? `Tools that take it: ${takers.join(', ')}.` : 'No tool of this server takes it.'}`;
  }
  if (error instanceof HandleForbids) {
    return `This handle was handed on with fewer rights: it lacks the right to ${tool.definition.name}. Ask for a handle that has it.`;
  }
  if (error instanceof StateTooLarge) return tooLarge(error, tool, input);
  return error.message;
}

function tooLarge({ size, limit, unit }: StateTooLarge, tool: Tool, input: FailedCall['input']): string {
  const long = Object.keys(input).filter((name) => (input[name] as { length?: number } | undefined)?.length);
  const advice = long.length > 0 ? ` Shorten ${long.join(' or ')}.` : '';
  const kept = tool.takesHandle ? ' The handle you passed is still good.' : '';
  return `Too large: the next handle would take ${size} ${unit}, and ${limit} are allowed.${advice}${kept}`;
}

function startingWith(kind: string, tools: Toolset): string {
  const starters = toolsThatStart(tools, kind);
  return starters.length > 0 ? ` with ${starters.join(' or ')}` : '';
}
