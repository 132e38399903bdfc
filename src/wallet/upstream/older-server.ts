/**
 * Connects to servers of revision 2024-11-05, over HTTP with SSE. They send all responses on one event stream, not in
 * the HTTP responses.
 */
import { setTimeout } from 'node:timers/promises';
import { SSEClientTransport, SseError } from '@modelcontextprotocol/client';
import type { Message } from '../messages.ts';
import { errorIn, statusOf } from './explain.ts';
import type { Fetch } from './proxy.ts';

/** How long to wait for the event `endpoint`, in milliseconds. Servers of other revisions never send it. */
const PATIENCE_MS = 10_000;

/** HTTP statuses about the caller, which tell nothing of the server's revision. */
const OF_CALLER = [401, 403, 407, 408, 429];

/**
 * Tells whether a refused first message may mean a server of 2024-11-05, which takes no POST at this URL (MCP
 * 2025-11-25, basic/transports, "Backwards Compatibility"). A refusal in JSON-RPC comes from a later server.
 */
export function mayBeOlder(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  return status >= 400 && status < 500 && !OF_CALLER.includes(status) && errorIn(error) === undefined;
}

export interface OlderServer {
  send(message: Message): Promise<void>;
  setProtocolVersion(version: string): void;
  close(): Promise<void>;
}

/** Pauses before attempts to open a stream again, in milliseconds. The server may be restarting. */
const PAUSES_MS = [0, 200, 1_000];

export interface StreamOptions {
  readonly fetch: Fetch;
  readonly headers: Headers;
  /** Whether the server had an event stream before. If so, the wallet tries several times. */
  readonly isBack: boolean;
}

/**
 * Opens the event stream of a server of 2024-11-05.
 *
 * @param heard called with each message
 * @param ended called once if the stream ends by itself. The stream is not opened again.
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

/** Waits for the event `endpoint`, which names the URL for messages. @throws {Error} if it does not come in time */
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
  // The wallet closes the stream, because the SDK would reconnect without a handshake.
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
