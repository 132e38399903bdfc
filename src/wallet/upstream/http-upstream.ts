/** A server over HTTP as a plain pipe of messages, for a client that believes it is connected over stdio. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type JSONRPCMessage, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { isModern, type Message } from '../messages.ts';
import { patient } from './bounded-fetch.ts';
import { errorIn, explain, statusOf } from './explain.ts';
import { handshake } from './handshake.ts';
import { mayBeOlder, type OlderServer, openOlder } from './older-server.ts';
import { headersOf, type ParamHeader, paramHeaders } from './param-headers.ts';
import { type Fetch, fetchThrough, type HttpProxy } from './proxy.ts';

/** A request that has not been answered. */
interface OpenRequest {
  readonly method: string;
  /** Whether it asks for the first page of a list. */
  readonly first: boolean;
  /** Of revision 2026-07-28: closing its stream is how it is cancelled. */
  readonly modern: boolean;
  readonly abort: AbortController;
}

export interface HttpUpstreamOptions {
  /** Told what went wrong, in words of our own: what servers and libraries say may quote messages. */
  readonly onError: (text: string) => void;
  /** Sent with every request: a token, say. */
  readonly headers?: Headers;
  /** On the way to the server. */
  readonly proxy?: HttpProxy | undefined;
}

/** How long a server may take to end a session, in milliseconds: nobody waits for that. */
const FAREWELL_MS = 1_000;

const INTERNAL_ERROR = -32_603;

/**
 * Every request is answered: where the server cannot be reached, or does not speak MCP, by an error that says so.
 * What one transport says by a message and the other by its connection is translated; messages stay as they are.
 * A server that does not know the session any more, since it was started again, gets the handshake again; one that knows
 * only the HTTP with Server-Sent Events of 2024-11-05 is spoken with so.
 */
