import { isSpecType } from '@modelcontextprotocol/server';

/** The most messages in a batch. Over HTTP, the SDK has the same limit. */
const LONGEST_BATCH = 100;

/**
 * Says why a line of input is neither a JSON-RPC message of MCP nor a batch of them. The text quotes no part of the
 * line. Returns undefined if nothing is wrong.
 */
export function problemWith(line: unknown): string | undefined {
  if (!Array.isArray(line)) return isSpecType.JSONRPCMessage(line) ? undefined : `invalid JSON-RPC message: ${problemIn(line)}`;
  if (line.length === 0) return 'empty JSON-RPC batch';
  if (line.length > LONGEST_BATCH) return `JSON-RPC batch of more than ${LONGEST_BATCH} messages`;
  const invalid = line.find((message) => !isSpecType.JSONRPCMessage(message));
  return invalid === undefined ? undefined : `JSON-RPC batch contains an invalid message: ${problemIn(invalid)}`;
}

function problemIn(message: unknown): string {
  if (!isObject(message)) return 'it is not an object';
  const { jsonrpc, id, method, params = {} } = message;
  if (jsonrpc !== '2.0') return 'jsonrpc must be "2.0"';
  if ('id' in message && typeof id !== 'string' && !Number.isSafeInteger(id)) return 'the id must be a string or a whole number';
  if (typeof method !== 'string') return 'the method is missing';
  if (!isObject(params)) return 'params must be an object';
  const { _meta = {} } = params;
  if (!isObject(_meta)) return '_meta must be an object';
  const { progressToken = '' } = _meta;
  if (typeof progressToken !== 'string' && !Number.isSafeInteger(progressToken)) return 'progressToken must be a string or a whole number';
  return 'a member does not fit the schema of MCP';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
