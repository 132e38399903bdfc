/** A `fetch` that limits the length of a server's messages, and repeats a request that a busy server refused. */
import { setTimeout } from 'node:timers/promises';
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/client';
import type { Fetch } from './proxy.ts';

/**
 * The longest message, in bytes: as much as hosts read over stdio. A longer message would end the connection to the host, or
 * the process.
 */
export const LONGEST_MESSAGE: number = STDIO_DEFAULT_MAX_BUFFER_SIZE;

/** The longest `Retry-After` that is waited for, in milliseconds. */
const LONGEST_PAUSE_MS = 30_000;
/** How many times a request is repeated. */
const RETRIES = 3;

/**
 * Wraps `fetch`: limits the length of messages, and repeats a request after a response 503 with `Retry-After`, when that
 * time has passed.
 */
export function patient(fetch: Fetch): Fetch {
  const bounded = boundedBy(fetch);
  return async (url, init) => {
    for (let retry = 0; ; retry += 1) {
      const response = await bounded(url, init);
      const pause = response.status === 503 ? pauseIn(response.headers) : undefined;
      if (pause === undefined || pause > LONGEST_PAUSE_MS || retry === RETRIES) return response;
      await response.body?.cancel();
      await setTimeout(pause, undefined, { ...(init?.signal && { signal: init.signal }) });
    }
  };
}

/** Reads `Retry-After` (RFC 9110 §10.2.3). @returns milliseconds; undefined without a valid header */
function pauseIn(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The ends of an event in an event stream: an empty line. */
const ENDS = ['\n\n', '\r\n\r\n'];

/** Wraps `fetch`: reading a body fails with a `RangeError` if one message in it is too long. */
function boundedBy(fetch: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { body, status, statusText, headers } = response;
    if (body === null) return response;
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    return new Response(body.pipeThrough(bound(isStream)), { status, statusText, headers: [...headers] });
  };
}

/** Makes the stream that counts bytes. @param isStream whether the body is an event stream, whose events are counted one by one */
function bound(isStream: boolean): TransformStream<Uint8Array, Uint8Array> {
  let length = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      length += chunk.length;
      if (length > LONGEST_MESSAGE) return controller.error(new RangeError(`a message of more than ${LONGEST_MESSAGE} bytes`));
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const end = isStream ? Math.max(...ENDS.map((ending) => bytes.lastIndexOf(ending))) : -1;
      if (end !== -1) length = chunk.length - end;
      controller.enqueue(chunk);
    },
  });
}
