import { type CallToolResult, type ContentBlock, type InputRequiredResult, isSpecType } from '@modelcontextprotocol/server';
import { HandleError, HandleRejected, type OpenHandle, subjectClaim } from '../../handle/index.ts';
import type { Call, Caller } from '../define/call.ts';
import type { Delegation } from '../define/delegation.ts';
import type { Toolset } from '../define/lookup.ts';
import { refusal, ToolRefusal } from '../define/refusal.ts';
import { type Tool, takesHandle } from '../define/tool.ts';
import { type Environment, requireNotRevoked } from '../environment.ts';
import { InvalidRequestState, openRequestState } from '../sealed/request-state.ts';
import { answer, question } from './answer.ts';
import { readInput } from './arguments.ts';
import { bareHandle } from './bare-handle.ts';
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

/** A call as it comes from a client, beside the arguments. */
export interface Incoming extends Caller, Partial<Omit<Call, 'remembered'>> {
  /** `requestState`, as the client sent it. */
  readonly requestState?: unknown;
}

/** Of a call that nobody hears of before it ends. */
const ALONE = { capabilities: {}, answers: undefined, scopes: [], _meta: {}, progress: async () => {}, log: async () => {} };

/** Whatever became of a call whose client has cancelled it, or is gone: no defect of its tool. For the log; nobody else reads it. */
const cancelled = () => new ToolRefusal('cancelled', 'This call was cancelled.');

/** What is known of a call when it fails. */
interface CallSoFar {
  opened?: OpenHandle;
  input: Record<string, unknown>;
}

/**
 * Runs a tool: reads the arguments, opens the handles, lets the tool's function work, seals what it gives, and says it.
 * Whatever goes wrong becomes an execution error that a model can act on, and loses nothing: the given handle stays good.
 *
 * @param args as the client sent them
 * @throws {InvalidRequestState} invalid params, where the client's `requestState` is not good here
 * @throws {unknown} otherwise only what is a defect in the tool's own function
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
    const trace = await (soFar.opened ? traceOf(soFar.opened) : traceOfUnopened(bareHandle(handleIn(args)), environment));
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
  const input = readInput(tool, args);
  soFar.input = input;
  const request = { method: 'tools/call', target: tool.definition.name, args: args ?? {} };
  const remembered = requestState === undefined ? undefined : await openRequestState(requestState, request, environment, caller);

  const subject = principal && (await subjectClaim(principal));
  // Before the function works for nothing; of a handle that is given, the verifier says it.
  if (tool.role === 'create') requireNotRevoked(environment, environment.now(), { sub: subject });
  const work: Work = { tools, tool, environment, now: environment.now(), subject };
  if (takesHandle(tool.role)) soFar.opened = await openTaskHandle(work, handleIn(args));
  const states = await openHandleArguments(work, input);

  const { opened } = soFar;
  const { signal = new AbortController().signal } = incoming;
  const call: Call = { ...ALONE, ...incoming, ...(opened && { task: opened.claims.jti }), signal, remembered };
  signal.throwIfAborted();
  const outcome = await tool.run(opened?.state, { ...input, ...states }, call);
  // Nobody will read the answer: it need not be sealed.
  signal.throwIfAborted();
  if ('asks' in outcome) {
    const asked = await question(outcome, request, environment, caller);
    record({ outcome: 'input_required', ...(opened && (await traceOf(opened))) });
    return asked;
  }
  // A result that is not what was declared is a defect, found before anything is issued.
  const { content = [], _meta } = outcome;
  const structuredContent = tool.output.parse(outcome.structuredContent ?? {});
  const said = { text: requireText(outcome.text), structuredContent, content: requireContent(content), _meta };
  const carried = await nextHandle(work, opened, outcome.state, input);
  record({ outcome: 'ok', ...(carried && (await traceOf(carried))) });
  return answer(tool, said, carried, environment.handleIn);
}

function requireText(text: unknown): string {
  if (typeof text === 'string') return text;
  throw new TypeError('the handler gave no text');
}

/** Its client would see that it does not fit, when the handle beside it is lost already. */
function requireContent(content: unknown): readonly ContentBlock[] {
  if (Array.isArray(content) && content.every((block) => isSpecType.ContentBlock(block))) return content;
  throw new TypeError('the handler gave content that is no list of content blocks');
}

async function nextHandle(work: Work, opened: OpenHandle | undefined, state: unknown, input: object): Promise<Carried | undefined> {
  const { role } = work.tool;
  if (state !== undefined && (role === 'plain' || role === 'read')) {
    throw new TypeError(
      'the handler gave a state, and nothing carries it: a tool that gives one is made by createTool, updateTool or endTool',
    );
  }
  if (role === 'plain') return undefined;
  if (opened !== undefined && role === 'read') return opened;
  if (opened !== undefined && role === 'delegate') return handOn(work, opened, input as Delegation);
  const issued = await issueNext(work, opened, state);
  return { ...issued, warning: warningOf(work, issued) };
}

function handleIn(args: unknown): unknown {
  return typeof args === 'object' && args !== null && 'handle' in args ? args.handle : undefined;
}

function reasonOf(error: HandleError | ToolRefusal): { reason?: string } {
  return error instanceof HandleRejected ? { reason: error.reason } : {};
}

/** What is no execution error: a `requestState` that is not good here, or a defect in the tool's function. */
function unexplained(error: unknown): { code: string; reason?: string; defect?: unknown } {
  if (error instanceof InvalidRequestState) return { code: 'invalid_request_state', reason: error.reason };
  return { code: 'internal_error', defect: error };
}
