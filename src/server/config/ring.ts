import { parseRing, type Ring, RingError, requireMinting } from '../../keys/index.ts';
import { developmentRing, isReadableByOthers, readRingFile, stampOf } from '../../node/ring-file.ts';
import type { Config } from './settings.ts';

/** Where a server that was given no ring keeps its own, relative to the working folder. */
export const DEVELOPMENT_RING = 'keys/development.jwks';

/** A ring and where it came from. */
export interface LoadedRing {
  readonly ring: Ring;
  /** For people. */
  readonly source: string;
  /** The file that it was read from; absent where it came from the environment. */
  readonly file?: string;
  /** How the file was before it was read, as `stampOf` tells. */
  readonly stamp: string;
  /** It was generated just now. */
  readonly created: boolean;
  /** Other users of this machine may read its file. */
  readonly readableByOthers: boolean;
}

/**
 * Loads the ring that a configuration names: from the environment, from a file, or else this machine's own
 * development ring, generated on first start.
 *
 * @param now seconds since 1970
 * @throws {RingError} where the ring is broken or cannot mint now
 */
export async function loadRing(config: Pick<Config, 'keys' | 'keysFile'>, now: number): Promise<LoadedRing> {
  const { text, ...origin } = await ringText(config, now);
  try {
    const ring = await parseRing(text);
    requireMinting(ring, now);
    return { ring, ...origin };
  } catch (error) {
    if (error instanceof RingError) throw new RingError(`${origin.source}: ${error.message}`);
    throw error;
  }
}

async function ringText({ keys, keysFile: file }: Pick<Config, 'keys' | 'keysFile'>, now: number) {
  if (file !== undefined) {
    const stamp = await stampOf(file);
    const text = await readRingFile(file);
    return { text, file, stamp, source: file, created: false, readableByOthers: await isReadableByOthers(file) };
  }
  if (keys !== undefined) return { text: keys, stamp: '', source: 'WAXSEAL_KEYS', created: false, readableByOthers: false };
  // Nobody changes it while it is made.
  const ring = await developmentRing(DEVELOPMENT_RING, now);
  const origin = { file: DEVELOPMENT_RING, stamp: await stampOf(DEVELOPMENT_RING), source: DEVELOPMENT_RING };
  return { ...ring, ...origin, readableByOthers: await isReadableByOthers(DEVELOPMENT_RING) };
}
