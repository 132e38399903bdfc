/** A transport to a server over HTTP, for a client over stdio. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type JSONRPCMessage, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { isModern, type Message } from '../messages.ts';
import { INTERNAL_ERROR, openIdOf } from './answer.ts';
import { isEventStream, withPlainBody } from './answer-bodies.ts';
import { patient, pauseIn } from './bounded-fetch.ts';
import { errorIn, explain, statusOf } from './explain.ts';
import { handshake } from './handshake.ts';
import { mayBeOlder, type OlderServer, openOlder } from './older-server.ts';
import { headersOf, type ParamHeader, paramHeaders } from './param-headers.ts';
import { type Fetch, fetchThrough, type HttpProxy } from './proxy.ts';

/** What the SDK's transport does not report of the message that it sends. */
interface Sending {
  /** The id of the message, if it is a request. */
  readonly id: string | number | undefined;
  /** Whether the response is an event stream. */
  isStream: boolean;
  /** What is wrong with the last message in the response that could not be read. */
  problem?: string;
  /** How long the server asks to wait, in seconds. */
  wait?: number;
}

/** A request without an answer yet. */
interface OpenRequest {
  readonly method: string;
  /** Whether it has no cursor. A request for a list then asks for the first page. */
  readonly first: boolean;
  /** Whether it is of revision 2026-07-28. If so, closing its stream cancels it. */
  readonly modern: boolean;
  readonly abort: AbortController;
}

export interface HttpUpstreamOptions {
  /** Called with an explanation of each failure. It quotes no text of a caught error, which may contain a handle. */
  readonly onError: (text: string) => void;
  /** Headers for every request, for example with a token. */
  readonly headers?: Headers;
  /** The proxy on the way to the server. */
  readonly proxy?: HttpProxy | undefined;
}

/** How long a closing wallet waits for the server to end the session, in milliseconds. */
const FAREWELL_MS = 1_000;

const ENDED_EARLY = 'ended the connection before it answered. It is unknown whether the call took effect.';

/**
 * Makes a transport to a server over Streamable HTTP. The transport hides the differences from stdio:
 * - Every request gets an answer. If the server cannot be reached or does not speak MCP, the answer is an error.
 * - A request is cancelled by closing its stream.
 * - If the server forgot the session, for example after a restart, the handshake is repeated.
 * - If the server speaks only HTTP with SSE (revision 2024-11-05), that is used instead.
 */
