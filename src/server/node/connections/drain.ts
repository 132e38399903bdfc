import type { ServerResponse } from 'node:http';
import { Server as Listener } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/**
 * How long a server that was told to stop goes on, and says at `/readyz` that it is not ready. Milliseconds. The time is long
 * enough for two probes a second apart.
 */
const UNREADY_MS = 2_500;

/**
 * How long a stop waits at most, one after the other: for requests to arrive; for their answers; for further requests on
 * connections that a proxy keeps; for their answers; and for clients to read. Milliseconds. The sum is less than the 15 s
 * that a process has to stop.
 */
const [ARRIVING_MS, WORKING_MS, IDLE_MS, LATE_MS, READING_MS] = [5_000, 6_000, 1_000, 1_000, 1_500];

/** A request and its answer. */
interface Exchange {
  /** Settles when the answer begins, or when the connection ends without one. */
  readonly answered: Promise<unknown>;
  /** Settles when the answer was sent, or when the connection has ended. */
  readonly closed: Promise<unknown>;
  resolveAnswered(): void;
}

export interface Draining {
  /** Ends the streams that only the server can end. */
  endStreams(): Promise<void>;
  /** Whether something asks for `/readyz` again and again. */
  isWatched(): boolean;
}

/**
 * Makes the closing of a server graceful.
 *
 * 1. If something watches `/readyz`, the server goes on for a moment and says there that it is not ready.
 * 2. The server accepts no further connections. A proxy whose connection is refused sends its request to another replica,
 *    and loses nothing.
 * 3. The server answers the requests that it has, and those whose bodies are still arriving. It cuts off a body that does
 *    not arrive in time.
 * 4. The next request may already be on its way on a connection that a proxy keeps. The server answers it too, with
 *    `Connection: close`, and cuts connections that stay idle.
 * 5. The server ends the streams that would never end by themselves.
 *
 * @returns a function to call when an answer begins
 */
export function drainOnClose(app: FastifyInstance, { endStreams, isWatched }: Draining): (response: ServerResponse) => void {
  const exchanges = new Map<ServerResponse, Exchange>();
  let stopping = false;

  const begin = (response: ServerResponse) => {
    if (exchanges.has(response)) return;
    let resolveAnswered = () => {};
    const closed = new Promise<void>((resolve) => response.once('close', resolve)).then(() => exchanges.delete(response));
    const answered = Promise.race([closed, new Promise<void>((resolve) => (resolveAnswered = resolve))]);
    exchanges.set(response, { answered, closed, resolveAnswered });
  };
  app.server.prependListener('request', (_request, response) => begin(response));
  // A program that listens on `localhost` by Fastify's own `listen` may have a second server, whose requests come only here.
  app.addHook('onRequest', async (_request, { raw }) => begin(raw));

  const isLastOfItsConnection = (response: ServerResponse) =>
    [...exchanges.keys()].findLast(({ req }) => req.socket === response.req.socket) === response;
  const markAnswered = (response: ServerResponse) => {
    // A client that sent several requests without waiting must get all answers, so only the last one closes the connection.
    if (stopping && isLastOfItsConnection(response)) response.setHeader('connection', 'close');
    else if (stopping) response.removeHeader('connection');
    exchanges.get(response)?.resolveAnswered();
  };

  app.addHook('preClose', async () => {
    stopping = true;
    const unready = isWatched() ? UNREADY_MS : 0;
    await pause(unready);
    const isEmpty = new Promise((resolve) => app.server.once('close', resolve));
    // This is the `close` of a plain TCP server. The `close` of an HTTP server would also end idle connections.
    Listener.prototype.close.call(app.server);
    const all = (end: 'answered' | 'closed') => Promise.all([...exchanges.values()].map((exchange) => exchange[end]));
    const answered = all('answered');
    await patiently(ARRIVING_MS - unready, answered);
    for (const { req } of exchanges.keys()) if (!req.complete) req.destroy();
    await patiently(WORKING_MS, answered);
    await patiently(IDLE_MS, isEmpty);
    await patiently(LATE_MS, all('answered'));
    await endStreams();
    await patiently(READING_MS, all('closed'));
    app.server.closeAllConnections();
  });
  return markAnswered;
}

/** Waits for a promise, but no longer than the given time. */
async function patiently(milliseconds: number, what: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, patience]);
  clearTimeout(timer);
}
