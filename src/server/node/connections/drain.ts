import type { ServerResponse } from 'node:http';
import { Server as Listener } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/**
 * How long a stopping server still serves while `/readyz` says "not ready", in milliseconds. The time is enough for two
 * probes that are a second apart.
 */
const UNREADY_MS = 2_500;

/**
 * The longest times to wait, in milliseconds:
 *
 * - `ARRIVING_MS`: for requests whose bodies are still arriving, from the beginning of the stop
 * - `ANSWERING_MS`: for the answers to all requests, from the beginning of the stop
 * - `IDLE_MS`: for a further request on a connection that a proxy keeps open
 * - `READING_MS`: for clients that are still reading, at the end
 *
 * A process has 15 seconds to stop.
 */
const [ARRIVING_MS, ANSWERING_MS, IDLE_MS, READING_MS] = [5_000, 12_000, 1_000, 1_500];

interface Exchange {
  isAnswered: boolean;
  /** Settles when the answer begins, or the connection ends. */
  readonly answered: Promise<unknown>;
  /** Settles when the answer or the connection ends. */
  readonly closed: Promise<unknown>;
  resolveAnswered(): void;
}

export interface Draining {
  /** Ends the streams that only the server can end. */
  endStreams(): Promise<void>;
  /** Tells whether a program, such as a load balancer, asks for `/readyz` regularly. */
  isWatched(): boolean;
}

/**
 * Makes a server stop without losing a request:
 *
 * 1. If a program watches `/readyz`, the server still serves for a moment, and `/readyz` says "not ready".
 * 2. The server accepts no further connections. A proxy whose connection is refused sends its request to another
 *    replica.
 * 3. The server answers all requests, even those whose bodies are still arriving. If a body arrives too late, the
 *    server closes the connection.
 * 4. On open connections, further requests may be on their way. The server answers these, too, with `Connection: close`.
 *    When no request has come for a moment, it closes the other connections.
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
    exchanges.set(response, { isAnswered: false, answered, closed, resolveAnswered });
  };
  app.server.prependListener('request', (_request, response) => begin(response));
  // Fastify's own `listen` makes a second HTTP server for `localhost`. The requests to that server reach only this
  // hook.
  app.addHook('onRequest', async (_request, { raw }) => begin(raw));

  const isLastOfItsConnection = (response: ServerResponse) =>
    [...exchanges.keys()].findLast(({ req }) => req.socket === response.req.socket) === response;
  const markAnswered = (response: ServerResponse) => {
    // A client can send several requests at once, and needs all answers. So only the last answer announces the end of
    // the connection.
    if (stopping && isLastOfItsConnection(response)) response.setHeader('connection', 'close');
    else if (stopping) response.removeHeader('connection');
    const exchange = exchanges.get(response);
    if (exchange === undefined) return;
    exchange.isAnswered = true;
    exchange.resolveAnswered();
  };

  app.addHook('preClose', async () => {
    stopping = true;
    const began = performance.now();
    const left = (milliseconds: number) => Math.max(0, began + milliseconds - performance.now());
    await pause(isWatched() ? UNREADY_MS : 0);
    const isEmpty = new Promise((resolve) => app.server.once('close', resolve));
    // The `close` of an HTTP server would also end idle connections. The `close` of a TCP server does not.
    Listener.prototype.close.call(app.server);
    const all = (end: 'answered' | 'closed') => Promise.all([...exchanges.values()].map((exchange) => exchange[end]));
    await patiently(left(ARRIVING_MS), all('answered'));
    for (const { req } of exchanges.keys()) if (!req.complete) req.destroy();
    do {
      await patiently(left(ANSWERING_MS), all('answered'));
      await patiently(Math.min(IDLE_MS, left(ANSWERING_MS)), isEmpty);
    } while (left(ANSWERING_MS) > 0 && [...exchanges.values()].some(({ isAnswered }) => !isAnswered));
    await endStreams();
    await patiently(READING_MS, all('closed'));
    app.server.closeAllConnections();
  });
  return markAnswered;
}

async function patiently(milliseconds: number, what: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, patience]);
  clearTimeout(timer);
}
