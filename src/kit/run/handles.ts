/** What a call does with handles: opens those that it is given, and issues the next one. */
import {
  attenuate,
  type Claims,
  DEFAULT_MAX_LENGTH,
  HandleError,
  type IssuedHandle,
  issue,
  type OpenHandle,
  reissue,
} from '../../handle/index.ts';
import { type Delegation, requireRights, rightsIn, rightsTo } from '../define/delegation.ts';
import { type Kind, kindNamed, kindsOf, settle, type Takes } from '../define/kind.ts';
import { type Toolset, toolsEnding } from '../define/lookup.ts';
import type { Tool } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { keyToMint, openSealed, requireNotRevoked } from '../environment.ts';
import { bareHandle } from './bare-handle.ts';

/** A call under way: what its steps need. */
export interface Work {
  readonly tools: Toolset;
  readonly tool: Tool;
  readonly environment: Environment;
  /** One moment for the whole call. Seconds since 1970. */
  readonly now: number;
  /** The caller, as handles name it. */
  readonly subject: string | undefined;
}

/** A handle in an answer. */
export interface Carried {
  readonly handle: string;
  readonly claims: Claims;
  /** Of the handle, for the model. */
  readonly warning?: string | undefined;
}

/** Opens the handle that a tool works on. @throws {HandleError} */
export function openTaskHandle(work: Work, handle: unknown): Promise<OpenHandle> {
  const { tool, tools } = work;
  const { name } = tool.definition;
  // Whoever holds a right may hand it on.
  const needs = tool.role === 'delegate' ? rightsIn(tools) : tool.role === 'read' ? [name, 'read'] : [name];
  return openFor(work, handle, tool.takes, needs);
}

/** What was wrong with a handle that is not the main one: the model must know which. */
export class HandleArgumentError extends Error {
  readonly argument: string;
  override readonly cause: HandleError;
  constructor(argument: string, cause: HandleError) {
    super(cause.message);
    this.argument = argument;
    this.cause = cause;
  }
}

/** Opens the other handles among the arguments: they are looked at and stay as they are. @throws {HandleArgumentError} */
export async function openHandleArguments(work: Work, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const states: Record<string, unknown> = {};
  for (const [argument, takes] of work.tool.handles) {
    if (input[argument] === undefined) continue;
    try {
      states[argument] = (await openFor(work, input[argument], takes, [work.tool.definition.name, 'read'])).state;
    } catch (error) {
      throw error instanceof HandleError ? new HandleArgumentError(argument, error) : error;
    }
  }
  return states;
}

function openFor({ environment, now, subject }: Work, handle: unknown, { readers }: Takes<unknown>, needs: readonly string[]) {
  return openSealed(environment, bareHandle(handle), { now, subject, kinds: readers, needs });
}

/** Room that is left in every handle but a last one, so that a task can always be ended. Characters. */
const ROOM_TO_END = 1024;

/**
 * Issues the handle that a tool answers with: the first of a task, or the next.
 *
 * @throws {StateTooLarge} @throws {ToolRefusal} `unavailable`
 */
export function issueNext(work: Work, opened: OpenHandle | undefined, value: unknown): Promise<IssuedHandle> {
  const { tool, environment, now, subject } = work;
  const key = keyToMint(environment, now);
  requireNotRevoked(environment, now, { sub: subject, ...(opened && { jti: opened.claims.jti }) });
  const { kind, state } = settle(tool.takes, value);
  const limit = limitOf(kind, environment);
  const options = { compress: kind.visible, maxLength: tool.role === 'end' ? limit : limit - ROOM_TO_END };
  if (opened !== undefined) return reissue(opened, { kind: kind.id, state, now }, key, options);
  return issue({ kind: kind.id, state, now, lifetime: kind.lifetime, audience: environment.audience, subject }, key, options);
}

/**
 * Issues a handle that may do less than the one that was opened.
 *
 * @throws {StateTooLarge} @throws {ToolRefusal} `unavailable`, or where it would allow more
 */
export function handOn(work: Work, opened: OpenHandle, wish: Delegation): Promise<IssuedHandle> {
  const { tools, environment, now, subject } = work;
  const key = keyToMint(environment, now);
  requireNotRevoked(environment, now, { sub: subject, jti: opened.claims.jti });
  const kind = kindNamed(opened.claims.kind, kindsOf(work.tool.takes));
  const { rights, expires_in } = wish;
  requireRights(rights, rightsTo(tools, kind), opened.claims.scp);
  const exp = expires_in === undefined ? opened.claims.exp : Math.min(opened.claims.exp, Math.max(now, opened.claims.iat) + expires_in);
  // The state goes on as it is; of an earlier version nobody says here that the client may see it.
  const compress = kind.visible && kind.id === opened.claims.kind;
  return attenuate(opened, { rights, exp, now }, key, { compress, maxLength: limitOf(kind, environment) });
}

/**
 * What to say of a new handle that fills more than half of the room there is: in time, for a model that must copy each
 * character of the handle, and may not get so far (models end their output, and hosts cut what tools answer).
 */
export function warningOf({ tool, tools, environment }: Work, { handle, claims }: Carried): string | undefined {
  if (tool.role !== 'create' && tool.role !== 'update') return undefined;
  const kind = kindNamed(claims.kind, kindsOf(tool.takes));
  const limit = limitOf(kind, environment);
  if (handle.length <= limit / 2) return undefined;
  const enders = toolsEnding(tools, kind.name);
  const how = enders.length > 0 ? ` with ${enders.join(' or ')}` : '';
  return `The handle grows long: it has ${handle.length} of at most ${limit} characters. Add less, or end this task${how} and go on in a new one.`;
}

function limitOf(kind: Kind, { maxLength = DEFAULT_MAX_LENGTH }: Environment): number {
  return Math.min(maxLength, kind.maxLength ?? maxLength);
}
