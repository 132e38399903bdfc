/** The primary process of several: it serves nothing itself, starts the workers, replaces those that die, and tells all when to stop. */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { ConfigError } from '../../app/config-error.ts';
import type { Config } from '../../config/settings.ts';
import type { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { environmentFor, type Order, type Question, type Refusal, type Told } from './orders.ts';

/** A worker that lived for less has died at once: it is not replaced without a pause. Milliseconds. */
const SHORT_LIFE_MS = 5_000;

/** The first pause before a worker that died at once is replaced, each next one twice as long, and the longest. Milliseconds. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 30_000];

/** After so many failed starts in a row, with no worker left that serves, the whole ends: whoever started it is to know. */
const MOST_FAILED_STARTS = 5;

/** How long is waited for what a worker says of itself: one that is busy for longer is passed over. Milliseconds. */
const ASKING_MS = 2_000;

/** Workers that run. */
export interface Workers {
  readonly port: number;
  /** When the first one serves. @throws {ConfigError} and {Error} in the words of the one that could not start, before any could */
  readonly serving: Promise<void>;
  tell(order: Order): void;
  /** What each that serves says of itself, as far as it does so in time. */
  ask<Value>(question: Question): Promise<Value[]>;
  /** Has all end, once they have answered what is in flight. @throws {Error} where one had to leave something unanswered */
  stop(): Promise<void>;
}

/** One of the workers, whichever process it is at the moment. */
interface Post {
  readonly number: number;
  /** How often in a row its process has died at once. */
  shortLives: number;
  worker?: Worker | undefined;
  /** Whether that process has begun to listen. */
  isServing: boolean;
  pause?: NodeJS.Timeout;
}

/**
 * Starts workers that share one port, and keeps their number.
 *
 * @param onEnd told why, where none serves any more and none can be started
 * @throws {Error} where the port cannot be had
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
  // Whatever becomes of this process, no worker is left behind, also not one that is busy and hears nothing.
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
      // The system could not start it, so that it never ends; all else that fails is a message to one that is ending.
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
      // What one says that has never served, all would say.
      if ((first !== undefined && failure !== undefined) || (noneServes && failedStarts >= MOST_FAILED_STARTS)) {
        giveUp({ exitCode: 1, ...failure, message: failure?.message ?? `No worker could start: ${how}.` });
        return;
      }
      post.shortLives = performance.now() - bornAt < SHORT_LIFE_MS ? post.shortLives + 1 : 0;
      const pause = post.shortLives === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (post.shortLives - 1));
      log.error(
        { worker: post.number, worker_pid: worker.process.pid, pause_ms: pause },
        `worker ended, and another takes its place: ${how}`,
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
      // One that has only begun to load hears nothing yet, and has nothing in flight.
      for (const { worker, isServing } of posts) if (!isServing) worker?.process.kill('SIGTERM');
      await Promise.all(ended);
      if (leftUnanswered > 0)
        throw new Error(`${leftUnanswered} of ${count} workers ended before they had answered all that was in flight`);
    },
  };
}

/**
 * Remembers the connection that was handed to a worker last. Where a worker is killed before it has taken one, Node's
 * cluster holds that one open for ever, and its client waits for ever (`RoundRobinHandle`).
 *
 * @returns closes it; does nothing where the worker took it, for then it is closed here already
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

/** What a worker says; undefined where it says nothing in time, or ends. */
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

/** The port that was asked for, or a free one: all workers are to have the same, and those that come later, too. @throws where it cannot be had */
async function freePort(host: string, port: number): Promise<number> {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}
