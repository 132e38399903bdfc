/** What the primary process of several tells its workers, and what they tell it. */
import cluster from 'node:cluster';
import type { Failure } from '../failure.ts';

/** What a worker is told: take no more requests and end, or read the ring's file again. */
export type Order = 'stop' | 'reload';

/** What a worker is asked. */
export type Question = 'metrics';

/** What a worker says that cannot start. */
export interface Refusal {
  readonly failure: Failure;
}

/** What a worker says that was asked. */
export interface Told {
  readonly told: Question;
  readonly value: unknown;
}

/** Has this process, a worker, say something whenever the primary asks. */
export function tellWhenAsked(question: Question, value: () => Promise<unknown>): void {
  process.on('message', async (asked) => {
    // A primary that is gone wants no answer any more.
    if (asked === question) process.send?.({ told: question, value: await value() } satisfies Told, () => {});
  });
}

/** Which worker of ours a process is. */
export interface Place {
  /** From 1 on. Who takes a dead worker's place has its number. */
  readonly number: number;
  /** Where all listen; the primary found it, where a free one was asked for. */
  readonly port: number;
}

/** The variable by which a worker is told its place. A process that somebody else's cluster started has none. */
const VARIABLE = 'WAXSEAL_WORKER_PLACE';

/** What a worker's environment has beside the primary's. */
export function environmentFor({ number, port }: Place): Record<string, string> {
  return { [VARIABLE]: `${number}:${port}` };
}

/** The place of this process among workers of ours; undefined where it is no such worker. */
export function placeOfThisProcess(): Place | undefined {
  const [number = Number.NaN, port = Number.NaN] = (process.env[VARIABLE] ?? '').split(':').map(Number);
  return cluster.isWorker && Number.isInteger(number) && Number.isInteger(port) ? { number, port } : undefined;
}
