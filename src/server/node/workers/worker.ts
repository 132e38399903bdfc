import { failureOf } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Running } from '../running.ts';
import type { Order, Refusal } from './orders.ts';

/**
 * Has this process work as one of several: until its primary tells it to stop, and not a moment longer than the primary
 * lives. It heeds signals as well, for some are sent to all processes of a group; a second one is the primary's matter.
 *
 * @param stop ends the process, once what is in flight is answered
 * @returns when the server has started; where it cannot, the primary is told why, and this process ends
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
