/**
 * Rewrites the bodies of HTTP responses. The SDK's transport then also reads messages that break the rules of JSON-RPC
 * or of event streams, but whose meaning is plain.
 */
import { readMessages } from './answer.ts';

/** Tells whether a response is an event stream. */
export function isEventStream(headers: Headers): boolean {
  return /^\s*text\/event-stream\b/i.test(headers.get('content-type') ?? '');
}

/**
 * Rewrites the body of a response.
 *
 * @param unreadable called with what is wrong with a message that cannot be read. Such a message is left out.
 */
export async function withPlainBody(response: Response, unreadable: (problem: string) => void): Promise<Response> {
  const { body, status, statusText, headers } = response;
  if (body === null || !response.ok) return response;
  const init = { status, statusText, headers };
  if (isEventStream(headers)) return new Response(body.pipeThrough(plainEvents(unreadable)), init);
  if (!/^\s*application\/json\b/i.test(headers.get('content-type') ?? '')) return response;
  const json = parsed(await response.text());
  if (json === undefined) unreadable('it is not JSON');
  return new Response(`[${messagesIn(json, unreadable).join()}]`, init);
}

/** Returns each message in a JSON value, as JSON of its own. */
function messagesIn(json: unknown, unreadable: (problem: string) => void): string[] {
  return readMessages(json).flatMap((read) => {
    if ('message' in read) return JSON.stringify(read.message);
    unreadable(read.problem);
    return [];
  });
}

/** The end of a line: CR, LF or both. A CR at the end of a part may be followed by LF in the next part. */
const AFTER_LINE = /(?<=\n|\r(?!\n|$))/;

/**
 * Makes each message in an event stream an event of its own, without a name, because some servers choose a name. Ends
 * the last event, because some servers leave out the empty line after it. Data that is not one line of JSON stays as it is.
 */
function plainEvents(unreadable: (problem: string) => void): TransformStream<Uint8Array, Uint8Array> {
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  let parts: string[] = [];
  const plainLine = () => {
    const line = parts.join('');
    parts = [];
    if (/^event:/.test(line)) return '';
    const [, data = ''] = /^data: ?([[{].*?)[\r\n]*$/s.exec(line) ?? [];
    const json = parsed(data);
    if (json === undefined) return line;
    return messagesIn(json, unreadable)
      .map((message) => `data: ${message}\n`)
      .join('\n');
  };
  return new TransformStream({
    transform: (chunk, controller) => {
      let plain = '';
      for (const line of decoder.decode(chunk, { stream: true }).split(AFTER_LINE)) {
        if (parts.at(-1)?.endsWith('\r') && !line.startsWith('\n')) plain += plainLine();
        parts.push(line);
        if (line.endsWith('\n')) plain += plainLine();
      }
      controller.enqueue(encoder.encode(plain));
    },
    flush: (controller) => controller.enqueue(encoder.encode(`${plainLine()}\n\n`)),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
