/** Connections and the exchanges on them: how they end, one by one and all at a stop. */
import type { Server, ServerResponse } from 'node:http';
import { Server as Listener, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/**
 * Has every answer of a connection that closes told so. Node tells the one whose turn it is, and not those that wait
 * behind it, of requests that were sent without waiting (pipelining, RFC 9112 §9.3.2): whatever counts, holds or works
 * until `close` would do so for ever.
 *
 * @returns whether a connection is in the middle of an answer
 */
export function endAnswersWithConnections(server: Server): (socket: Socket) => boolean {
  const openOn = new WeakMap<Socket, Set<ServerResponse>>();
  server.on('connection', (socket) => {
    const open = new Set<ServerResponse>();
    openOn.set(socket, open);
    socket.once('close', () => {
      for (const answer of [...open].filter(({ socket }) => socket === null)) {
        answer.destroy();
        answer.emit('close');
      }
    });
  });
  server.prependListener('request', ({ socket }, answer) => {
    const open = openOn.get(socket);
    open?.add(answer);
    answer.once('close', () => open?.delete(answer));
  });
  return (socket) => [...(openOn.get(socket) ?? [])].some(({ headersSent }) => headersSent);
}

/** How long a server that is told to stop goes on, unready, where somebody asks for that: as long as two probes a second apart, and a bit. Milliseconds. */
const UNREADY_MS = 2_500;

/**
 * How long a stop waits for requests to be there, then for those to be answered; for more of them on connections that are
 * kept, and for their answers; and for answers to be read. Milliseconds; together less than a process is given to stop.
 */
const [ARRIVING_MS, WORKING_MS, IDLE_MS, LATE_MS, READING_MS] = [5_000, 6_000, 1_000, 1_000, 1_500];

/** A request from its first header to its last byte of answer. */
interface Exchange {
  /** When the answer begins, or the connection has ended without one. */
  readonly answered: Promise<unknown>;
  /** When the answer has been sent, or the connection has ended. */
  readonly closed: Promise<unknown>;
  resolveAnswered(): void;
}

/**
 * Makes closing graceful. Where somebody asks whether this process is ready, it first serves on as one that is not, until
 * that was heard. Then no more connections are accepted: a proxy that is refused one sends the request elsewhere, and
 * loses nothing. Requests in flight, those whose bodies are still arriving included, are answered, and what does not
 * arrive is cut off; then streams that would never end by themselves are ended.
 *
 * Connections that a proxy keeps are not closed under its hands, since the next request may be on its way: what comes
 * on them is answered, with `Connection: close`. Those that stay idle are cut in the end.
 *
 * @param endStreams ends what only the server can end
 * @param isWatched whether somebody asks again and again if this process is ready
 * @returns to be called where an answer begins that the framework does not send
 */
export function drainOnClose(
  app: FastifyInstance,
  endStreams: () => Promise<void>,
  isWatched: () => boolean,
): (answer: ServerResponse) => void {
  const exchanges = new Map<ServerResponse, Exchange>();
  let stopping = false;

  app.addHook('onRequest', async (_request, { raw }) => {
    let resolveAnswered = () => {};
    const closed = new Promise<void>((resolve) => raw.once('close', resolve)).then(() => exchanges.delete(raw));
    const answered = Promise.race([closed, new Promise<void>((resolve) => (resolveAnswered = resolve))]);
    exchanges.set(raw, { answered, closed, resolveAnswered });
  });

  const isLastOfItsConnection = (answer: ServerResponse) =>
    [...exchanges.keys()].findLast(({ req }) => req.socket === answer.req.socket) === answer;
  const markAnswered = (answer: ServerResponse) => {
    // Behind it there may be others, of requests that were sent without waiting: they are to go out, too.
    if (stopping && isLastOfItsConnection(answer)) answer.setHeader('connection', 'close');
    else if (stopping) answer.removeHeader('connection');
    exchanges.get(answer)?.resolveAnswered();
  };
  app.addHook('onSend', async (_request, { raw }) => markAnswered(raw));

  app.addHook('preClose', async () => {
    stopping = true;
    const unready = isWatched() ? UNREADY_MS : 0;
    await pause(unready);
    const isEmpty = new Promise((resolve) => app.server.once('close', resolve));
    // The server of HTTP would end idle connections with it.
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

/** Waits for something, and no longer than so many milliseconds. */
async function patiently(milliseconds: number, what: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, patience]);
  clearTimeout(timer);
}
