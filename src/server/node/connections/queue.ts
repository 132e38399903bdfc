/** The queue of requests in front of the framework. It keeps probes and answers quick under any load, and sheds what is too much. */
import type { RequestListener, Server, ServerResponse } from 'node:http';

/** How many requests may be in hand at one time. A process answers this many within about a second. */
const MOST_IN_HAND = 256;

/** The share of the time that an overloaded process spends on writing refusals. Reading the refused requests takes about twice as long. */
const SHEDDING_SHARE = 0.07;

/** What the queue gives requests to. */
export interface QueueOptions {
  /** Answers a request. */
  readonly answer: RequestListener;
  /** Refuses a request during an overload. This must cost little. */
  readonly shed: RequestListener;
  /** Whether a request is answered at once, without waiting. Probes are. */
  isUrgent(url: string): boolean;
}

/** A queue of requests. */
export interface RequestQueue {
  /** The number of requests in hand: they wait, or the process has begun work on them and has not answered yet. */
  size(): number;
  /** To be called when an answer begins. The request then no longer counts as in hand, because a stream may take hours. */
  leave(response: ServerResponse): void;
}

/**
 * Lets the requests of a server wait for their turn. In each turn of the event loop the process begins work on one of
 * them. So a turn stays short, and neither a probe nor a new connection waits for a whole batch.
 *
 * Normally the oldest request is next. While more than 256 are in hand, the process refuses the oldest requests, and the
 * newest request is next, because the process can still answer it promptly. Refusals take a bounded share of the time. So a
 * client that sends again as soon as it is refused cannot keep the process from answering others: it waits for its refusal.
 *
 * @param server a server that has no other listener which answers `request`
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
      // A request whose client has gone needs no answer.
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
