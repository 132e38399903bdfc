/** `fetch`, with an end to what a server may say at once. */
import { setTimeout } from 'node:timers/promises';
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/client';
import type { Fetch } from './proxy.ts';

/** Of a message, in bytes: what hosts read over stdio. A longer one would end the connection to the host, or the process. */
export const LONGEST_MESSAGE: number = STDIO_DEFAULT_MAX_BUFFER_SIZE;

/** A server that is away for longer is not waited for. Milliseconds, and how often. */
const LONGEST_PAUSE_MS = 30_000;
const RETRIES = 3;

/** The same as `fetch`, bounded; where a server says 503 and when to come back, the request is made again then. */
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

/** What Retry-After says (RFC 9110, section 10.2.3), in milliseconds. */
function pauseIn(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** An empty line ends an event of a stream. */
const ENDS = ['\n\n', '\r\n\r\n'];

/** The same as `fetch`; reading a body fails with a `RangeError` where one message in it is too long. */
function boundedBy(fetch: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { body, status, statusText, headers } = response;
    if (body === null) return response;
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    return new Response(body.pipeThrough(bound(isStream)), { status, statusText, headers: [...headers] });
  };
}

/** @param isStream whether the body is a stream of events, which has no end of its own, and not one message */
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
