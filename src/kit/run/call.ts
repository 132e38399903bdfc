import { type CallToolResult, type ContentBlock, type InputRequiredResult, isSpecType } from '@modelcontextprotocol/server';
import { HandleError, HandleRejected, type OpenHandle, subjectClaim } from '../../handle/index.ts';
import type { Call, Caller } from '../define/call.ts';
import type { Delegation } from '../define/delegation.ts';
import type { Toolset } from '../define/lookup.ts';
import { type Tool, type ToolOutcome, takesHandle } from '../define/tool.ts';
import { type Environment, requireNotRevoked } from '../environment.ts';
import { InvalidRequestState, openRequestState } from '../sealed/request-state.ts';
import { declaredMembers, misfit, ToolDefect } from '../values/defect.ts';
import { isObject } from '../values/json.ts';
import { refusal, ToolRefusal } from '../values/refusal.ts';
import { answer, question } from './answer.ts';
import { givenTo, readInput } from './arguments.ts';
import { explain } from './explain.ts';
import {
  type Carried,
  HandleArgumentError,
  handOn,
  issueNext,
  openHandleArguments,
  openTaskHandle,
  type Work,
  warningOf,
} from './handles.ts';
import { type Recorder, recorderOf, traceOf, traceOfUnopened } from './record.ts';

/**
 * What comes with a call besides the arguments, such as the caller. A program that calls a tool itself may omit every
 * member.
 */
export interface Incoming extends Caller, Partial<Omit<Call, 'remembered'>> {
  /** The `requestState`, as the client sent it. */
  readonly requestState?: unknown;
}

/** The values of omitted members: the client has no capabilities, and gets no notifications. */
const DEFAULTS = { capabilities: {}, answers: undefined, scopes: [], _meta: {}, progress: async () => {}, log: async () => {} };

/**
 * The error for a call that the client has cancelled, or whose client is gone. If the handler of such a call throws an
 * error, that error is no defect, so this error replaces it. Only the log shows this error: no client reads the answer.
 */
const cancelled = () => new ToolRefusal('cancelled', 'This call was cancelled.');

/** What is known about a call that fails. */
interface CallSoFar {
  /** The argument `handle`. */
  handle?: unknown;
  opened?: OpenHandle;
  input: Record<string, unknown>;
}

/**
 * Calls a tool: reads the arguments, opens the handles, runs the handler and issues the next handle. A failure becomes
 * a tool execution error that tells the model what to do. The handle that the client passed always stays valid.
 *
 * @param args the arguments, as the client sent them
 * @returns the tool's result, or a question to the client
 * @throws {InvalidRequestState} -32602 (invalid params): the client's `requestState` does not open
 * @throws {unknown} an error of the handler that is neither a {@link ToolRefusal} nor a {@link HandleError}: a defect
 *   of the tool
 *
 * @example
 * ```ts
 * import { callTool, type Environment, toolset } from 'waxseal';
 * import { researchTools } from 'waxseal/research';
 *
 * const tools = toolset(researchTools);
 *
 * async function startResearch(topic: string, environment: Environment) {
 *   const tool = tools.byName.get('start_research_task');
 *   if (tool === undefined) throw new Error('This server has no start_research_task.');
 *   return callTool(tools, tool, { topic }, environment);
 * }
 * ```
 */
export async function callTool(
  tools: Toolset,
  tool: Tool,
  args: unknown,
  environment: Environment,
  incoming: Incoming = {},
): Promise<CallToolResult | InputRequiredResult> {
  const record = recorderOf(tool.definition.name, environment);
  const soFar: CallSoFar = { input: {} };
  try {
    return await perform(tools, tool, args, environment, incoming, soFar, record);
  } catch (thrown) {
    const found = thrown instanceof HandleArgumentError ? thrown : { argument: 'handle', cause: thrown };
    const { argument, cause } = incoming.signal?.aborted === true ? { argument: 'handle', cause: cancelled() } : found;
    const trace = await (soFar.opened ? traceOf(soFar.opened) : traceOfUnopened(soFar.handle, environment));
    if (cause instanceof HandleError || cause instanceof ToolRefusal) {
      const explanation = explain(cause, { tool, tools, input: soFar.input, argument });
      record({ outcome: 'error', code: explanation.code, ...reasonOf(cause), ...trace });
      return refusal(explanation);
    }
    record({ outcome: 'error', ...unexplained(cause), ...trace });
    throw cause;
  }
}

