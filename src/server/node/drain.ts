import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** How long a stop waits for requests to be there, then for those to be answered, then for answers to be read. Milliseconds; together less than a process is given to stop. */
const [ARRIVING_MS, WORKING_MS, READING_MS] = [5_000, 6_000, 2_000];

/** A request from its first header to its last byte of answer. */
interface Exchange {
  readonly answered: Promise<unknown>;
  readonly over: Promise<unknown>;
  answer(): void;
}

/**
 * Makes closing graceful. Requests in flight, those whose bodies are still arriving included, are answered, and what
 * does not arrive is cut off; then streams that would never end by themselves are ended; then whatever is still
 * connected, which is idle connections and those that never sent a request, is cut. New requests are refused with 503 meanwhile.
 *
 * @param endStreams ends what only the server can end
 * @returns to be called where an answer begins that the framework does not send
 */
export function drainOnClose(app: FastifyInstance, endStreams: () => Promise<void>): (answer: ServerResponse) => void {
  const exchanges = new Map<ServerResponse, Exchange>();
  let stopping = false;

  app.addHook('onRequest', async (_request, { raw }) => {
    let answer = () => {};
    const over = new Promise<void>((resolve) => raw.once('close', resolve)).then(() => exchanges.delete(raw));
    const answered = Promise.race([over, new Promise<void>((resolve) => (answer = resolve))]);
    exchanges.set(raw, { answered, over, answer });
  });

  const isLastOfItsConnection = (answer: ServerResponse) =>
    [...exchanges.keys()].findLast(({ req }) => req.socket === answer.req.socket) === answer;
  const begin = (answer: ServerResponse) => {
    // Behind it there may be others, of requests that were sent without waiting: they are to go out, too.
    if (stopping && isLastOfItsConnection(answer)) answer.setHeader('connection', 'close');
    exchanges.get(answer)?.answer();
  };
  app.addHook('onSend', async (_request, { raw }) => begin(raw));

  app.addHook('preClose', async () => {
    stopping = true;
    const underWay = [...exchanges.values()];
    const answered = Promise.all(underWay.map((exchange) => exchange.answered));
    await patiently(ARRIVING_MS, answered);
    for (const { req } of exchanges.keys()) if (!req.complete) req.destroy();
    await patiently(WORKING_MS, answered);
    await endStreams();
    await patiently(READING_MS, Promise.all(underWay.map((exchange) => exchange.over)));
    app.server.closeAllConnections();
  });
  return begin;
}

async function patiently(milliseconds: number, what: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, patience]);
  clearTimeout(timer);
}
