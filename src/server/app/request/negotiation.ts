/** Negotiates the media type of responses (RFC 9110 §12.5.1). */

/** The media types that a client accepts: `application/json`, `text/event-stream`, or both. */
export interface Taken {
  readonly json: boolean;
  readonly stream: boolean;
  /**
   * Whether to send JSON wherever both are possible. A client that reads event streams names them in `Accept`. Most
   * HTTP libraries send a range for all types, and their callers expect JSON.
   */
  readonly prefersJson: boolean;
}

const [JSON_TYPE, STREAM_TYPE] = ['application/json', 'text/event-stream'];

/** The SDK serves a client of the 2025 revisions only if its `Accept` names both media types. */
export const BOTH = `${JSON_TYPE}, ${STREAM_TYPE}`;

/** Reads an `Accept` header. A client that does not send the header accepts both media types, and prefers JSON. */
export function takenBy(accept: string | null | undefined): Taken {
  // Almost every client sends exactly this text, and comparing is faster than parsing.
  if (accept === BOTH) return { json: true, stream: true, prefersJson: false };
  if (!accept?.trim()) return { json: true, stream: true, prefersJson: true };
  const ranges = accept.split(',').flatMap(mediaRange);
  const [json, stream] = [qualityOf(JSON_TYPE, ranges), qualityOf(STREAM_TYPE, ranges)];
  const namesStreams = ranges.some(({ range }) => range === STREAM_TYPE || range === 'text/*');
  return { json: json > 0, stream: stream > 0, prefersJson: json > 0 && (!namesStreams || stream < json) };
}

const EVERYTHING = '*/*';

/** One element of an `Accept` header, such as `text/*;q=0.5`. */
interface MediaRange {
  readonly range: string;
  /** From 0, which means "not acceptable", to 1. */
  readonly quality: number;
}

function mediaRange(element: string): MediaRange[] {
  const [given = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
  // Java's HTTP client writes `*`.
  const range = given === '*' ? EVERYTHING : given;
  if (!/^[^\s/]+\/[^\s/]+$/.test(range)) return [];
  const q = parameters.map((parameter) => /^q\s*=\s*"?([01](?:\.\d{0,3})?)"?$/.exec(parameter)?.[1]).find((found) => found !== undefined);
  return [{ range, quality: q === undefined ? 1 : Number(q) }];
}

/** The most specific matching range decides (RFC 9110 §12.5.1). */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const range of [type, `${type.split('/')[0]}/*`, EVERYTHING]) {
    const found = ranges.filter((one) => one.range === range);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}

/**
 * Converts a response to the media type that the client prefers or accepts. JSON contains only the answer, so the
 * notifications in a stream (progress, log messages) are dropped.
 *
 * @param isBatch whether the request was an array of messages; if so, a JSON response is also an array
 */
export async function inFormTaken(answer: Response, { json, stream, prefersJson }: Taken, isBatch: boolean): Promise<Response> {
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === STREAM_TYPE && (!stream || prefersJson)) {
    const answers = messagesIn(await answer.text()).filter(isAnswer);
    return formed(answer, JSON_TYPE, JSON.stringify(isBatch ? answers : answers[0]));
  }
  if (type === JSON_TYPE && !json && answer.ok) return formed(answer, STREAM_TYPE, `event: message\ndata: ${await answer.text()}\n\n`);
  return answer;
}

function formed({ status, headers: given }: Response, type: string, body: string): Response {
  const headers = new Headers(given);
  headers.set('content-type', type);
  headers.delete('content-length');
  return new Response(body, { status, headers });
}

/** Reads an event stream (HTML standard, "Server-sent events"). The SDK writes each message as one line of JSON. */
function messagesIn(events: string): unknown[] {
  const lines = events.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:') && line.slice(5).trim() !== '');
  return lines.map((line) => JSON.parse(line.slice(5)));
}

function isAnswer(message: unknown): boolean {
  return typeof message === 'object' && message !== null && !('method' in message);
}
