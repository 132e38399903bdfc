import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseDelivered, parseRing, type Ring, RingError, requireMinting } from '../../keys/index.ts';
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
  readonly file?: string | undefined;
  /** How the file was before it was read, as `stampOf` tells. */
  readonly stamp: string;
  /** It stands where a development ring does, whatever it says of itself: a repository may have put it there. */
  readonly isDevelopment: boolean;
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
    const ring = await (origin.file === undefined ? parseDelivered(text) : parseRing(text));
    requireMinting(ring, now);
    if (origin.isDevelopment || ring.development) await requirePrivate(origin.file);
    return { ring, ...origin };
  } catch (error) {
    if (error instanceof RingError) throw new RingError(`${origin.source}: ${error.message}`);
    throw error;
  }
}

async function ringText({ keys, keysFile }: Pick<Config, 'keys' | 'keysFile'>, now: number) {
  if (keysFile === undefined && keys !== undefined) {
    return {
      text: keys,
      file: undefined,
      stamp: '',
      source: 'WAXSEAL_KEYS',
      isDevelopment: false,
      created: false,
      readableByOthers: false,
    };
  }
  const file = keysFile ?? DEVELOPMENT_RING;
  // Before reading: a change while it is read is then a change still to be seen.
  const stamp = keysFile === undefined ? '' : await stampOf(file);
  // Nobody changes a development ring while it is made.
  const { text, created } = keysFile === undefined ? await developmentRing(file, now) : { text: await readRingFile(file), created: false };
  return {
    text,
    file,
    stamp: stamp || (await stampOf(file)),
    source: file,
    isDevelopment: await isDevelopmentPath(file),
    created,
    readableByOthers: await isReadableByOthers(file),
  };
}

/** Whether a file is, or is a link to, what stands where a development ring does in any folder. */
async function isDevelopmentPath(file: string): Promise<boolean> {
  const paths = [resolve(file), await realpath(file).catch(() => file)];
  return paths.some((path) => path.replaceAll('\\', '/').endsWith(`/${DEVELOPMENT_RING}`));
}

/** This machine's own ring is written for its owner alone: another came from elsewhere, and others may mint with it. */
async function requirePrivate(file: string | undefined): Promise<void> {
  if (file === undefined || !(await isReadableByOthers(file))) return;
  throw new RingError(
    'Other users can read this development ring, and so may make handles; a copy of a repository may have brought it along. ' +
      `Remove it, and a new one is made; or, if it is this machine's own, make it private: chmod 600 ${file}`,
  );
}
