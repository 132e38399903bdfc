/** What a member of an object is in the traffic between a model, its client and a server. All of it is hearsay: whoever writes to a log may lie. */

/**
 * How a handle stands in a log: in what a client asked, in what a server answered, or in something that is known to be
 * neither. Absent where nothing tells.
 */
export type Role = 'presented' | 'issued' | 'mentioned';

/** An object of a log, as far as it matters here. */
export interface ObjectRead {
  /** A member that is no object, array or long text; undefined for any other. */
  get(name: string): unknown;
  /** Whether there is such a member, of any type. */
  has(name: string): boolean;
  /** Under which name the object stands in its own. */
  readonly name: string | undefined;
}

/** MCP requests whose parameters are what a client passes, and not what a server says. */
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

/** Members that name a tool, that number a call, and that have a call's input or its output, in the words of the models' APIs and of their clients. */
const TOOL_NAMES = ['name', 'toolName', 'tool_name', 'tool', 'function'];
const CALL_NAMES = ['tool_use_id', 'tool_call_id', 'call_id', 'toolUseId', 'toolCallId', 'callId', 'tool_id', 'toolUseID'];
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

/** Types and roles of messages that have what a tool answered. */
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

/** Who speaks in a chat, and what is said. */
const SPEAKERS = new Set(['user', 'assistant', 'system', 'developer', 'model', 'human', 'ai']);
const SPOKEN = new Set(['content', 'parts', 'text', 'reasoning', 'thinking']);

/** Attributes of traces (OpenTelemetry's semantic conventions for generative AI and for MCP, and their like). */
const INPUT_ATTRIBUTE = /(?:^|[._])(?:tool|mcp)[._](?:[\w.]*[._])?(?:arguments|parameters|input|args)$/;
const OUTPUT_ATTRIBUTE = /(?:^|[._])(?:tool|mcp)[._](?:[\w.]*[._])?(?:result|output|response)$/;

/** The role of a member of an object; undefined where the object does not tell. */
export function roleOf(member: string, object: ObjectRead): Role | undefined {
  return inJsonRpc(member, object) ?? inToolCall(member, object) ?? inAttribute(member, object) ?? inChat(member, object);
}

/** JSON-RPC 2.0, also where a log left `jsonrpc` out of a request. */
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
