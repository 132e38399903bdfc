import type { Logger } from 'pino';
import { parseRing, type Ring, RingError } from '../../keys/index.ts';
import { isReadableByOthers, readRingFile, stampOf } from '../../node/ring-file.ts';
import { readiness } from '../app/health.ts';
import type { LoadedRing } from './ring.ts';

/**
 * How often the ring's file is checked for a change. Milliseconds. A check works on every file system and through links, and a
 * notification of the file system does not.
 */
const LOOK_EVERY_MS = 2_000;

/** How often the log repeats that the ring needs a new key. Milliseconds (1 h). */
const WARN_EVERY_MS = 3_600_000;

/** A ring that follows its file. */
export interface WatchedRing {
  /** The ring as it is now. */
  current(): Ring;
  /** Reads the file again, now. If the new ring cannot be used, the log says so and the present ring stays. The promise never rejects. */
  reload(): Promise<void>;
  /** Whether the file has changed and the new ring could not be used. */
  isOutdated(): boolean;
  /** Ends the watching. */
  stop(): void;
}

/** What watching a ring needs. */
export interface WatchOptions {
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Seconds since 1970. */
  now(): number;
  /** Refuses a ring that must not be used here, by throwing. */
  check(ring: Ring): void;
  /** Called each time the file has been read again, whether or not the server uses its ring. */
  onRead?(): void;
  /** True in a worker: it reads the file only on `reload`, and logs no warnings, because the primary process watches the file. */
  readonly onlyWhenTold?: boolean;
}

/**
 * Keeps a ring up to date with its file, so that a rotation or a revocation needs no restart. A ring from the
 * environment stays the same until a restart.
 */
export function watchRing(loaded: LoadedRing, { log, now, check, onRead, onlyWhenTold = false }: WatchOptions): WatchedRing {
  const { file } = loaded;
  let { ring, stamp } = loaded;
  let isOutdated = false;

  const readAgain = async () => {
    if (file === undefined) return log.info('The key ring comes from an environment variable: restart the server to change it');
    // The stamp is taken before reading, so that a change during the reading is noticed afterwards.
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
  // Readings follow one another, so that an older ring never replaces a newer one.
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
 * Refuses an inspector ring, which can only be a mistake here. A full ring without an active entry is accepted: somebody may
 * have revoked the last active entry.
 */
function requireFull(ring: Ring): void {
  if (ring.entries.some((entry) => entry.minting !== undefined)) return;
  throw new RingError('It is an inspector ring, which cannot mint.');
}
