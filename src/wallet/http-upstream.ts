/** A Streamable HTTP server as a plain pipe of messages, for a client that believes it is connected over stdio. */
import { type JSONRPCMessage, SdkError, SdkHttpError, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { patientFetch } from './bounded-fetch.ts';
import { isModern, type Message } from './messages.ts';
import { headersOf, type ParamHeader, paramHeaders } from './param-headers.ts';

/** A request that has not been answered. */
interface OpenRequest {
  readonly method: string;
  /** Whether it asks for the first page of a list. */
  readonly first: boolean;
  /** Of revision 2026-07-28: closing its stream is how it is cancelled. */
  readonly modern: boolean;
  readonly abort: AbortController;
}

/** How long a server may take to end a session, in milliseconds: nobody waits for that. */
const FAREWELL_MS = 1_000;

const INTERNAL_ERROR = -32_603;

/**
 * Every request is answered: where the server cannot be reached, or does not speak MCP, by an error that says so.
 * What one transport says by a message and the other by its connection is translated; messages stay as they are.
 *
 * @param onError told what went wrong, in words of our own: what servers and libraries say may quote messages
 * @param headers sent with every request: a token, say
 */
export function httpUpstream(url: URL, onError: (text: string) => void, headers: Headers = new Headers()): Transport {
  const http = new StreamableHTTPClientTransport(url, { fetch: patientFetch, requestInit: { headers } });
  const open = new Map<string | number, OpenRequest>();
  const wanted = new Map<string, readonly ParamHeader[]>();
  const endpoint = `${url.origin}${url.pathname}`;

  const upstream: Transport = {
    start: () => http.start(),
    send: async (message) => {
      const { id, method, params } = message as Message;
      const cancelled = method === 'notifications/cancelled' ? (params?.['requestId'] as string | number) : undefined;
      if (cancelled !== undefined) {
        const request = open.get(cancelled);
        open.delete(cancelled);
        if (request?.modern) return request.abort.abort();
      }
      // Each message has a signal of its own: the transport's would gather a listener a message, and grow slow.
      const abort = new AbortController();
      const requestSignal = abort.signal;
      if (id === undefined || method === undefined) {
        return http.send(message, { requestSignal }).catch((error) => onError(explain(error, endpoint)));
      }
      const modern = isModern(message as Message);
      open.set(id, { method, first: params?.['cursor'] === undefined, modern, abort });
      const headers = modern && method === 'tools/call' ? headersOf(wanted.get(String(params?.['name'])) ?? [], params?.['arguments']) : {};
      // It is answered, or its stream ends, after this has returned.
      http
        .send(message, {
          requestSignal,
          headers,
          onRequestStreamEnd: () => fail(id, `${endpoint} ended the connection before it had answered.`),
        })
        .catch((error) => answerFailure(id, error));
    },
    close: async () => {
      for (const { abort } of open.values()) abort.abort();
      open.clear();
      if (http.sessionId !== undefined) await Promise.race([http.terminateSession().catch(() => {}), pause(FAREWELL_MS)]);
      await http.close();
    },
  };

  http.onclose = () => upstream.onclose?.();
  // Every failure is told where it is met: to the request that it concerns.
  http.onerror = () => {};
  http.onmessage = (message: JSONRPCMessage) => {
    const answer = message as Message;
    const asked = answer.method === undefined && answer.id !== undefined ? open.get(answer.id) : undefined;
    if (asked !== undefined) open.delete(answer.id as string);
    const version = answer.result?.['protocolVersion'];
    if (asked?.method === 'initialize' && typeof version === 'string') http.setProtocolVersion(version);
    upstream.onmessage?.(asked?.method === 'tools/list' && asked.modern ? withFitTools(message, asked) : message);
  };

  /** Learns which headers the tools want. What asks for impossible ones must not be offered over HTTP. */
  const withFitTools = (message: JSONRPCMessage, { first }: OpenRequest): JSONRPCMessage => {
    const { result } = message as Message;
    if (!Array.isArray(result?.['tools'])) return message;
    if (first) wanted.clear();
    const tools = result['tools'].filter((tool) => {
      const headers = paramHeaders(tool?.inputSchema);
      if (headers === undefined) onError(`${toolTitle(tool)} is left out: its x-mcp-header is not valid`);
      else if (headers.length > 0) wanted.set(String(tool?.name), headers);
      return headers !== undefined;
    });
    return { ...message, result: { ...result, tools } } as JSONRPCMessage;
  };

  const fail = (id: string | number, text: string, error: object = { code: INTERNAL_ERROR, message: text }) => {
    // Once answered, or cancelled, a request has no other answer.
    if (!open.delete(id)) return;
    onError(text);
    upstream.onmessage?.({ jsonrpc: '2.0', id, error } as JSONRPCMessage);
  };
  const answerFailure = (id: string | number, error: unknown) => fail(id, explain(error, endpoint), errorIn(error));

  return upstream;
}

/** What a tool is called, where that is a name: a log shows what it is told to, and obeys it. */
function toolTitle(tool: { readonly name?: unknown } | null): string {
  const name = tool?.name;
  return typeof name === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? `the tool "${name}"` : 'a tool';
}

/** The JSON-RPC error in the body of a refusal: that is the server's answer, whatever the status. */
function errorIn(error: unknown): object | undefined {
  const text = error instanceof SdkHttpError ? error.data['text'] : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    const { error: body } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    return Number.isInteger(body?.code) && typeof body?.message === 'string' ? body : undefined;
  } catch {
    return undefined;
  }
}

/** What went wrong with a request, without a word from the server. */
function explain(error: unknown, endpoint: string): string {
  if (error instanceof SdkHttpError || isUnauthorized(error)) {
    const status = error instanceof SdkHttpError ? (error.status ?? 0) : 401;
    if (status === 401)
      return `${endpoint} asks for authorization, which the wallet cannot give by itself: name a header (--header), or put a bridge that can behind it (waxseal wallet -- COMMAND).`;
    if (status >= 300 && status < 400) return `${endpoint} redirects elsewhere, which is not followed: name the URL that it redirects to.`;
    if (status === 404 || status === 405)
      return `${endpoint} answered ${status}: there is no MCP server there, or it has ended the session.`;
    return `${endpoint} answered ${status}.`;
  }
  if (error instanceof SdkError) return `${endpoint} answered, but not as an MCP server does.`;
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  if (code === 'ECONNREFUSED') return `${endpoint} cannot be reached: nothing listens there.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${endpoint} cannot be reached: there is no such host.`;
  if ((error as Error).name === 'TypeError') return `${endpoint} cannot be reached${code === undefined ? '' : `: ${code}`}.`;
  return `${endpoint} answered, but not as an MCP server does.`;
}

/** Where the server challenges, the SDK throws errors of its own. */
function isUnauthorized(error: unknown): boolean {
  return ['UnauthorizedError', 'InsufficientScopeError'].includes((error as Error).name);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
