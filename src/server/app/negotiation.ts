/** In what form a client takes an answer (RFC 9110 §12.5.1), and how it gets it in that form. */

/** The two forms that an answer of MCP can have. */
export interface Taken {
  readonly json: boolean;
  readonly stream: boolean;
}

const [JSON_TYPE, STREAM_TYPE] = ['application/json', 'text/event-stream'];

/** What the SDK looks for, letter by letter, before it serves a client of the 2025 revisions. */
export const BOTH = `${JSON_TYPE}, ${STREAM_TYPE}`;

const ANY: Taken = { json: true, stream: true };

/** Tells which forms an `Accept` header takes. A client without the header takes any. */
export function takenBy(accept: string | null | undefined): Taken {
  // Almost every client sends exactly this text, so it need not be parsed.
  if (accept === BOTH) return ANY;
  if (accept === null || accept === undefined || accept.trim() === '') return ANY;
  const ranges = accept.split(',').flatMap(mediaRange);
  const isTaken = (type: string) => qualityOf(type, ranges) > 0;
  return { json: isTaken(JSON_TYPE), stream: isTaken(STREAM_TYPE) };
}

interface MediaRange {
  readonly range: string;
  /** From 0, which is "not this", to 1. */
  readonly quality: number;
}

/** One element of the header; what is not one is passed over. */
function mediaRange(element: string): MediaRange[] {
  const [range = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
  if (!/^[^\s/]+\/[^\s/]+$/.test(range)) return [];
  const q = parameters.map((parameter) => /^q\s*=\s*"?([01](?:\.\d{0,3})?)"?$/.exec(parameter)?.[1]).find((found) => found !== undefined);
  return [{ range, quality: q === undefined ? 1 : Number(q) }];
}

/** The most specific range that a type is in says. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const range of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const found = ranges.filter((one) => one.range === range);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}

/**
 * An answer in a form that the client takes. What comes before the answer proper (progress, logs) has no place in JSON.
 *
 * @param isBatch whether the request was a list, and its answer is to be one
 */
export async function inFormTaken(answer: Response, { json, stream }: Taken, isBatch: boolean): Promise<Response> {
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === STREAM_TYPE && !stream) {
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

/** The messages of an event stream (HTML, server-sent events), of which each is one line of JSON. */
function messagesIn(events: string): unknown[] {
  const lines = events.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:') && line.slice(5).trim() !== '');
  return lines.map((line) => JSON.parse(line.slice(5)));
}

function isAnswer(message: unknown): boolean {
  return typeof message === 'object' && message !== null && !('method' in message);
}
