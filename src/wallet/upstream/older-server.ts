/** Servers of revision 2024-11-05, which speak HTTP with Server-Sent Events: answers come on a stream, and not to what they answer. */
import { setTimeout } from 'node:timers/promises';
import { SSEClientTransport, SseError } from '@modelcontextprotocol/client';
import type { Message } from '../messages.ts';
import { errorIn, statusOf } from './explain.ts';
import type { Fetch } from './proxy.ts';

/** How long a stream may take to say where messages go. Milliseconds: other servers have streams that never say so. */
const PATIENCE_MS = 10_000;

/** Statuses that say something of the caller, and nothing of the revision. */
const OF_CALLER = [401, 403, 407, 408, 429];

/**
 * Whether the refusal of a first message may come from such a server (MCP 2025-11-25, basic/transports, "Backwards
 * Compatibility"): it knows no POST there. A server that refuses in JSON-RPC knows it.
 */
export function mayBeOlder(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  return status >= 400 && status < 500 && !OF_CALLER.includes(status) && errorIn(error) === undefined;
}

/** A stream of such a server, and where messages to it go. */
export interface OlderServer {
  send(message: Message): Promise<void>;
  setProtocolVersion(version: string): void;
  close(): Promise<void>;
}

/** How long after a stream has ended, or could not be opened, another is tried: the server may be starting. Milliseconds. */
const PAUSES_MS = [0, 200, 1_000];

/** What a stream is opened with. */
export interface StreamOptions {
  readonly fetch: Fetch;
  readonly headers: Headers;
  /** Whether the server had such a stream before: then it is worth trying again. */
  readonly isBack: boolean;
}

/**
 * Opens the stream.
 *
 * @param heard told of each message
 * @param ended told once when the stream has ended by itself; whoever wants another opens it
 * @throws {Error} where there is no such stream
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

/** Waits until a stream says where messages go. @throws {Error} where it does not */
async function opened(stream: SSEClientTransport): Promise<void> {
  const timer = new AbortController();
  const late = setTimeout(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error('the stream does not say where messages go');
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
  // It would connect again by itself, to a server that knows nothing of the handshake.
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
