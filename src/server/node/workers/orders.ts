/**
 * The messages between the primary process and its workers. The primary process starts the worker processes, and the workers
 * serve the requests.
 */
import cluster from 'node:cluster';
import type { Failure } from '../failure.ts';

/** An order to a worker. `stop` means that the worker must stop, and `reload` that it must read the ring's file again. */
export type Order = 'stop' | 'reload';

/** A question to a worker. `metrics` asks for a snapshot of the worker's metrics. */
export type Question = 'metrics';

/** The message that a worker sends if it cannot start. */
export interface Refusal {
  readonly failure: Failure;
}

/** The answer of a worker to a question. */
export interface Told {
  readonly told: Question;
  readonly value: unknown;
}

/** Makes this worker process answer a question of the primary process, each time the question is asked. */
export function tellWhenAsked(question: Question, value: () => Promise<unknown>): void {
  process.on('message', async (asked) => {
    // If the primary process has gone, the error goes to the empty callback, and is not thrown.
    if (asked === question) process.send?.({ told: question, value: await value() } satisfies Told, () => {});
  });
}

/** The number and the port of a worker. */
export interface Place {
  /** The number of the worker, counted from 1. If a worker replaces a dead worker, it gets the dead worker's number. */
  readonly number: number;
  /** The port on which all workers listen. If the configuration asks for a free port, the primary finds one. */
  readonly port: number;
}

/**
 * The environment variable that tells a worker its {@link Place}. If another program started this process as a worker of its
 * own cluster, the variable is not set.
 */
const VARIABLE = 'WAXSEAL_WORKER_PLACE';

/** Returns the environment variables that a worker gets in addition to the variables of the primary process. */
export function environmentFor({ number, port }: Place): Record<string, string> {
  return { [VARIABLE]: `${number}:${port}` };
}

/** Returns the place of this process; undefined if this process is not a worker that Waxseal started. */
export function placeOfThisProcess(): Place | undefined {
  const [number = Number.NaN, port = Number.NaN] = (process.env[VARIABLE] ?? '').split(':').map(Number);
  return cluster.isWorker && Number.isInteger(number) && Number.isInteger(port) ? { number, port } : undefined;
}
