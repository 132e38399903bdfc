/** A `fetch` that limits the length of a server's messages, and repeats requests that a busy server refused. */
import { setTimeout } from 'node:timers/promises';
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/client';
import { isEventStream } from './answer-bodies.ts';
import type { Fetch } from './proxy.ts';

/**
 * The longest message to read, in bytes: the limit of hosts over stdio. A longer one would make the host disconnect.
 */
export const LONGEST_MESSAGE: number = STDIO_DEFAULT_MAX_BUFFER_SIZE;

/** The longest wait for `Retry-After`, in milliseconds. */
const LONGEST_PAUSE_MS = 30_000;
/** The maximum number of times to repeat one request. */
const RETRIES = 3;

/** Limits the length of messages. After a 429 or 503 with a short `Retry-After`, waits and repeats the request. */
export function patient(fetch: Fetch): Fetch {
  const bounded = boundedBy(fetch);
  return async (url, init) => {
    for (let retry = 0; ; retry += 1) {
      const response = await bounded(url, init);
      const pause = pauseIn(response);
      if (pause === undefined || pause > LONGEST_PAUSE_MS || retry === RETRIES) return response;
      await response.body?.cancel();
      await setTimeout(pause, undefined, { ...(init?.signal && { signal: init.signal }) });
    }
  };
}

/**
 * Returns how long a busy server asks to wait, in milliseconds (`Retry-After`, RFC 9110 §10.2.3). Returns undefined if
 * the server is not busy, or if the header is missing or not valid.
 */
export function pauseIn({ status, headers }: Response): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const value = headers.get('retry-after') ?? '';
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** What ends an event in an event stream: an empty line, in either kind of line break. */
const ENDS = ['\n\n', '\r\n\r\n'];

/** Limits the messages in responses: reading a body fails with a `RangeError` at a message that is too long. */
function boundedBy(fetch: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { body, status, statusText, headers } = response;
    if (body === null) return response;
    return new Response(body.pipeThrough(bound(isEventStream(headers))), { status, statusText, headers: [...headers] });
  };
}

/** Fails if a body has too many bytes. @param isStream whether each event of the body counts by itself */
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
