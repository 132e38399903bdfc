import {
  type CallToolResult,
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import {
  type Claims,
  DEFAULT_MAX_LENGTH,
  fingerprint,
  HandleError,
  HandleRejected,
  type OpenHandle,
  subjectClaim,
  utc,
} from '../handle/index.ts';
import type { Call, Caller } from './caller.ts';
import type { Delegation } from './delegation.ts';
import type { CallRecord, Environment } from './environment.ts';
import { explain } from './explain.ts';
import { type Carried, HandleArgumentError, handOn, issueFor, openArguments, openFor, type Work } from './handles.ts';
import { readInput } from './input.ts';
import { openRequestState, type RequestIdentity, sealRequestState } from './request-state.ts';
import { type Asking, type Tool, ToolRefusal } from './tool.ts';
import type { Toolset } from './toolset.ts';

/** A call as it comes from a client, beside the arguments. */
export interface Incoming extends Caller, Partial<Pick<Call, 'capabilities' | 'answers'>> {
  /** `requestState`, as the client sent it. */
  readonly requestState?: unknown;
}

/**
 * Runs a tool: reads the arguments, opens the handles, lets the tool's function work, seals what it gives, and says it.
 * Whatever goes wrong becomes an execution error that a model can act on, and loses nothing: the given handle stays good.
 *
 * @param args as the client sent them
 * @throws {ProtocolError} invalid params, where the client's `requestState` is not good here; the wording is always the same
 * @throws {unknown} otherwise only what is a defect in the tool's own function
 */
export async function callTool(
  tools: Toolset,
  tool: Tool,
  args: unknown,
  environment: Environment,
  { principal, requestState, capabilities = {}, answers }: Incoming = {},
): Promise<CallToolResult | InputRequiredResult> {
  const caller: Caller = principal === undefined ? {} : { principal };
  const report = reporter(tool, environment);
  const given = handleIn(args);
  let opened: OpenHandle | undefined;
  let input: Record<string, unknown> = {};
  try {
    const request: RequestIdentity = { method: 'tools/call', target: tool.definition.name, args };
    const remembered = requestState === undefined ? undefined : await recall(requestState, request, environment, caller);
    const subject = principal && (await subjectClaim(principal));
    const work: Work = { tools, tool, environment, now: environment.now(), subject };
    input = readInput(tool, args);
    if (tool.takesHandle) opened = await openFor(work, given);
    const states = await openArguments(work, input);
    const outcome = await tool.run(opened?.state, { ...input, ...states }, { ...caller, capabilities, answers, remembered });
    if ('asks' in outcome) {
      report({ outcome: 'input_required', ...(opened && (await trace(opened))) });
      return await question(outcome, request, environment, caller);
    }
    const carried = await nextHandle(work, opened, outcome.state, input);
    report({ outcome: 'ok', ...(await trace(carried)) });
    return answer(tool, carried, outcome.result, outcome.text);
  } catch (thrown) {
    const { argument = 'handle', cause: error = thrown } = thrown instanceof HandleArgumentError ? thrown : {};
    const carried = opened ?? (isOfHandleLength(given, environment) ? { handle: given } : undefined);
    const traced = carried && (await trace(carried));
    if (error instanceof InvalidRequestState) {
      report({ outcome: 'error', code: 'invalid_request_state', reason: error.reason, ...traced });
      throw error;
    }
    if (!(error instanceof HandleError || error instanceof ToolRefusal)) {
      report({ outcome: 'error', code: 'internal_error', defect: error, ...traced });
      throw error;
    }
    const { code, text } = explain(error, { tool, tools, input, argument });
    report({ outcome: 'error', code, ...(error instanceof HandleRejected && { reason: error.reason }), ...traced });
    return { isError: true, content: [{ type: 'text', text }], structuredContent: { error: { code } } };
  }
}

function nextHandle(
  work: Work,
  opened: OpenHandle | undefined,
  state: unknown,
  input: Record<string, unknown>,
): Carried | Promise<Carried> {
  if (!work.tool.issuesHandle) return opened as OpenHandle;
  return work.tool.delegates ? handOn(work, opened as OpenHandle, input as unknown as Delegation) : issueFor(work, opened, state);
}

function reporter(tool: Tool, environment: Environment): (told: Omit<CallRecord, 'tool' | 'ms'>) => void {
  const started = performance.now();
  return (told) => {
    try {
      environment.onCall?.({ tool: tool.definition.name, ...told, ms: performance.now() - started });
    } catch {
      // An observer that fails must not cost the caller the answer.
    }
  };
}

/** What is longer is no handle, and not worth a digest. */
function isOfHandleLength(given: unknown, { maxLength = DEFAULT_MAX_LENGTH }: Environment): given is string {
  return typeof given === 'string' && given.length <= maxLength;
}

function handleIn(args: unknown): unknown {
  return typeof args === 'object' && args !== null && 'handle' in args ? args.handle : undefined;
}

/** One frozen answer, the SDK's own, whatever is wrong with a `requestState`; the reason is for the log. */
export class InvalidRequestState extends ProtocolError {
  readonly reason: string;
  constructor(reason: string) {
    super(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', { reason: 'invalid_request_state' });
    this.reason = reason;
  }
}

async function recall(sealed: unknown, request: RequestIdentity, environment: Environment, caller: Caller): Promise<unknown> {
  try {
    return await openRequestState(sealed, request, environment, caller);
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    throw new InvalidRequestState(error instanceof HandleRejected ? error.reason : error.code);
  }
}

async function question({ asks, remember }: Asking, request: RequestIdentity, environment: Environment, caller: Caller) {
  const requestState = remember === undefined ? undefined : await sealRequestState(remember, request, environment, caller);
  return inputRequired({ inputRequests: asks as InputRequests, ...(requestState !== undefined && { requestState }) });
}

async function trace(carried: { handle: string; claims?: Claims }): Promise<Pick<CallRecord, 'task' | 'revision' | 'fingerprint'>> {
  const { handle, claims } = carried;
  return { ...(claims && { task: claims.jti, revision: claims.rev }), fingerprint: await fingerprint(handle) };
}

/** A new handle stands once in the structured content and once in the text; one that did not change only in the former. */
function answer(tool: Tool, { handle, claims }: Carried, result: object | undefined, text: string): CallToolResult {
  const { jti, kind, rev, scp } = claims;
  const expiresAt = utc(claims.exp);
  const handleInfo = { id: jti, kind, revision: rev, expires_at: expiresAt, ...(scp && { rights: [...scp] }) };
  const spoken = tool.issuesHandle ? `${text}\nhandle (revision ${rev}, expires ${expiresAt}): ${handle}` : text;
  return { content: [{ type: 'text', text: spoken }], structuredContent: { ...result, handle, handle_info: handleInfo } };
}
