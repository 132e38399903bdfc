import { failureOf } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Running } from '../running.ts';
import type { Order, Refusal } from './orders.ts';

/**
 * Lets this process work as one of several workers, until the primary tells it to stop. Signals stop it as well, because
 * a terminal sends them to all processes of a group. Only the primary acts on a second signal.
 *
 * @param stop ends the process when the requests in flight are answered
 * @returns when the server has started. If it cannot start, this process tells the primary why, and ends.
 */
export async function obeyPrimary(starting: Promise<Running>, log: Log, stop: (why: string) => Promise<void>): Promise<Running> {
  let isStopping = false;
  const stopOnce = (why: string) => {
    if (!isStopping) void stop(why);
    isStopping = true;
  };
  const reload = () => starting.then((running) => running.reload()).catch(() => {});
  process.on('message', (order: Order) => {
    if (order === 'stop') stopOnce('told to stop');
    if (order === 'reload') void reload();
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopOnce(signal));
  process.on('SIGHUP', reload);
  try {
    return await starting;
  } catch (error) {
    const refusal: Refusal = { failure: failureOf(error) };
    await log.drain();
    return new Promise(() => process.send?.(refusal, () => process.exit(refusal.failure.exitCode)));
  }
}
