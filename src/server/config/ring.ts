import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseRing, type Ring, RingError, requireMinting } from '../../keys/index.ts';
import { developmentRing, isReadableByOthers, readRingFile, stampOf } from '../../node/ring-file.ts';
import type { Config } from './settings.ts';

/**
 * The path of the development ring, relative to the working folder. If no ring is configured, a server generates a ring and
 * keeps it in this file.
 */
export const DEVELOPMENT_RING = 'keys/development.jwks';

/** A ring, and the place that it came from. */
export interface LoadedRing {
  readonly ring: Ring;
  /** The name of the variable or the path of the file, for messages to people. */
  readonly source: string;
  /** The path of the file from which the ring was read. Absent if the ring came from an environment variable. */
  readonly file?: string | undefined;
  /** The file's stamp from `stampOf`, which changes with the file. Empty if the ring came from an environment variable. */
  readonly stamp: string;
  /**
   * Whether the file has the path of a development ring. A ring in this file counts as a development ring, even if the ring's
   * text does not say so, because the file may have come with a copy of a repository.
   */
  readonly isDevelopment: boolean;
  /** Whether this process generated the ring just now. */
  readonly created: boolean;
  /** Whether other users of this machine can read the file. */
  readonly readableByOthers: boolean;
}

/**
 * Loads the ring that a configuration names, from an environment variable or from a file. If the configuration names no
 * ring, this function loads the machine's own development ring, and generates that ring on the first start.
 *
 * @param now seconds since 1970
 * @throws {RingError} `invalid_ring`: the ring is not valid, cannot mint now, or is a development ring that other users can read
 */
export async function loadRing(config: Pick<Config, 'keys' | 'keysFile'>, now: number): Promise<LoadedRing> {
  const { text, ...origin } = await ringText(config, now);
  try {
    const ring = await parseRing(text);
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
  // The stamp is taken before the file is read. So if the file changes while it is read, the next check notices the change.
  const stamp = keysFile === undefined ? '' : await stampOf(file);
  const { text, created } = keysFile === undefined ? await developmentRing(file, now) : { text: await readRingFile(file), created: false };
  return {
    text,
    file,
    // The file of a development ring may not exist before `developmentRing` runs, so the stamp of this file is taken afterwards.
    stamp: stamp || (await stampOf(file)),
    source: file,
    isDevelopment: await isDevelopmentPath(file),
    created,
    readableByOthers: await isReadableByOthers(file),
  };
}

/**
 * Tells whether a path ends with {@link DEVELOPMENT_RING}, in any folder. If the path is a symbolic link, its target
 * counts as well.
 */
async function isDevelopmentPath(file: string): Promise<boolean> {
  const paths = [resolve(file), await realpath(file).catch(() => file)];
  return paths.some((path) => path.replaceAll('\\', '/').endsWith(`/${DEVELOPMENT_RING}`));
}

/**
 * Refuses a development ring that other users can read. A server writes its own ring with mode 0600, so a readable ring must
 * have come from somewhere else.
 */
async function requirePrivate(file: string | undefined): Promise<void> {
  if (file === undefined || !(await isReadableByOthers(file))) return;
  throw new RingError(
    'Other users can read this development ring, and could mint handles with it. It may have come with a copy of a repository. ' +
      `Remove the file, and the server makes a new ring. If the ring is this machine's own, make it private: chmod 600 ${file}`,
  );
}
