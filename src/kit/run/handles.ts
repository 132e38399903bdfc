/** Opens the handles of a call, and issues the next handle. */
import {
  attenuate,
  type Claims,
  DEFAULT_MAX_LENGTH,
  HandleError,
  HandleRejected,
  type IssuedHandle,
  issue,
  type OpenHandle,
  type ReadState,
  reissue,
} from '../../handle/index.ts';
import { type Delegation, requireRights, rightsIn, rightsTo } from '../define/delegation.ts';
import { type Kind, kindNamed, kindsOf, settle, type Takes } from '../define/kind.ts';
import { type Toolset, toolsEnding } from '../define/lookup.ts';
import type { Tool } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { keyToMint, openSealed, requireNotRevoked } from '../environment.ts';
import { ToolDefect } from '../values/defect.ts';

export interface Work {
  readonly tools: Toolset;
  readonly tool: Tool;
  readonly environment: Environment;
  /** The present time for all steps of the call, in seconds since 1970. */
  readonly now: number;
  /** The caller's `sub` claim; undefined for a bearer handle. */
  readonly subject: string | undefined;
}

/** The handle for the result of a call. */
export interface Carried {
  readonly handle: string;
  readonly claims: Claims;
  /** A warning about the handle, for the model. */
  readonly warning?: string | undefined;
}

/** Opens the handle in the argument `handle`. @throws {HandleError} the handle does not open */
export function openTaskHandle(work: Work, handle: unknown): Promise<OpenHandle> {
  const { tool, tools } = work;
  const { name } = tool.definition;
  // A single right, whichever it is, suffices to delegate. `requireRights` later refuses rights that the handle lacks.
  const needs = tool.role === 'delegate' ? rightsIn(tools) : tool.role === 'read' ? [name, 'read'] : [name];
  return openFor(work, handle, tool.takes, needs);
}

/**
 * Thrown if the handle in an argument other than `handle` does not open. The error names the argument for the model.
 */
export class HandleArgumentError extends Error {
  readonly argument: string;
  override readonly cause: HandleError;
  constructor(argument: string, cause: HandleError) {
    super(cause.message);
    this.argument = argument;
    this.cause = cause;
  }
}

/**
 * Opens the handles in arguments other than `handle`. The tool can read their tasks, but cannot change them.
 *
 * @returns the states, by the names of the arguments
 * @throws {HandleArgumentError} a handle does not open
 */
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

async function openFor({ environment, now, subject }: Work, handle: unknown, { readers }: Takes<unknown>, needs: readonly string[]) {
  let defect: ToolDefect | undefined;
  const noting = (read: ReadState) => (state: unknown) => {
    try {
      return read(state);
    } catch (error) {
      if (error instanceof ToolDefect) defect = error;
      throw error;
    }
  };
  const kinds = new Map([...readers].map(([id, read]) => [id, noting(read)]));
  try {
    return await openSealed(environment, handle, { now, subject, kinds, needs });
  } catch (error) {
    // The client gets `rejected`, but the log must show that a migration failed.
    if (error instanceof HandleRejected && defect !== undefined) error.cause = defect;
    throw error;
  }
}

/**
 * How many characters of a handle's maximum length `create` and `update` tools leave free. Tools that end a task may use them, so
 * that a task with a long handle can end. `delegate_task` may use them as well.
 */
const ROOM_TO_END = 1024;

/**
 * Issues the first or the next handle of a task.
 *
 * @param opened the handle that the client passed; undefined for a new task
 * @param value the state, as the handler returned it
 * @throws {StateTooLarge} `state_too_large`: the handle would be too long, or the state nests too deep
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this time, or the caller or the task is revoked
 * @throws {ToolDefect} the state is wrong: see `settle`
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
 * Issues a handle that has fewer rights than the opened handle, or expires earlier.
 *
 * @throws {StateTooLarge} `state_too_large`: the list of rights makes the handle too long
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this time, or the caller or the task is revoked
 * @throws {ToolRefusal} `invalid_arguments` or `forbidden`: see `requireRights`
 */
export function handOn(work: Work, opened: OpenHandle, wish: Delegation): Promise<IssuedHandle> {
  const { tools, environment, now, subject } = work;
  const key = keyToMint(environment, now);
  requireNotRevoked(environment, now, { sub: subject, jti: opened.claims.jti });
  const kind = kindNamed(opened.claims.kind, kindsOf(work.tool.takes));
  const { expires_in } = wish;
  const rights = requireRights(wish.rights, rightsTo(tools, kind), opened.claims.scp);
  const exp = expires_in === undefined ? opened.claims.exp : Math.min(opened.claims.exp, Math.max(now, opened.claims.iat) + expires_in);
  // A delegation does not migrate the state. If the state has an earlier version, this server does not know whether
  // that version was `visible`. So such a handle is not compressed.
  const compress = kind.visible && kind.id === opened.claims.kind;
  return attenuate(opened, { rights, exp, now }, key, { compress, maxLength: limitOf(kind, environment) });
}

/**
 * Warns the model if a new handle is longer than half of its limit. A model must copy every character of the handle.
 * That can fail long before the limit: the model's output has a limit of its own, and hosts cut long results.
 */
export function warningOf({ tool, tools, environment }: Work, { handle, claims }: Carried): string | undefined {
  if (tool.role !== 'create' && tool.role !== 'update') return undefined;
  const kind = kindNamed(claims.kind, kindsOf(tool.takes));
  const limit = limitOf(kind, environment);
  if (handle.length <= limit / 2) return undefined;
  const enders = toolsEnding(tools, kind.name);
  const how = enders.length > 0 ? ` with ${enders.join(' or ')}` : '';
  return `The handle grows long: it has ${handle.length} of at most ${limit} characters. Add less, or end this task${how} and continue in a new task.`;
}

function limitOf(kind: Kind, { maxLength = DEFAULT_MAX_LENGTH }: Environment): number {
  return Math.min(maxLength, kind.maxLength ?? maxLength);
}
