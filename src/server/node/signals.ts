import type { Log } from './log.ts';
import type { Running } from './start.ts';

/** How long requests in flight may take once a stop was asked for. Milliseconds. */
const GRACE_MS = 15_000;

/**
 * Has a server read its ring again on SIGHUP, and stops it on SIGTERM and SIGINT: requests in flight are answered,
 * then the process ends with 0. A second signal ends it at once. Heeds signals from now on, also those that come
 * before the server has started.
 *
 * @returns when the server has started; rejects where it could not
 */
export async function obeySignals(starting: Promise<Running>, log: Log): Promise<void> {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info(`${signal}: answering requests in flight, then stopping`);
    setTimeout(async () => {
      log.error(`requests still in flight after ${GRACE_MS} ms; stopping without them`);
      await log.drain();
      process.exit(1);
    }, GRACE_MS).unref();
    await (await starting).stop();
    log.info('stopped');
    await log.drain();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Where there is no such signal, nothing ever sends it.
  process.on('SIGHUP', async () => (await starting).reload());
  await starting;
}
