import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** How long a stop waits for requests that are still arriving or being worked on, and then for answers that are still being read. Milliseconds, together less than the ten seconds after which the framework takes a stop for stuck. */
const [ANSWERING_MS, READING_MS] = [5_000, 2_000];

/** A request from its first header to its last byte of answer. */
interface Exchange {
  readonly answered: Promise<unknown>;
  readonly over: Promise<unknown>;
  answer(): void;
}

/**
 * Makes closing graceful. Requests in flight, those whose bodies are still arriving included, are answered; then
 * streams that would never end by themselves are ended; then whatever is still connected, which is idle
 * connections and those that never sent a request, is cut. New requests are refused with 503 meanwhile.
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

  const begin = (answer: ServerResponse) => {
    if (stopping) answer.setHeader('connection', 'close');
    exchanges.get(answer)?.answer();
  };
  app.addHook('onSend', async (_request, { raw }) => begin(raw));

  app.addHook('preClose', async () => {
    stopping = true;
    const underWay = [...exchanges.values()];
    await patiently(
      ANSWERING_MS,
      underWay.map((exchange) => exchange.answered),
    );
    await endStreams();
    await patiently(
      READING_MS,
      underWay.map((exchange) => exchange.over),
    );
    app.server.closeAllConnections();
  });
  return begin;
}

async function patiently(milliseconds: number, promises: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([Promise.all(promises), patience]);
  clearTimeout(timer);
}
