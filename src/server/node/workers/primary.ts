/** The primary process. It starts the workers, replaces those that die, and stops them. It does not serve requests. */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { ConfigError } from '../../app/config-error.ts';
import type { Config } from '../../config/settings.ts';
import type { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { environmentFor, type Order, type Question, type Refusal, type Told } from './orders.ts';

/** A worker that dies within this time after its start, in milliseconds, is replaced after a pause. */
const SHORT_LIFE_MS = 5_000;

/** The pauses before a worker is replaced, in milliseconds. Each pause is twice as long as the previous one. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 30_000];

/**
 * After this number of failed starts in a row, the primary process ends if no worker serves. So a service manager
 * notices the failure.
 */
const MOST_FAILED_STARTS = 5;

/** The longest wait for a worker's answer, in milliseconds. Later answers do not count. */
const ASKING_MS = 2_000;

export interface Workers {
  readonly port: number;
  /** Resolves when the first worker serves. Rejects with a worker's message if none can start. */
  readonly serving: Promise<void>;
  /** Sends an order to all workers. */
  tell(order: Order): void;
  /** Asks all workers a question. @returns the answers that arrived in time */
  ask<Value>(question: Question): Promise<Value[]>;
  /** Stops all workers. They first answer the requests in flight. @throws {Error} a worker left a request unanswered */
  stop(): Promise<void>;
}

/** A place for one worker. If the worker dies, another takes its place. */
interface Post {
  readonly number: number;
  /** How many workers in a row have died shortly after their start. */
  shortLives: number;
  worker?: Worker | undefined;
  /** Whether the worker has begun to listen. */
  isServing: boolean;
  pause?: NodeJS.Timeout;
}

/**
 * Starts workers on one port, and replaces workers that die.
 *
 * @param onEnd called with the reason if no worker serves and none can be started
 * @throws {Error} the port is taken
 */
export async function startWorkers(
  { host, port: wanted }: Pick<Config, 'host' | 'port'>,
  count: number,
  log: Log,
  onEnd: (why: string) => void,
): Promise<Workers> {
  const port = await freePort(host, wanted);
  const posts = Array.from({ length: count }, (_, at): Post => ({ number: at + 1, shortLives: 0, isServing: false }));
  let [stopping, failedStarts, leftUnanswered] = [false, 0, 0];
  let first: { resolve(): void; reject(error: Error): void } | undefined;
  const serving = new Promise<void>((resolve, reject) => {
    first = { resolve, reject };
  });

  const workers = () => posts.flatMap(({ worker }) => worker ?? []);
  const tell = (order: Order) => {
    for (const worker of workers()) if (worker.isConnected()) worker.send(order);
  };
  const endAll = () => {
    stopping = true;
    for (const { pause } of posts) clearTimeout(pause);
    for (const worker of workers()) worker.process.kill('SIGKILL');
  };
  // The workers are killed, because a worker may be too busy to obey an order.
  process.once('exit', endAll);

  const giveUp = ({ message, exitCode }: Failure) => {
    endAll();
    if (first === undefined) return onEnd(message);
    first.reject(exitCode === 2 ? new ConfigError(message) : new Error(message));
  };

  const fill = (post: Post) => {
    const worker = cluster.fork(environmentFor({ number: post.number, port }));
    const bornAt = performance.now();
    let failure: Failure | undefined;
    [post.worker, post.isServing] = [worker, false];
    const closeHandedOver = watchHandovers(worker);
    worker.on('message', (said: Partial<Refusal>) => {
      failure ??= said.failure;
    });
    worker.on('listening', () => {
      [post.isServing, failedStarts] = [true, 0];
      first?.resolve();
      first = undefined;
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      // Without a pid, the worker was never started, and emits no `exit`. Other errors come from messages to a worker
      // that is ending, and are ignored.
      if (worker.process.pid === undefined) onGone(1, null, `it could not be started: ${error.code}`);
    });
    worker.once('exit', (code, signal) => onGone(code, signal));
    const onGone = (code: number, signal: string | null, why?: string) => {
      post.worker = undefined;
      closeHandedOver();
      if (stopping) {
        if (post.isServing && code !== 0) leftUnanswered += 1;
        return;
      }
      const how = failure?.message ?? why ?? `it ended ${signal ? `by ${signal}` : `with exit code ${code}`}`;
      if (!post.isServing) failedStarts += 1;
      const noneServes = workers().length === 0;
      // Before any worker has served, one worker's failure means that no other could start either.
      if ((first !== undefined && failure !== undefined) || (noneServes && failedStarts >= MOST_FAILED_STARTS)) {
        giveUp({ exitCode: 1, ...failure, message: failure?.message ?? `No worker could start: ${how}.` });
        return;
      }
      post.shortLives = performance.now() - bornAt < SHORT_LIFE_MS ? post.shortLives + 1 : 0;
      const pause = post.shortLives === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (post.shortLives - 1));
      log.error(
        { worker: post.number, worker_pid: worker.process.pid, pause_ms: pause },
        `a worker ended, and another takes its place: ${how}`,
      );
      post.pause = setTimeout(() => fill(post), pause);
    };
  };

  for (const post of posts) fill(post);
  return {
    port,
    serving,
    tell,
    ask: async <Value>(question: Question) => {
      const answers = await Promise.all(workers().map((worker) => answerOf(worker, question)));
      return answers.filter((answer) => answer !== undefined) as Value[];
    },
    stop: async () => {
      stopping = true;
      for (const { pause } of posts) clearTimeout(pause);
      const ended = workers().map((worker) => once(worker, 'exit'));
      tell('stop');
      // A starting worker may not read orders yet. It has no requests in flight, so a signal can end it.
      for (const { worker, isServing } of posts) if (!isServing) worker?.process.kill('SIGTERM');
      await Promise.all(ended);
      if (leftUnanswered > 0)
        throw new Error(`${leftUnanswered} of ${count} workers ended before they had answered all requests in flight`);
    },
  };
}

/**
 * Remembers the last connection that was handed to a worker. If the worker is killed before it accepts this connection,
 * Node's cluster (`RoundRobinHandle`) never closes the connection, and the client waits for ever.
 *
 * @returns a function that closes the connection, unless the worker has accepted it
 */
function watchHandovers({ process: child }: Worker): () => void {
  let last: { close?: () => void } | undefined;
  const send = child.send.bind(child) as (...sent: unknown[]) => boolean;
  child.send = (message: unknown, handle?: unknown, ...rest: unknown[]) => {
    if (handle !== null && typeof handle === 'object') last = handle;
    return send(message, handle, ...rest);
  };
  return () => last?.close?.();
}

/** Returns undefined if the worker ends, or does not answer in time. */
async function answerOf(worker: Worker, question: Question): Promise<unknown> {
  if (!worker.isConnected()) return undefined;
  return new Promise((resolve) => {
    const settle = (value?: unknown) => {
      clearTimeout(timer);
      worker.off('message', take);
      worker.off('exit', give);
      resolve(value);
    };
    const give = () => settle();
    const take = ({ told, value }: Partial<Told>) => {
      if (told === question) settle(value);
    };
    const timer = setTimeout(give, ASKING_MS);
    worker.on('message', take);
    worker.once('exit', give);
    worker.send(question);
  });
}

/**
 * Returns the given port, or a free port for 0.
 *
 * @throws {Error} the port is taken
 */
async function freePort(host: string, port: number): Promise<number> {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}