export function httpUpstream(url: URL, { onError, headers = new Headers(), proxy }: HttpUpstreamOptions): Transport {
  const sending = new AsyncLocalStorage<Sending>();
  const patiently = patient(proxy === undefined ? (target, init) => globalThis.fetch(target, init) : fetchThrough(proxy, url));
  const fetch: Fetch = async (target, init) => {
    const response = await patiently(target, init);
    const sent = sending.getStore();
    if (sent === undefined) return response;
    sent.isStream = isEventStream(response.headers);
    const pause = pauseIn(response);
    if (pause !== undefined) sent.wait = Math.ceil(pause / 1000);
    return withPlainBody(response, (problem) => {
      sent.problem = problem;
    });
  };
  const http = new StreamableHTTPClientTransport(url, { fetch, requestInit: { headers } });
  const open = new Map<string | number, OpenRequest>();
  const wanted = new Map<string, readonly ParamHeader[]>();
  const endpoint = `${url.origin}${url.pathname}`;
  const destination = { endpoint, proxy: proxy?.title, isAuthorized: headers.has('authorization') };
  /** Says why the response did not answer the request. */
  const unanswered = (sent: Sending, otherwise: string) =>
    sent.problem === undefined
      ? `${endpoint} ${otherwise}`
      : `${endpoint} answered, but the answer could not be read: ${sent.problem}. The call may have taken effect.`;
  const shaking = handshake();
  /** Whether the server sent a message over Streamable HTTP. Servers of 2024-11-05 never do. */
  let hasSpoken = false;
  let older: Promise<OlderServer> | undefined;
  let isOlder = false;
  let renewal: Promise<boolean> | undefined;

  /** @param asking the id of the request whose response contains the message */
  const heard = (message: Message, asking?: string | number) => {
    if (shaking.takes(message)) return;
    const isAnswer = message.method === undefined;
    // A server that could not read a request returns an error without its id.
    const id = isAnswer ? openIdOf(message.id ?? asking, open) : undefined;
    const asked = id === undefined ? undefined : open.get(id);
    // A response whose request is not open is dropped: it was cancelled, was answered already, or never existed.
    if (isAnswer && asked === undefined) return;
    if (id !== undefined) open.delete(id);
    const version = message.result?.['protocolVersion'];
    if (asked?.method === 'initialize' && typeof version === 'string') {
      http.setProtocolVersion(version);
      void older?.then((server) => server.setProtocolVersion(version));
    }
    const answer = id === undefined ? message : { ...message, id };
    upstream.onmessage?.((asked?.method === 'tools/list' && asked.modern ? withFitTools(answer, asked) : answer) as JSONRPCMessage);
  };

  /**
   * Opens the event stream of a server of 2024-11-05, or returns the stream that is open already.
   *
   * @param knowsUs false if the handshake must be repeated on the stream
   */
  const openStream = (knowsUs: boolean) => {
    const opening = async () => {
      const server = await openOlder(url, { fetch: patiently, headers, isBack: !knowsUs }, heard, () => {
        older = undefined;
        for (const id of open.keys()) fail(id, `${endpoint} ${ENDED_EARLY}`);
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

  const sendOnce = async (message: Message, options: Parameters<typeof http.send>[1], sent: Sending) => {
    if (!isOlder) {
      await sending.run(sent, () => http.send(message as JSONRPCMessage, options));
      // Unless the response is a stream, all of it has been read by now. If it did not answer the request, nothing will.
      if (sent.id !== undefined && !sent.isStream)
        fail(sent.id, unanswered(sent, 'answered, but not this request. It does not answer as an MCP server does.'));
      return;
    }
    const server = await openStream(message.method === 'initialize');
    return server.send(message);
  };

  /**
   * Prepares a second attempt to send a refused message: over the transport of 2024-11-05, or after a new handshake.
   *
   * @returns whether to send the message again
   */
  const findsAnotherWay = async (error: unknown, session: string | undefined): Promise<boolean> => {
    if (isOlder) {
      // The server forgot the stream, so the wallet sends the message again on a new stream.
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
    if (isRenewed) onError(`${endpoint} had ended the session; the wallet has begun a new one.`);
    return isRenewed;
  };

  const transmit = async (message: Message, options: Parameters<typeof http.send>[1], sent: Sending): Promise<void> => {
    const session = http.sessionId;
    try {
      await sendOnce(message, options, sent);
    } catch (error) {
      if (options?.requestSignal?.aborted || !(await findsAnotherWay(error, session))) throw error;
      await sendOnce(message, options, sent);
    }
  };

  const upstream: Transport = {
    start: () => http.start(),
    send: async (given) => {
      const message = given as Message;
      const { id, method, params } = message;
      shaking.note(message);
      const cancelled = method === 'notifications/cancelled' ? (params?.['requestId'] as string | number) : undefined;
      if (cancelled !== undefined) {
        const request = open.get(cancelled);
        open.delete(cancelled);
        if (request?.modern) return request.abort.abort();
      }
      // Each message has its own signal. A signal for the whole transport would collect listeners, and become slow.
      const abort = new AbortController();
      const requestSignal = abort.signal;
      if (id === undefined || method === undefined) {
        return transmit(message, { requestSignal }, { id: undefined, isStream: false }).catch((error) =>
          onError(explain(error, destination)),
        );
      }
      const modern = isModern(message);
      open.set(id, { method, first: params?.['cursor'] === undefined, modern, abort });
      const ofParams =
        modern && method === 'tools/call' ? headersOf(wanted.get(String(params?.['name'])) ?? [], params?.['arguments']) : {};
      // `send` does not wait for this promise, because the response, or the end of its stream, may come much later.
      const sent: Sending = { id, isStream: false };
      const onRequestStreamEnd = () => fail(id, unanswered(sent, ENDED_EARLY));
      transmit(message, { requestSignal, headers: ofParams, onRequestStreamEnd }, sent).catch((error) =>
        fail(id, explain(error, destination, sent.wait), errorIn(error, sent.wait)),
      );
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
  // This callback does nothing, because each request reports its own failure.
  http.onerror = () => {};
  http.onmessage = (message: JSONRPCMessage) => {
    hasSpoken = true;
    heard(message as Message, sending.getStore()?.id);
  };

  /**
   * Notes which headers the tools need. Leaves out tools with an invalid x-mcp-header, as the specification demands.
   */
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
    // A request that was answered or cancelled gets no further response.
    if (!open.delete(id)) return;
    onError(text);
    upstream.onmessage?.({ jsonrpc: '2.0', id, error } as JSONRPCMessage);
  };

  return upstream;
}

/**
 * Tells whether a server forgot a session. The specification demands status 404 (MCP 2025-11-25, basic/transports,
 * "Session Management"). Many servers send 400 with an error about a session.
 */
function hasForgotten(error: unknown, session: string | undefined): boolean {
  if (session === undefined) return false;
  const status = statusOf(error);
  return status === 404 || (status === 400 && /\bsession\b/i.test(errorIn(error)?.message ?? ''));
}

/** Names a tool for the log. An invalid name is left out: a terminal would obey its control characters. */
function toolTitle(tool: { readonly name?: unknown } | null): string {
  const name = tool?.name;
  return typeof name === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? `the tool "${name}"` : 'a tool';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