export function httpUpstream(url: URL, { onError, headers = new Headers(), proxy }: HttpUpstreamOptions): Transport {
  /** What came back for the message that is being sent: the transport does not tell. */
  const sending = new AsyncLocalStorage<{ isStream: boolean }>();
  const patiently = patient(proxy === undefined ? (target, init) => globalThis.fetch(target, init) : fetchThrough(proxy, url));
  const fetch: Fetch = async (target, init) => {
    const response = await patiently(target, init);
    const sent = sending.getStore();
    if (sent !== undefined) sent.isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    return response;
  };
  const http = new StreamableHTTPClientTransport(url, { fetch, requestInit: { headers } });
  const open = new Map<string | number, OpenRequest>();
  const wanted = new Map<string, readonly ParamHeader[]>();
  const endpoint = `${url.origin}${url.pathname}`;
  const destination = { endpoint, proxy: proxy?.title, isAuthorized: headers.has('authorization') };
  const endedEarly = `${endpoint} ended the connection before it had answered. Whether the call took effect is not known.`;
  const shaking = handshake();
  /** Whether the server has said anything over Streamable HTTP: then it is no older one. */
  let hasSpoken = false;
  let older: Promise<OlderServer> | undefined;
  let isOlder = false;
  let renewal: Promise<boolean> | undefined;

  const heard = (message: Message) => {
    if (shaking.takes(message)) return;
    const isAnswer = message.method === undefined && message.id !== undefined;
    const asked = isAnswer ? open.get(message.id as string) : undefined;
    // What nobody waits for: it was cancelled, or answered, or was never asked.
    if (isAnswer && asked === undefined) return;
    if (asked !== undefined) open.delete(message.id as string);
    const version = message.result?.['protocolVersion'];
    if (asked?.method === 'initialize' && typeof version === 'string') {
      http.setProtocolVersion(version);
      void older?.then((server) => server.setProtocolVersion(version));
    }
    upstream.onmessage?.((asked?.method === 'tools/list' && asked.modern ? withFitTools(message, asked) : message) as JSONRPCMessage);
  };

  /** Opens the stream of an older server, once for all who want it. @param knowsUs whether the server has had no handshake to forget */
  const openStream = (knowsUs: boolean) => {
    const opening = async () => {
      const server = await openOlder(url, { fetch, headers, isBack: !knowsUs }, heard, () => {
        older = undefined;
        for (const id of open.keys()) fail(id, endedEarly);
      });
      if (!knowsUs) await shaking.renew(server);
      return server;
    };
    older ??= opening();
    older.catch(() => {
      older = undefined;
    });
    return older;
  };

  const sendOnce = async (message: Message, options: Parameters<typeof http.send>[1]) => {
    if (!isOlder) {
      const sent = { isStream: false };
      await sending.run(sent, () => http.send(message as JSONRPCMessage, options));
      // What is no stream has been read to its end, and nothing more will come.
      const isRequest = message.method !== undefined && message.id !== undefined;
      if (isRequest && !sent.isStream)
        fail(message.id as string, `${endpoint} answered, but not this request: it does not speak as an MCP server does.`);
      return;
    }
    const server = await openStream(message.method === 'initialize');
    return server.send(message);
  };

  /** Whether what was refused may be sent again, since something was found out. */
  const findsAnotherWay = async (error: unknown, session: string | undefined): Promise<boolean> => {
    if (isOlder) {
      // The stream of a server that has forgotten it is of no use.
      if (older === undefined || ![400, 404].includes(statusOf(error) ?? 0)) return false;
      const server = await older;
      older = undefined;
      await server.close();
      return true;
    }
    if (!hasSpoken && mayBeOlder(error)) {
      const isThere = await openStream(true).then(
        () => true,
        () => false,
      );
      isOlder ||= isThere;
      return isThere;
    }
    if (!hasForgotten(error, session)) return false;
    if (http.sessionId !== session) return true;
    renewal ??= shaking.renew(http).finally(() => {
      renewal = undefined;
    });
    const isRenewed = await renewal.catch(() => false);
    if (isRenewed) onError(`${endpoint} had ended the session; another one was begun.`);
    return isRenewed;
  };

  const transmit = async (message: Message, options: Parameters<typeof http.send>[1]): Promise<void> => {
    const session = http.sessionId;
    try {
      await sendOnce(message, options);
    } catch (error) {
      if (options?.requestSignal?.aborted || !(await findsAnotherWay(error, session))) throw error;
      await sendOnce(message, options);
    }
  };

  const upstream: Transport = {
    start: () => http.start(),
    send: async (sent) => {
      const message = sent as Message;
      const { id, method, params } = message;
      shaking.note(message);
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
        return transmit(message, { requestSignal }).catch((error) => onError(explain(error, destination)));
      }
      const modern = isModern(message);
      open.set(id, { method, first: params?.['cursor'] === undefined, modern, abort });
      const ofParams =
        modern && method === 'tools/call' ? headersOf(wanted.get(String(params?.['name'])) ?? [], params?.['arguments']) : {};
      // It is answered, or its stream ends, after this has returned.
      transmit(message, {
        requestSignal,
        headers: ofParams,
        onRequestStreamEnd: () => fail(id, endedEarly),
      }).catch((error) => fail(id, explain(error, destination), errorIn(error)));
    },
    close: async () => {
      for (const { abort } of open.values()) abort.abort();
      open.clear();
      if (http.sessionId !== undefined) await Promise.race([http.terminateSession().catch(() => {}), pause(FAREWELL_MS)]);
      await older?.then((server) => server.close()).catch(() => {});
      await http.close();
    },
  };

  http.onclose = () => upstream.onclose?.();
  // Every failure is told where it is met: to the request that it concerns.
  http.onerror = () => {};
  http.onmessage = (message: JSONRPCMessage) => {
    hasSpoken = true;
    heard(message as Message);
  };

  /** Learns which headers the tools want. What asks for impossible ones must not be offered over HTTP. */
  const withFitTools = (message: Message, { first }: OpenRequest): Message => {
    const { result } = message;
    if (!Array.isArray(result?.['tools'])) return message;
    if (first) wanted.clear();
    const tools = result['tools'].filter((tool) => {
      const needed = paramHeaders(tool?.inputSchema);
      if (needed === undefined) onError(`${toolTitle(tool)} is left out: its x-mcp-header is not valid`);
      else if (needed.length > 0) wanted.set(String(tool?.name), needed);
      return needed !== undefined;
    });
    return { ...message, result: { ...result, tools } };
  };

  const fail = (id: string | number, text: string, error: object = { code: INTERNAL_ERROR, message: text }) => {
    // Once answered, or cancelled, a request has no other answer.
    if (!open.delete(id)) return;
    onError(text);
    upstream.onmessage?.({ jsonrpc: '2.0', id, error } as JSONRPCMessage);
  };

  return upstream;
}

/**
 * Whether a server has forgotten a session: by the status that the specification asks for (MCP 2025-11-25,
 * basic/transports, "Session Management"), or as many servers say it, by 400 with an error that speaks of a session.
 */
function hasForgotten(error: unknown, session: string | undefined): boolean {
  if (session === undefined) return false;
  const status = statusOf(error);
  return status === 404 || (status === 400 && /\bsession\b/i.test(errorIn(error)?.message ?? ''));
}

/** What a tool is called, where that is a name: a log shows what it is told to, and obeys it. */
function toolTitle(tool: { readonly name?: unknown } | null): string {
  const name = tool?.name;
  return typeof name === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? `the tool "${name}"` : 'a tool';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
