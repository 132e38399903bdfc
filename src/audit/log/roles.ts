/**
 * Tells the role of a member of an object in the traffic between a model, its client and a server. Roles are hearsay, because
 * a writer of a log may lie.
 */

/**
 * The role of a handle in a log: in a client's request, in a server's answer, or certainly in neither of the two.
 * Absent if the log does not tell.
 */
export type Role = 'presented' | 'issued' | 'mentioned';

/** The parts of an object that tell roles. */
export interface ObjectRead {
  /** The value of a member; undefined for an object, an array or a long text. */
  get(name: string): unknown;
  /** Whether there is such a member, of any type. */
  has(name: string): boolean;
  /** The name of the object in the object around it. */
  readonly name: string | undefined;
}

/** The MCP requests whose parameters a client passes. */
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

/** Members that name a tool, number a call, or hold the input or output of a call, in the words of the models' APIs and their clients. */
const TOOL_NAMES = ['name', 'toolName', 'tool_name', 'tool', 'function'];
const CALL_NAMES = ['tool_use_id', 'tool_call_id', 'call_id', 'toolUseId', 'toolCallId', 'callId', 'tool_id', 'toolUseID', 'item_id'];
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

/** The types and roles of messages that hold the answer of a tool. */
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

/** The speakers of a chat, and the members that hold their words. */
const SPEAKERS = new Set(['user', 'assistant', 'system', 'developer', 'model', 'human', 'ai']);
const SPOKEN = new Set(['content', 'parts', 'text', 'reasoning', 'thinking']);

/** Attributes of traces, as in OpenTelemetry's semantic conventions for generative AI and MCP. */
const INPUT_ATTRIBUTE = /(?:^|[._])(?:tool|mcp)[._](?:[\w.]*[._])?(?:arguments|parameters|input|args)$/;
const OUTPUT_ATTRIBUTE = /(?:^|[._])(?:tool|mcp)[._](?:[\w.]*[._])?(?:result|output|response)$/;

/** The role of a member of an object; undefined if the object does not tell. */
export function roleOf(member: string, object: ObjectRead): Role | undefined {
  return inJsonRpc(member, object) ?? inToolCall(member, object) ?? inAttribute(member, object) ?? inChat(member, object);
}

/** Whether an object is a JSON-RPC message and the member its content. */
export function isInMessage(member: string, object: ObjectRead): boolean {
  return (member === 'params' && object.has('method')) || (member === 'result' && object.get('jsonrpc') === '2.0');
}

/** Members that hold the call whose id stands beside them. */
const CALLS = new Set(['function', 'custom']);

/** The call that a member of an object belongs to, by its id. A model's client sends all calls again with every request. */
export function callOf(member: string, object: ObjectRead): string | undefined {
  if (object.has('method') || !(INPUTS.has(member) || CALLS.has(member))) return undefined;
  const id = [...CALL_NAMES, 'id'].map((name) => object.get(name)).find((value) => typeof value === 'string');
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** The name of the tool whose input a member of an object is. */
export function toolOf(member: string, object: ObjectRead): string | undefined {
  if (!INPUTS.has(member)) return undefined;
  const tool = TOOL_NAMES.map((name) => object.get(name)).find((value) => typeof value === 'string');
  return typeof tool === 'string' ? tool : undefined;
}

/** The other id of that call: in a model's answer, the item and the call in the item have an id each. */
export function aliasOf(member: string, object: ObjectRead): string | undefined {
  const id = INPUTS.has(member) && typeof object.get('call_id') === 'string' ? object.get('id') : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Arrays that hold the messages of a chat, which its client sends again with every request. */
const HISTORIES = new Set(['messages', 'contents', 'input']);

export function isHistory(array: string | undefined): boolean {
  return array !== undefined && HISTORIES.has(array);
}

/** The role by JSON-RPC 2.0. A log may leave `jsonrpc` out of a request. */
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
  if (INPUTS.has(member)) return names(TOOL_NAMES) || names(CALL_NAMES) ? 'presented' : undefined;
  if (!OUTPUTS.has(member)) return undefined;
  const isAnswer =
    names(CALL_NAMES) ||
    names(['tool_name', 'toolName']) ||
    ANSWERING.has(String(object.get('type'))) ||
    ANSWERING.has(String(object.get('role'))) ||
    object.name === 'functionResponse' ||
    (names(TOOL_NAMES) && [...INPUTS].some((input) => object.has(input))) ||
    // An MCP tool's result by itself.
    object.has('structuredContent') ||
    (member === 'content' && typeof object.get('isError') === 'boolean');
  return isAnswer ? 'issued' : undefined;
}

function inAttribute(member: string, object: ObjectRead): Role | undefined {
  const name = member === 'value' ? (object.get('key') ?? object.get('name')) : member;
  if (typeof name !== 'string' || !/[._]/.test(name)) return undefined;
  if (INPUT_ATTRIBUTE.test(name)) return 'presented';
  return OUTPUT_ATTRIBUTE.test(name) ? 'issued' : undefined;
}

function inChat(member: string, object: ObjectRead): Role | undefined {
  return SPOKEN.has(member) && SPEAKERS.has(String(object.get('role'))) ? 'mentioned' : undefined;
}
