import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import { readRingFile } from '../keys/file.ts';
import { parseRing, type Ring, type RingError } from '../keys/index.ts';
import { readiness } from './health.ts';
import type { LoadedRing } from './ring.ts';

/** How often the ring's file is looked at. Milliseconds. Its state is asked for: that works on any file system, and through links. */
const LOOK_EVERY_MS = 2_000;

/** How often a ring that needs a successor is complained of. Milliseconds (1 h). */
const WARN_EVERY_MS = 3_600_000;

/** A ring that follows its file. */
export interface WatchedRing {
  /** The ring as it is now. */
  current(): Ring;
  /** Reads the file again, now. A broken one is logged as an error, and the ring stays as it was. Never rejects. */
  reload(): Promise<void>;
  stop(): void;
}

/**
 * Keeps a ring up to date with its file: a rotation or a revocation needs no restart. A ring from the environment
 * stays as it is.
 *
 * @param now seconds since 1970
 */
export function watchRing({ ring: first, file }: LoadedRing, log: Pick<Logger, 'info' | 'warn' | 'error'>, now: () => number): WatchedRing {
  let ring = first;
  const warn = () => {
    const { reason, warning = reason } = readiness(ring, now());
    if (warning !== undefined) log.warn(warning);
  };
  const reload = async () => {
    if (file === undefined) return log.info('The key ring is from the environment: restart to change it');
    try {
      ring = await parseRing(await readRingFile(file));
      log.info({ kids: ring.entries.map((entry) => entry.kid) }, `Key ring read again: ${file}`);
      warn();
    } catch (error) {
      log.error(`The key ring ${file} has changed and is broken; going on with the one before. ${(error as RingError).message}`);
    }
  };
  warn();
  if (file !== undefined) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, reload);
  const timer = setInterval(warn, WARN_EVERY_MS).unref();
  return {
    current: () => ring,
    reload,
    stop: () => {
      if (file !== undefined) unwatchFile(file, reload);
      clearInterval(timer);
    },
  };
}
