/**
 * The primary process. It starts the worker processes, replaces a worker that dies, and tells the workers when to stop. It does
 * not serve requests itself.
 */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { ConfigError } from '../../app/config-error.ts';
import type { Config } from '../../config/settings.ts';
import type { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { environmentFor, type Order, type Question, type Refusal, type Told } from './orders.ts';

/** If a worker dies within this time after its start, in milliseconds, the primary process pauses before it replaces the worker. */
const SHORT_LIFE_MS = 5_000;

/** The first pause and the longest pause, in milliseconds. Each pause is twice as long as the previous pause. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 30_000];

/**
 * The number of failed starts in a row after which the primary process gives up, if no worker serves. The process then ends,
 * so that a service manager notices the failure.
 */
const MOST_FAILED_STARTS = 5;

/** The longest time to wait for a worker's answer, in milliseconds. If a worker is busy for a longer time, its answer is missing. */
const ASKING_MS = 2_000;

/** The workers that {@link startWorkers} has started. */
export interface Workers {
  readonly port: number;
  /** Resolves when the first worker serves. If no worker can start, the promise rejects with the message of a worker. */
  readonly serving: Promise<void>;
  /** Sends an order to all workers. */
  tell(order: Order): void;
  /** Asks all workers a question. @returns the answers that arrived in time */
  ask<Value>(question: Question): Promise<Value[]>;
  /** Stops all workers, after they have answered the requests in flight. @throws {Error} a worker left a request unanswered */
  stop(): Promise<void>;
}

/** A post for one worker. If the worker dies, another worker takes over its post. */
interface Post {
  readonly number: number;
  /** The number of workers in a row that have died shortly after their start. */
  shortLives: number;
  worker?: Worker | undefined;
  /** Whether the present worker has begun to listen. */
  isServing: boolean;
  pause?: NodeJS.Timeout;
}

/**
 * Starts workers that listen on the same port, and keeps the number of workers constant.
 *
 * @param onEnd called when no worker serves any more and no worker can be started; `why` is the reason
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
  // When this process exits, it kills its workers, because a worker may be too busy to obey an order.
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
      // If the worker has no pid, it was never started, and emits no `exit`. Any other error comes from a message to a worker that is
      // just ending, and is ignored.
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
      // If no worker has served yet, and one worker says why it cannot start, no other worker could start either.
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
      // A worker that does not serve yet perhaps does not read orders yet. But it has no requests in flight, so a signal ends it.
      for (const { worker, isServing } of posts) if (!isServing) worker?.process.kill('SIGTERM');
      await Promise.all(ended);
      if (leftUnanswered > 0)
        throw new Error(`${leftUnanswered} of ${count} workers ended before they had answered all requests in flight`);
    },
  };
}

/**
 * Remembers the last connection that the primary process handed to a worker. If the worker is killed before it accepts this
 * connection, Node's cluster (`RoundRobinHandle`) never closes the connection, and the client waits for ever.
 *
 * @returns a function that closes the connection. If the worker has accepted the connection, Node has already closed it in this
 *   process, and the function does nothing.
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

/** Asks one worker a question. @returns the answer; undefined if the worker does not answer in time, or ends */
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
 * Returns the port on which all workers will listen. If `port` is 0, this function finds a free port.
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
