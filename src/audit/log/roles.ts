/**
 * Tells the role of a handle by the object around it, such as a request or an answer. A role proves nothing, because
 * the writer of a log may lie.
 */

/**
 * The role of a handle at a place of a log. Absent if the log does not tell.
 *
 * - `presented`: in the request of a client
 * - `issued`: in the answer of a server
 * - `mentioned`: certainly in neither
 */
export type Role = 'presented' | 'issued' | 'mentioned';

/** What must be known of an object in a log, to tell the roles of the handles in it. */
export interface ObjectRead {
  /** Returns the value of a member, or undefined if the value is an object, an array or a long text. */
  get(name: string): unknown;
  /** Tells whether the object has a member with this name, of any type. */
  has(name: string): boolean;
  /** Tells whether a member with such a name has such a value. */
  says(name: RegExp, value: RegExp): boolean;
  /** The name of the member that contains the object. */
  readonly name: string | undefined;
}

/** The MCP requests whose parameters come from the caller, so that a handle in them is presented. */
const ASKING = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'completion/complete',
  'tasks/get',
  'tasks/result',
  'tasks/update',
  'tasks/cancel',
]);

/**
 * The names of members in the APIs of models and their clients. These members contain tool names, ids of calls, inputs
 * and outputs.
 */
const TOOL_NAMES = ['name', 'toolName', 'tool_name', 'tool', 'function', 'function_name'];
const CALL_NAMES = [
  'tool_use_id',
  'tool_call_id',
  'call_id',
  'toolUseId',
  'toolCallId',
  'callId',
  'callID',
  'tool_id',
  'toolUseID',
  'item_id',
];
const INPUTS = new Set([
  'arguments',
  'args',
  'input',
  'parameters',
  'params',
  'tool_input',
  'toolInput',
  'tool_args',
  'toolArgs',
  'function_args',
  'rawInput',
  'raw_input',
]);
const OUTPUTS = new Set([
  'output',
  'result',
  'response',
  'content',
  'artifact',
  'structuredContent',
  'structured_content',
  'tool_response',
  'toolResponse',
  'tool_output',
  'toolOutput',
  'tool_result',
  'rawOutput',
  'raw_output',
]);

/** The values of `type` and `role` by which a message says that it contains the answer of a tool. */
const ANSWERING = new Set([
  'tool',
  'function',
  'tool_result',
  'tool-result',
  'toolResult',
  'function_call_output',
  'function_response',
  'tool_call_response',
]);

/** The values of `role` that name the speakers of a chat, and the members that contain their words. */
const SPEAKERS = new Set(['user', 'assistant', 'system', 'developer', 'model', 'human', 'ai']);
const SPOKEN = new Set(['content', 'parts', 'text', 'reasoning', 'thinking']);

/** Returns the role of the handles in a member. Undefined if the object does not tell. */
export function roleOf(member: string, object: ObjectRead): Role | undefined {
  return inJsonRpc(member, object) ?? inToolCall(member, object) ?? inChat(member, object);
}

/** Tells whether an object is a JSON-RPC message and the member is its content. */
export function isInMessage(member: string, object: ObjectRead): boolean {
  return (member === 'params' && object.has('method')) || (member === 'result' && object.get('jsonrpc') === '2.0');
}

/** The members that contain a call, if the id of the call stands beside the member. */
const CALLS = new Set(['function', 'custom', 'invocation', 'resultDetails', 'state']);

