/** `fetch`, with an end to what a server may say at once. */
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/client';

/** Of a message, in bytes: what hosts read over stdio. A longer one would end the connection to the host, or the process. */
export const LONGEST_MESSAGE: number = STDIO_DEFAULT_MAX_BUFFER_SIZE;

/** An empty line ends an event of a stream. */
const ENDS = ['\n\n', '\r\n\r\n'];

/** The same as `fetch`; reading a body fails with a `RangeError` where one message in it is too long. */
export async function boundedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  return new Response(body.pipeThrough(bound(isStream)), { status, statusText, headers });
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
