/** Reads the messages of servers. Some messages break the rules of JSON-RPC, but their meaning is plain. */
import { parseJSONRPCMessage } from '@modelcontextprotocol/client';
import type { Message } from '../messages.ts';

type Members = Readonly<Record<string, unknown>>;
type RequestId = string | number;

/** A message, or what is wrong with it. The text quotes no part of the message. */
export type Read = { readonly message: Message } | { readonly problem: string; readonly id: unknown };

/** The members of JSON-RPC messages. Others are left out. */
const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

/** Optional members of results. Some servers write `null` for an absent member. */
const OPTIONAL = ['_meta', 'structuredContent', 'isError', 'nextCursor'];

/** The code of an internal error (JSON-RPC 2.0 §5.1). */
export const INTERNAL_ERROR = -32_603;

/** Reads the messages in a JSON value: one message, or a batch. A value that is no object is no message. */
export function readMessages(json: unknown): Read[] {
  return (Array.isArray(json) ? json : [json]).filter(isMembers).map(readMessage);
}

function readMessage(given: Members): Read {
  const { error, result, ...rest } = without(given, (name, value) => !MEMBERS.includes(name) || value === null);
  const message = {
    ...rest,
    ...(result !== undefined && { result: isMembers(result) ? withoutNull(result) : result }),
    ...(error !== undefined && { error: errorIn(error) }),
  };
  try {
    return { message: parseJSONRPCMessage(message) as Message };
  } catch {
    return { problem: problemIn(message), id: given['method'] === undefined ? given['id'] : undefined };
  }
}

function withoutNull(result: Members): Members {
  return without(result, (name, value) => value === null && OPTIONAL.includes(name));
}

function without(members: Members, isOut: (name: string, value: unknown) => boolean): Members {
  return Object.fromEntries(Object.entries(members).filter(([name, value]) => !isOut(name, value)));
}

/** Reads an error. Some servers write a text, or leave out the code or the message. */
function errorIn(given: unknown): Members {
  const { code, message, ...more } = isMembers(given) ? given : { message: given };
  return {
    ...more,
    code: Number.isSafeInteger(code) ? code : INTERNAL_ERROR,
    message: typeof message === 'string' ? message : 'the server gave no reason',
  };
}

function problemIn({ jsonrpc, method, result, error }: Members): string {
  if (jsonrpc !== '2.0') return 'it lacks "jsonrpc": "2.0"';
  if (method === undefined && result === undefined && error === undefined) return 'it has neither a result nor an error';
  if (result !== undefined && !isMembers(result)) return 'its result is not an object';
  return 'a member does not fit the schema of MCP';
}

/** Returns the id of the open request that a response means. Some servers return a number as text. */
export function openIdOf(id: unknown, open: { has(id: RequestId): boolean }): RequestId | undefined {
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  if (open.has(id)) return id;
  const other = typeof id === 'number' ? String(id) : Number(id);
  return String(other) === String(id) && open.has(other) ? other : undefined;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
