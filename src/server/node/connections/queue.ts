/**
 * The queue through which each request passes before the framework sees it. Health probes do not wait. If too many
 * requests are in hand, the queue refuses some, so that the others get their answers soon.
 *
 * A request is "in hand" from its arrival until its answer begins.
 */
import type { RequestListener, Server, ServerResponse } from 'node:http';

/** The most requests in hand. A process answers this number within about a second. */
const MOST_IN_HAND = 256;

/**
 * The share of its time that an overloaded process spends on writing refusals. Reading the refused requests costs about
 * twice as much.
 */
const SHEDDING_SHARE = 0.07;

export interface QueueOptions {
  /** Answers a request. */
  readonly answer: RequestListener;
  /** Refuses a request during an overload. Must be fast. */
  readonly shed: RequestListener;
  /** Tells whether a request, such as a health probe, is answered without waiting. */
  isUrgent(url: string): boolean;
}

export interface RequestQueue {
  /** Returns the number of requests in hand. */
  size(): number;
  /** Call this when an answer begins. From then on, the request is not in hand, even if the answer is a long stream. */
  leave(response: ServerResponse): void;
}

/**
 * Puts the requests of a server into a queue. In each turn of the event loop, the process begins only one request. So a
 * turn stays short, and probes and new connections do not wait long.
 *
 * Normally the oldest request is next. With more than 256 requests in hand, the newest is next, because its answer is
 * still in time. Meanwhile the process refuses the oldest requests, but only for a limited share of its time. So
 * clients that repeat refused requests at once cannot keep the process from answering others.
 *
 * @param server a server whose other listeners for `request` send no answer
 */
export function queueRequests(server: Server, { answer, shed, isUrgent }: QueueOptions): RequestQueue {
  const waiting: Parameters<RequestListener>[] = [];
  const begun = new Set<ServerResponse>();
  let isTurnDue = false;
  let lastTurn = performance.now();

  const size = () => waiting.length + begun.size;
  const isOverloaded = () => size() > MOST_IN_HAND;

  const beginNext = () => {
    if (begun.size >= MOST_IN_HAND) return;
    for (let next = take(); next !== undefined; next = take()) {
      const [request, response] = next;
      // The client has gone.
      if (response.destroyed) continue;
      begun.add(response);
      response.once('close', () => begun.delete(response));
      answer(request, response);
      return;
    }
  };
  const take = () => (isOverloaded() ? waiting.pop() : waiting.shift());

  const shedOldest = (milliseconds: number) => {
    const until = performance.now() + milliseconds;
    while (isOverloaded()) {
      const oldest = waiting.shift();
      if (oldest === undefined) return;
      if (oldest[1].destroyed) continue;
      shed(...oldest);
      if (performance.now() >= until) return;
    }
  };

  const turn = () => {
    isTurnDue = false;
    const now = performance.now();
    beginNext();
    shedOldest((now - lastTurn) * SHEDDING_SHARE);
    lastTurn = now;
    if (waiting.length > 0) scheduleTurn();
  };
  const scheduleTurn = () => {
    if (isTurnDue) return;
    isTurnDue = true;
    setImmediate(turn);
  };

  server.on('request', (request, response) => {
    if (isUrgent(request.url ?? '')) return answer(request, response);
    waiting.push([request, response]);
    scheduleTurn();
  });
  return { size, leave: (response) => void begun.delete(response) };
}