/** Returns the id of the call that a member belongs to. By this id, the audit recognizes repeated calls. */
export function callOf(member: string, object: ObjectRead): string | undefined {
  if (object.has('method') || !(INPUTS.has(member) || CALLS.has(member))) return undefined;
  const id = [...CALL_NAMES, 'id'].map((name) => object.get(name)).find((value) => typeof value === 'string');
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Returns the name of the tool whose input a member contains. */
export function toolOf(member: string, object: ObjectRead): string | undefined {
  if (!INPUTS.has(member)) return undefined;
  const tool = TOOL_NAMES.map((name) => object.get(name)).find((value) => typeof value === 'string');
  return typeof tool === 'string' ? tool : undefined;
}

/** Whether a record is written when its call begins or when it ends. Clients such as Codex write both records. */
export type Phase = 'begun' | 'ended';

const PHASES = new Map<unknown, Phase>([
  ...['pending', 'running', 'in_progress', 'inProgress'].map((status) => [status, 'begun'] as const),
  ...['completed', 'success', 'failed', 'error'].map((status) => [status, 'ended'] as const),
]);

/** Returns the phase of the call whose input a member contains. Undefined if the object does not tell. */
export function phaseOf(member: string, object: ObjectRead): Phase | undefined {
  return INPUTS.has(member) ? PHASES.get(object.get('status')) : undefined;
}

/** Returns the second id of a call. In the answer of a model, a call has an `id` beside the `call_id`. */
export function aliasOf(member: string, object: ObjectRead): string | undefined {
  const id = INPUTS.has(member) && typeof object.get('call_id') === 'string' ? object.get('id') : undefined;
  return typeof id === 'string' ? id : undefined;
}

/**
 * Tells whether a value is the input of a call in XML, as models write it for Cline and Roo Code.
 *
 * @param before the last characters before the value
 */
export function isInputInXml(before: string): boolean {
  return /<arguments>\s*$/.test(before);
}

/** The names of arrays with the messages of a chat. The client sends the whole array again with every request. */
const HISTORIES = new Set(['messages', 'contents', 'input']);

export function isHistory(array: string | undefined): boolean {
  return array !== undefined && HISTORIES.has(array);
}

/** Returns the role according to JSON-RPC 2.0. A log may leave `jsonrpc` out of a request. */
function inJsonRpc(member: string, object: ObjectRead): Role | undefined {
  if (member === 'params') {
    const method = object.get('method');
    return typeof method === 'string' ? (ASKING.has(method) ? 'presented' : 'mentioned') : undefined;
  }
  if (object.get('jsonrpc') !== '2.0') return undefined;
  if (member === 'result') return 'issued';
  return member === 'error' ? 'mentioned' : undefined;
}

function inToolCall(member: string, object: ObjectRead): Role | undefined {
  const names = (list: readonly string[]) => list.some((name) => typeof object.get(name) === 'string');
  if (INPUTS.has(member)) return names(TOOL_NAMES) || names(CALL_NAMES) || isDetails(object) ? 'presented' : undefined;
  // In the export of VS Code's chat, the members are the ids of the calls.
  if (object.name === 'toolCallResults') return 'issued';
  // In the transcripts of Claude Code, a message with a tool's result has this form of the result beside it.
  if (member === 'toolUseResult' && object.has('message')) return 'issued';
  if (!OUTPUTS.has(member)) return undefined;
  const isAnswer =
    names(CALL_NAMES) ||
    names(['tool_name', 'toolName']) ||
    ANSWERING.has(String(object.get('type'))) ||
    ANSWERING.has(String(object.get('role'))) ||
    object.name === 'functionResponse' ||
    isDetails(object) ||
    (names(TOOL_NAMES) && [...INPUTS].some((input) => object.has(input))) ||
    // The result of an MCP tool, without the JSON-RPC message around it.
    object.has('structuredContent') ||
    (member === 'content' && typeof object.get('isError') === 'boolean');
  return isAnswer ? 'issued' : undefined;
}

/** Tells whether an object has only the input and the output of a call, whose id stands beside the object. */
function isDetails({ name, get, has }: ObjectRead): boolean {
  return name === 'resultDetails' || (name === 'state' && has('input') && typeof get('status') === 'string');
}

function inChat(member: string, object: ObjectRead): Role | undefined {
  return SPOKEN.has(member) && SPEAKERS.has(String(object.get('role'))) ? 'mentioned' : undefined;
}
