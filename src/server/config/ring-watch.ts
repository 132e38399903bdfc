import type { Logger } from 'pino';
import { parseRing, type Ring, RingError } from '../../keys/index.ts';
import { isReadableByOthers, readRingFile, stampOf } from '../../node/ring-file.ts';
import { readiness } from '../app/health.ts';
import type { LoadedRing } from './ring.ts';

/**
 * The time between two checks of the ring's file for changes, in milliseconds. The server does not wait for notifications from
 * the file system, because some file systems send none, and none come through symbolic links.
 */
const LOOK_EVERY_MS = 2_000;

/** The time after which the log repeats the warning that the ring needs a new key: one hour, in milliseconds. */
const WARN_EVERY_MS = 3_600_000;

/** A key ring that is read again whenever its file changes. */
export interface WatchedRing {
  /** Returns the ring that the server uses now. */
  current(): Ring;
  /**
   * Reads the file again at once. If the new ring cannot be used, the log says so and the server keeps the present ring. The
   * promise never rejects.
   */
  reload(): Promise<void>;
  /** Tells whether the file has changed but the new ring could not be used. */
  isOutdated(): boolean;
  /** Stops watching the file. */
  stop(): void;
}

/** The options for watching a ring. */
export interface WatchOptions {
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Returns the present time. Seconds since 1970. */
  now(): number;
  /** Throws an error if the server must not use the ring. */
  check(ring: Ring): void;
  /** Called each time after the file was read again, even if the new ring cannot be used. */
  onRead?(): void;
  /**
   * True in a worker process. The worker then reads the file only when `reload` is called, and logs no warnings, because
   * the primary process, which started the worker, watches the file.
   */
  readonly onlyWhenTold?: boolean;
}

/**
 * Watches the file of a ring, and reads the ring again when the file changes. So a rotation or a revocation needs no restart.
 * If the ring comes from an environment variable, the ring stays the same until a restart.
 */
export function watchRing(loaded: LoadedRing, { log, now, check, onRead, onlyWhenTold = false }: WatchOptions): WatchedRing {
  const { file } = loaded;
  let { ring, stamp } = loaded;
  let isOutdated = false;

  const readAgain = async () => {
    if (file === undefined) return log.info('The key ring comes from an environment variable: restart the server to change it');
    // The stamp is taken before the file is read. So if the file changes while it is read, the next check notices the change.
    stamp = await stampOf(file);
    try {
      const next = await parseRing(await readRingFile(file));
      requireFull(next);
      check(next);
      [ring, isOutdated] = [next, false];
      log.info({ kids: ring.entries.map((entry) => entry.kid) }, `Key ring read again: ${file}`);
      if (!onlyWhenTold && (await isReadableByOthers(file)))
        log.warn(`${file} is readable by other users of this machine; make it private: chmod 600 ${file}`);
      warn();
    } catch (error) {
      isOutdated = true;
      log.error(`The key ring ${file} has changed and cannot be used; the server keeps the previous ring. ${(error as Error).message}`);
    }
    onRead?.();
  };
  // The file is never read twice at the same time, so that an older ring cannot replace a newer ring.
  let reading = Promise.resolve();
  const reload = () => {
    reading = reading.then(readAgain);
    return reading;
  };
  const look = async () => {
    await reading;
    if (file !== undefined && (await stampOf(file)) !== stamp) await reload();
  };
  const warn = () => {
    if (onlyWhenTold) return;
    const { reason, warning = reason } = readiness(ring, now());
    if (warning !== undefined) log.warn(warning);
  };
  warn();
  const timers = onlyWhenTold ? [] : [setInterval(look, LOOK_EVERY_MS), setInterval(warn, WARN_EVERY_MS)];
  for (const timer of timers) timer.unref();
  return { current: () => ring, reload, isOutdated: () => isOutdated, stop: () => timers.forEach(clearInterval) };
}

/**
 * Refuses an inspector ring: it has no private keys, so a server cannot mint (issue handles) with it. A ring with private
 * keys is accepted even without an active entry. Somebody may have revoked the last active entry, and this must take effect.
 */
function requireFull(ring: Ring): void {
  if (ring.entries.some((entry) => entry.minting !== undefined)) return;
  throw new RingError('It is an inspector ring, which cannot mint.');
}