async function perform(
  tools: Toolset,
  tool: Tool,
  args: unknown,
  environment: Environment,
  { requestState, ...incoming }: Incoming,
  soFar: CallSoFar,
  record: Recorder,
): Promise<CallToolResult | InputRequiredResult> {
  const { principal, client } = incoming;
  const caller: Caller = { ...(principal && { principal }), ...(client !== undefined && { client }) };
  const given = givenTo(tool, args);
  const { handle } = given;
  soFar.handle = handle;
  const input = readInput(tool, given);
  soFar.input = input;
  const request = { method: 'tools/call', target: tool.definition.name, args: args ?? {} };
  const remembered = requestState === undefined ? undefined : await openRequestState(requestState, request, environment, caller);

  const subject = principal && (await subjectClaim(principal));
  // A revoked caller may not start a task. For tools that take a handle, `open` makes this check.
  if (tool.role === 'create') requireNotRevoked(environment, environment.now(), { sub: subject });
  const work: Work = { tools, tool, environment, now: environment.now(), subject };
  if (takesHandle(tool.role)) soFar.opened = await openTaskHandle(work, handle);
  const states = await openHandleArguments(work, input);

  const { opened } = soFar;
  const { signal = new AbortController().signal } = incoming;
  const call: Call = { ...DEFAULTS, ...incoming, ...(opened && { task: opened.claims.jti }), signal, remembered };
  signal.throwIfAborted();
  const returned = await tool.run(opened?.state, { ...input, ...states }, call);
  // A client that has cancelled does not read the answer, so no handle is issued.
  signal.throwIfAborted();
  const outcome = requireOutcome(tool, returned);
  if ('asks' in outcome) {
    const asked = await question(outcome, request, environment, caller);
    record({ outcome: 'input_required', ...(opened && (await traceOf(opened))) });
    return asked;
  }
  // A result that does not match its schema is a defect. The check comes before a handle is issued.
  const { content = [], _meta } = outcome;
  const structuredContent = requireStructuredContent(tool, outcome.structuredContent);
  const said = { text: requireText(outcome.text), structuredContent, content: requireContent(content), _meta };
  const carried = await nextHandle(work, opened, outcome.state, input);
  record({ outcome: 'ok', ...(carried && (await traceOf(carried))) });
  return answer(tool, said, carried, environment.handleIn);
}

function requireOutcome({ role }: Tool, returned: ToolOutcome): ToolOutcome {
  if (isObject(returned)) return returned;
  const what = Array.isArray(returned) ? 'a list' : `a ${typeof returned}`;
  const expected = ['create', 'update', 'end'].includes(role) ? '{ state, text }' : '{ text }';
  throw new ToolDefect(`the handler returned ${(returned ?? undefined) === undefined ? 'nothing' : what}: expected ${expected}`);
}

function requireStructuredContent({ output, definition }: Tool, content: unknown = {}) {
  const parsed = output.safeParse(content);
  if (parsed.success) return parsed.data;
  throw misfit('structuredContent', parsed.error, declaredMembers(definition.outputSchema));
}

function requireText(text: unknown): string {
  if (typeof text === 'string') return text;
  throw new ToolDefect('text: expected string');
}

/**
 * Refuses content that is not a list of MCP's content blocks. A client that validates results would drop a result with
 * such content, and the next handle would be lost.
 */
function requireContent(content: unknown): readonly ContentBlock[] {
  if (Array.isArray(content) && content.every((block) => isSpecType.ContentBlock(block))) return content;
  throw new ToolDefect('content: expected a list of content blocks');
}

async function nextHandle(work: Work, opened: OpenHandle | undefined, state: unknown, input: object): Promise<Carried | undefined> {
  const { role } = work.tool;
  if (state !== undefined && (role === 'plain' || role === 'read')) {
    throw new ToolDefect(
      'the handler returned a state, but its tool issues no handle: declare the tool with createTool, updateTool or endTool',
    );
  }
  if (role === 'plain') return undefined;
  if (opened !== undefined && role === 'read') return opened;
  if (opened !== undefined && role === 'delegate') return handOn(work, opened, input as Delegation);
  const issued = await issueNext(work, opened, state);
  return { ...issued, warning: warningOf(work, issued) };
}

function reasonOf(error: HandleError | ToolRefusal): { reason?: string; defect?: unknown } {
  if (!(error instanceof HandleRejected)) return {};
  return { reason: error.reason, ...(error.cause instanceof ToolDefect && { defect: error.cause }) };
}

/** Returns what the record of a call says about an error that does not become a tool execution error. */
function unexplained(error: unknown): { code: string; reason?: string; defect?: unknown } {
  if (error instanceof InvalidRequestState) return { code: 'invalid_request_state', reason: error.reason };
  return { code: 'internal_error', defect: error };
}
