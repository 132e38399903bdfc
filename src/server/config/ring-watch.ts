import type { Logger } from 'pino';
import { parseRing, type Ring, RingError } from '../../keys/index.ts';
import { isReadableByOthers, readRingFile, stampOf } from '../../node/ring-file.ts';
import { readiness } from '../app/health.ts';
import type { LoadedRing } from './ring.ts';

/** How often the ring's file is looked at. Milliseconds. It is asked for its state: that works on any file system, and through links. */
const LOOK_EVERY_MS = 2_000;

/** How often a ring that needs a successor is complained of. Milliseconds (1 h). */
const WARN_EVERY_MS = 3_600_000;

/** A ring that follows its file. */
export interface WatchedRing {
  /** The ring as it is now. */
  current(): Ring;
  /** Reads the file again, now. A ring that cannot be used is logged as an error, and the one before stays. Never rejects. */
  reload(): Promise<void>;
  /** Whether the file as it is now was not taken up. */
  isOutdated(): boolean;
  stop(): void;
}

export interface WatchOptions {
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Seconds since 1970. */
  now(): number;
  /** Refuses a ring that must not be used here, by throwing. */
  check(ring: Ring): void;
}

/**
 * Keeps a ring up to date with its file: a rotation or a revocation needs no restart. A ring from the environment
 * stays as it is.
 */
export function watchRing(loaded: LoadedRing, { log, now, check }: WatchOptions): WatchedRing {
  const { file } = loaded;
  let { ring, stamp } = loaded;
  let isOutdated = false;

  const readAgain = async () => {
    if (file === undefined) return log.info('The key ring is from the environment: restart to change it');
    // Before reading: a change while it is read is then a change still to be seen.
    stamp = await stampOf(file);
    try {
      const next = await parseRing(await readRingFile(file));
      requireFull(next);
      check(next);
      [ring, isOutdated] = [next, false];
      log.info({ kids: ring.entries.map((entry) => entry.kid) }, `Key ring read again: ${file}`);
      if (await isReadableByOthers(file))
        log.warn(`${file} is readable by other users of this machine; make it private: chmod 600 ${file}`);
      warn();
    } catch (error) {
      isOutdated = true;
      log.error(`The key ring ${file} has changed and cannot be used; going on with the one before. ${(error as Error).message}`);
    }
  };
  // One after the other, so that what was read first is not installed last.
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
    const { reason, warning = reason } = readiness(ring, now());
    if (warning !== undefined) log.warn(warning);
  };
  warn();
  const timers = [setInterval(look, LOOK_EVERY_MS), setInterval(warn, WARN_EVERY_MS)];
  for (const timer of timers) timer.unref();
  return { current: () => ring, reload, isOutdated: () => isOutdated, stop: () => timers.forEach(clearInterval) };
}

/** A ring for inspectors in the place of the one that mints is a mistake, whereas one with nothing active may be a revocation. */
function requireFull(ring: Ring): void {
  if (ring.entries.some((entry) => entry.minting !== undefined)) return;
  throw new RingError('It is an inspector ring, which cannot mint.');
}
