import type { ServerResponse } from 'node:http';
import { Server as Listener } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/**
 * The time, in milliseconds, for which a server still serves after it was told to stop, while `/readyz` says that the server is
 * not ready. The time is long enough for two probes that are a second apart.
 */
const UNREADY_MS = 2_500;

/**
 * The longest times that the steps of a stop wait, in milliseconds. The steps follow one another. They wait for:
 *
 * - `ARRIVING_MS`: requests whose bodies are still arriving
 * - `WORKING_MS`: the answers to these and all other requests
 * - `IDLE_MS`: further requests on connections that a proxy keeps open
 * - `LATE_MS`: the answers to these further requests
 * - `READING_MS`: clients that are still reading their answers
 *
 * The sum is less than the 15 seconds that a process has to stop.
 */
const [ARRIVING_MS, WORKING_MS, IDLE_MS, LATE_MS, READING_MS] = [5_000, 6_000, 1_000, 1_000, 1_500];

/** A request and its answer. */
interface Exchange {
  /** Settles when the answer begins, or when the connection ends without an answer. */
  readonly answered: Promise<unknown>;
  /** Settles when the whole answer was sent, or when the connection has ended. */
  readonly closed: Promise<unknown>;
  resolveAnswered(): void;
}

/** The functions of other modules that {@link drainOnClose} uses. */
export interface Draining {
  /** Ends the streams that only the server can end. */
  endStreams(): Promise<void>;
  /** Tells whether some program, for example a load balancer, asks for `/readyz` regularly. */
  isWatched(): boolean;
}

/**
 * Makes a server stop in a way that loses no request. The stop has these steps:
 *
 * 1. If some program watches `/readyz`, the server still serves for a moment, while `/readyz` says that it is not ready.
 * 2. The server accepts no further connections. If a proxy's connection is refused, the proxy sends its request to another
 *    replica, so the request is not lost.
 * 3. The server answers the requests that it has received, and the requests whose bodies are still arriving. If a body does
 *    not arrive in time, the server closes the connection.
 * 4. On a connection that a proxy keeps open, the next request may already be on its way. The server also answers
 *    this request, with `Connection: close`. Then it closes the connections on which no request has arrived.
 * 5. The server ends the streams that would never end by themselves.
 *
 * @returns a function; call it when an answer begins
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
  // If a program listens on `localhost` with Fastify's own `listen`, Fastify makes a second HTTP server. Requests to that server
  // reach only this hook.
  app.addHook('onRequest', async (_request, { raw }) => begin(raw));

  const isLastOfItsConnection = (response: ServerResponse) =>
    [...exchanges.keys()].findLast(({ req }) => req.socket === response.req.socket) === response;
  const markAnswered = (response: ServerResponse) => {
    // A client may have sent several requests without waiting, and must get all answers. So only the last answer on a connection
    // says that the connection closes.
    if (stopping && isLastOfItsConnection(response)) response.setHeader('connection', 'close');
    else if (stopping) response.removeHeader('connection');
    exchanges.get(response)?.resolveAnswered();
  };

  app.addHook('preClose', async () => {
    stopping = true;
    const unready = isWatched() ? UNREADY_MS : 0;
    await pause(unready);
    const isEmpty = new Promise((resolve) => app.server.once('close', resolve));
    // This calls the `close` of a plain TCP server, because the `close` of an HTTP server would also end idle connections.
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

/** Waits until a promise settles, but not longer than the given time. */
async function patiently(milliseconds: number, what: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, patience]);
  clearTimeout(timer);
}
