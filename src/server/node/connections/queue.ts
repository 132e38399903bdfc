/**
 * The queue of requests. Each request passes through the queue before the framework sees the request. Health probes do not wait
 * in the queue. If too many requests are in hand, the queue refuses some of them, so that the others get their answers soon.
 *
 * A request is "in hand" from its arrival until its answer begins.
 */
import type { RequestListener, Server, ServerResponse } from 'node:http';

/** The maximum number of requests that may be in hand at one time. A process answers this number of requests within about a second. */
const MOST_IN_HAND = 256;

/**
 * The share of its time that an overloaded process spends on writing refusals. In addition, it spends about twice this share
 * on reading the requests that it refuses.
 */
const SHEDDING_SHARE = 0.07;

/** The functions that the queue calls. */
export interface QueueOptions {
  /** Answers a request. */
  readonly answer: RequestListener;
  /** Refuses a request during an overload. This function must be fast. */
  readonly shed: RequestListener;
  /** Tells whether a request must be answered at once, without waiting in the queue. Health probes are urgent. */
  isUrgent(url: string): boolean;
}

/** A queue of requests. */
export interface RequestQueue {
  /** Returns the number of requests in hand. Such a request still waits, or the process works on it and has not begun its answer. */
  size(): number;
  /** Call this function when an answer begins. From then on, the request is not in hand, even if the answer is a long stream. */
  leave(response: ServerResponse): void;
}

/**
 * Puts the requests of a server into a queue. In each turn of the event loop, the process begins work on only one request. So
 * a turn stays short, and neither a health probe nor a new connection waits until many requests are answered.
 *
 * Normally the oldest request is next. While more than 256 requests are in hand, the newest request is next, because
 * the process can still answer this request promptly. Meanwhile, the process refuses the oldest requests, but spends
 * only a limited share of its time on refusals. So if a client repeats each request as soon as it is refused, the
 * next refusal comes only after a while, and the client cannot keep the process from answering other clients.
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
      // If the client has gone, the request needs no answer.
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
