/**
 * Connects to servers of revision 2024-11-05 over HTTP with SSE. Such a server sends all its responses on one event stream,
 * instead of in the HTTP response to each request.
 */
import { setTimeout } from 'node:timers/promises';
import { SSEClientTransport, SseError } from '@modelcontextprotocol/client';
import type { Message } from '../messages.ts';
import { errorIn, statusOf } from './explain.ts';
import type { Fetch } from './proxy.ts';

/** The time that the wallet waits for the event `endpoint`, in milliseconds. Servers of other revisions never send this event. */
const PATIENCE_MS = 10_000;

/** The HTTP statuses that concern the caller. They tell nothing about the server's revision. */
const OF_CALLER = [401, 403, 407, 408, 429];

/**
 * Tells whether the refusal of a first message may come from a server of 2024-11-05, which does not accept POST at this
 * URL (MCP 2025-11-25, basic/transports, "Backwards Compatibility"). Only servers of later revisions refuse in JSON-RPC.
 */
export function mayBeOlder(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  return status >= 400 && status < 500 && !OF_CALLER.includes(status) && errorIn(error) === undefined;
}

/** A connection to a server of 2024-11-05. */
export interface OlderServer {
  send(message: Message): Promise<void>;
  setProtocolVersion(version: string): void;
  close(): Promise<void>;
}

/** The pauses before the attempts to open a stream again, in milliseconds. The server may be restarting. */
const PAUSES_MS = [0, 200, 1_000];

/** The options of {@link openOlder}. */
export interface StreamOptions {
  readonly fetch: Fetch;
  readonly headers: Headers;
  /** Whether the server had an event stream before. If so, the wallet tries several times to open the stream again. */
  readonly isBack: boolean;
}

/**
 * Opens the event stream of a server of 2024-11-05.
 *
 * @param heard called with each message
 * @param ended called once when the stream has ended by itself; the stream is not opened again automatically
 * @throws {Error} if the server has no event stream with an `endpoint` event
 */
export async function openOlder(
  url: URL,
  { fetch, headers, isBack }: StreamOptions,
  heard: (message: Message) => void,
  ended: () => void,
): Promise<OlderServer> {
  let failure: unknown;
  for (const pause of isBack ? PAUSES_MS : [0]) {
    await setTimeout(pause);
    const stream = new SSEClientTransport(url, { fetch, requestInit: { headers } });
    stream.onmessage = (message) => heard(message as Message);
    try {
      await opened(stream);
      return used(stream, ended);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * Opens a stream, and waits for the event `endpoint`, which names the URL for messages.
 *
 * @throws {Error} if the event does not come in time
 */
async function opened(stream: SSEClientTransport): Promise<void> {
  const timer = new AbortController();
  const late = setTimeout(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error('the stream did not name the URL for messages');
  });
  try {
    await Promise.race([stream.start(), late]);
  } catch (error) {
    await stream.close();
    throw error;
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}

function used(stream: SSEClientTransport, ended: () => void): OlderServer {
  let isOpen = true;
  const close = async () => {
    isOpen = false;
    await stream.close();
  };
  // The SDK's stream would reconnect by itself, without a handshake. So the wallet closes the stream.
  stream.onerror = (error) => {
    if (!isOpen || !SseError.isInstance(error)) return;
    void close();
    ended();
  };
  return {
    send: (message) => stream.send(message as never),
    setProtocolVersion: (version) => stream.setProtocolVersion(version),
    close,
  };
}
