import { failureOf } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Running } from '../running.ts';
import type { Order, Refusal } from './orders.ts';

/**
 * Makes this worker obey the primary process. Signals also stop it, because a terminal signals all processes of a
 * group. A second signal has no effect here, but the primary process obeys it.
 *
 * If the server cannot start, this process sends the reason to the primary process, and ends.
 *
 * @param stop answers the requests in flight, then ends the process
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
