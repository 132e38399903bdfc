/** The messages between the primary process and its workers. */
import cluster from 'node:cluster';
import type { Failure } from '../failure.ts';

/** An order to a worker: to stop, or to read the ring's file again. */
export type Order = 'stop' | 'reload';

/** A question to a worker. */
export type Question = 'metrics';

/** The message of a worker that cannot start. */
export interface Refusal {
  readonly failure: Failure;
}

/** The answer of a worker to a question. */
export interface Told {
  readonly told: Question;
  readonly value: unknown;
}

/** Lets this process, a worker, answer a question of the primary. */
export function tellWhenAsked(question: Question, value: () => Promise<unknown>): void {
  process.on('message', async (asked) => {
    // If the primary has gone, the callback takes the error.
    if (asked === question) process.send?.({ told: question, value: await value() } satisfies Told, () => {});
  });
}

/** The place of a worker among the others. */
export interface Place {
  /** Counted from 1. A worker that replaces a dead worker gets the dead worker's number. */
  readonly number: number;
  /** The port on which all workers listen. If the configuration asks for a free port, the primary finds one. */
  readonly port: number;
}

/** The environment variable that tells a worker its place. A worker of another program's cluster does not have it. */
const VARIABLE = 'WAXSEAL_WORKER_PLACE';

/** Makes the environment variables that a worker has in addition to those of the primary. */
export function environmentFor({ number, port }: Place): Record<string, string> {
  return { [VARIABLE]: `${number}:${port}` };
}

/** Tells the place of this process; undefined if it is no worker of Waxseal's. */
export function placeOfThisProcess(): Place | undefined {
  const [number = Number.NaN, port = Number.NaN] = (process.env[VARIABLE] ?? '').split(':').map(Number);
  return cluster.isWorker && Number.isInteger(number) && Number.isInteger(port) ? { number, port } : undefined;
}
