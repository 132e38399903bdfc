import type { Logger } from 'pino';
import { parseRing, type Ring, RingError } from '../../keys/index.ts';
import { isReadableByOthers, readRingFile, stampOf } from '../../node/ring-file.ts';
import { readiness } from '../app/health.ts';
import type { LoadedRing } from './ring.ts';

/**
 * The time between two checks of the ring's file, in milliseconds. Notifications from the file system are not reliable:
 * some file systems send none, and none come through symbolic links.
 */
const LOOK_EVERY_MS = 2_000;

/** The time after which the log repeats the warning that the ring needs a new key, in milliseconds. */
const WARN_EVERY_MS = 3_600_000;

/** A key ring that follows its file. */
export interface WatchedRing {
  current(): Ring;
  /**
   * Reads the file at once. If the new ring cannot be used, the server keeps the old ring and logs the reason. The
   * promise never rejects.
   */
  reload(): Promise<void>;
  /** Tells whether the file has changed but the new ring could not be used. */
  isOutdated(): boolean;
  stop(): void;
}

export interface WatchOptions {
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** In seconds since 1970. */
  now(): number;
  /** Throws if the server must not use the ring. */
  check(ring: Ring): void;
  /** Called after each reading, even if the new ring cannot be used. */
  onRead?(): void;
  /**
   * True in a worker. A worker reads the file only when `reload` is called, and logs no warnings. The primary process,
   * which started the worker, watches the file.
   */
  readonly onlyWhenTold?: boolean;
}

/**
 * Follows the file of a ring, so a rotation or a revocation needs no restart. A ring from an environment variable stays
 * the same until a restart.
 */
export function watchRing(loaded: LoadedRing, { log, now, check, onRead, onlyWhenTold = false }: WatchOptions): WatchedRing {
  const { file } = loaded;
  let { ring, stamp } = loaded;
  let isOutdated = false;

  const readAgain = async () => {
    if (file === undefined) return log.info('The key ring comes from an environment variable: restart the server to change it');
    // The stamp is taken before the file is read, so that the next check notices a change during the reading.
    stamp = await stampOf(file);
    try {
      const next = await parseRing(await readRingFile(file));
      requireFull(next);
      check(next);
      [ring, isOutdated] = [next, false];
      const { tasks, subjects } = ring.revocations;
      log.info({ kids: ring.entries.map((entry) => entry.kid), revocations: tasks.size + subjects.size }, `Key ring read again: ${file}`);
      if (!onlyWhenTold && (await isReadableByOthers(file)))
        log.warn(`${file} is readable by other users of this machine; make it private: chmod 600 ${file}`);
      warn();
    } catch (error) {
      isOutdated = true;
      log.error(`The key ring ${file} has changed and cannot be used; the server keeps the previous ring. ${(error as Error).message}`);
    }
    onRead?.();
  };
  // One reading follows the other, so that an old ring cannot replace a newer ring.
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
 * Refuses an inspector ring: without private keys, a server cannot mint (issue handles). A ring without an active key
 * is accepted, because the revocation of the last key must take effect.
 */
function requireFull(ring: Ring): void {
  if (ring.entries.some((entry) => entry.minting !== undefined)) return;
  throw new RingError('The new ring is an inspector ring, which cannot mint.');
}
