/** MCP over raw HTTP. No client library changes the messages. */

export const MODERN = '2026-07-28';

/** A request, for `fetch`, for `node:http`, or for a {@link Request}. */
export interface Outgoing {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string;
}

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** A request of revision 2026-07-28. Headers repeat the method and the name, and `_meta` names the client. */
export function modernRequest(method: string, params: Record<string, unknown> = {}, id: number | string = 1): Outgoing {
  const name = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': { name: 'waxseal-test', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return {
    method: 'POST',
    headers: { ...json, 'mcp-protocol-version': MODERN, 'mcp-method': method, ...name },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
  };
}

/** A request of the 2025 revisions, without a session. */
export function legacyRequest(method: string, params: Record<string, unknown> = {}, id: number | string = 1): Outgoing {
  return { method: 'POST', headers: json, body: JSON.stringify({ jsonrpc: '2.0', id, method, params }) };
}

/** A tool call of revision 2026-07-28. */
export function toolCall(name: string, args: Record<string, unknown>): Outgoing {
  return modernRequest('tools/call', { name, arguments: args });
}

/** The result of a research tool, error or not. */
export interface Answer {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly structuredContent: {
    readonly handle: string;
    readonly handle_info: { readonly id: string; readonly kind: string; readonly revision: number; readonly expires_at: string };
    readonly status: string;
    readonly topic: string;
    readonly depth: number;
    readonly results: readonly string[];
    readonly result_count: number;
    readonly error?: { readonly code: string };
  };
}

/** A JSON-RPC message from the server. */
export interface Message {
  readonly jsonrpc: '2.0';
  readonly id: number | string | null;
  // biome-ignore lint/suspicious/noExplicitAny: a message from the wire can have any shape, and tests inspect it.
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The message in a response. Servers may send JSON, or a stream, whose last event counts. */
export function messageIn(text: string): Message {
  const events = [...text.matchAll(/^data: (.+)$/gm)];
  return JSON.parse(events.at(-1)?.[1] ?? text) as Message;
}

/** Sends a request. @returns the status, the headers and the message of the response */
export async function exchange(url: string, request: Outgoing): Promise<{ status: number; headers: Headers; message: Message }> {
  const response = await fetch(url, { ...request });
  return { status: response.status, headers: response.headers, message: messageIn(await response.text()) };
}

export async function callTool(url: string, name: string, args: Record<string, unknown>): Promise<Answer> {
  const { status, message } = await exchange(url, toolCall(name, args));
  if (message.result === undefined) throw new Error(`${name} was answered ${status}: ${JSON.stringify(message)}`);
  return message.result as Answer;
}
