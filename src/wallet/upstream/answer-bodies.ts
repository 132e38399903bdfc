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
 * the last event, because some servers leave out the empty line after it. Data that is not JSON stays as it is.
 */
function plainEvents(unreadable: (problem: string) => void): TransformStream<Uint8Array, Uint8Array> {
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  let part: string[] = [];
  let lines: string[] = [];

  /** Returns the event that the lines so far make. */
  const plainEvent = () => {
    const event = lines;
    lines = [];
    const data = event.filter((line) => line.startsWith('data:'));
    const json = parsed(data.map((line) => line.slice('data:'.length)).join('\n'));
    if (json === undefined) return `${event.join('\n')}\n\n`;
    const others = event.filter((line) => !/^(?:data|event):/.test(line)).map((line) => `${line}\n`);
    const messages = messagesIn(json, unreadable);
    return messages.length === 0 ? '' : messages.map((message) => `${others.join('')}data: ${message}\n\n`).join('');
  };
  const plainLine = () => {
    const line = part.join('').replace(/[\r\n]+$/, '');
    part = [];
    if (line !== '') lines.push(line);
    return line === '' && lines.length > 0 ? plainEvent() : '';
  };
  return new TransformStream({
    transform: (chunk, controller) => {
      let plain = '';
      for (const line of decoder.decode(chunk, { stream: true }).split(AFTER_LINE)) {
        if (part.at(-1)?.endsWith('\r') && !line.startsWith('\n')) plain += plainLine();
        part.push(line);
        if (line.endsWith('\n')) plain += plainLine();
      }
      if (plain !== '') controller.enqueue(encoder.encode(plain));
    },
    flush: (controller) => controller.enqueue(encoder.encode(`${plainLine()}${lines.length > 0 ? plainEvent() : ''}\n\n`)),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
