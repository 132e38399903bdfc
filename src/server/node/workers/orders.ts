/** The messages between the primary process and the workers that it starts. */
import cluster from 'node:cluster';
import type { Failure } from '../failure.ts';

/** An order to a worker: to stop, or to read the ring's file again. */
export type Order = 'stop' | 'reload';

/** A question to a worker. `metrics` asks for a snapshot of its metrics. */
export type Question = 'metrics';

/** A worker's message if it cannot start. */
export interface Refusal {
  readonly failure: Failure;
}

/** A worker's answer to a question. */
export interface Told {
  readonly told: Question;
  readonly value: unknown;
}

/** Makes this worker answer a question, each time the primary process asks it. */
export function tellWhenAsked(question: Question, value: () => Promise<unknown>): void {
  process.on('message', async (asked) => {
    // The empty callback takes the error if the primary process has gone.
    if (asked === question) process.send?.({ told: question, value: await value() } satisfies Told, () => {});
  });
}

/** A worker's number and port. */
export interface Place {
  /** Counted from 1. A worker that replaces a dead worker gets the dead worker's number. */
  readonly number: number;
  /** The port of all workers. It is never 0: the primary process finds a free port. */
  readonly port: number;
}

/** The environment variable with a worker's {@link Place}. Workers of other programs' clusters do not have it. */
const VARIABLE = 'WAXSEAL_WORKER_PLACE';

/** Returns a worker's additional environment variables. */
export function environmentFor({ number, port }: Place): Record<string, string> {
  return { [VARIABLE]: `${number}:${port}` };
}

/** Returns undefined if Waxseal did not start this process as a worker. */
export function placeOfThisProcess(): Place | undefined {
  const [number = Number.NaN, port = Number.NaN] = (process.env[VARIABLE] ?? '').split(':').map(Number);
  return cluster.isWorker && Number.isInteger(number) && Number.isInteger(port) ? { number, port } : undefined;
}
