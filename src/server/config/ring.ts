import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseRing, type Ring, RingError, requireMinting } from '../../keys/index.ts';
import { developmentRing, isReadableByOthers, named, readRingFile, stampOf } from '../../node/ring-file.ts';
import type { Config } from './settings.ts';

/** The path of the development ring, in the working folder. A server generates this ring if no ring is configured. */
export const DEVELOPMENT_RING = 'keys/development.jwks';

/** A ring and its source. */
export interface LoadedRing {
  readonly ring: Ring;
  /** The name of the variable or the path of the file, for messages. */
  readonly source: string;
  /** Absent if the ring came from an environment variable. */
  readonly file?: string | undefined;
  /** The file's stamp from `stampOf`. Empty if the ring came from an environment variable. */
  readonly stamp: string;
  /**
   * Whether the file has the path of a development ring. A ring at this path counts as a development ring even if its
   * text does not say so, because the file may have come with a copy of a repository.
   */
  readonly isDevelopment: boolean;
  /** Whether this process generated the ring. */
  readonly created: boolean;
  readonly readableByOthers: boolean;
}

/**
 * Loads the configured ring, from an environment variable or a file. Without a configured ring, the function loads the
 * development ring, and generates it on the first start.
 *
 * @param now seconds since 1970
 * @throws {RingError} `invalid_ring`: the ring is not valid, cannot mint now, or is a development ring that other users
 *   can read
 */
export async function loadRing(config: Pick<Config, 'keys' | 'keysFile'>, now: number): Promise<LoadedRing> {
  const { text, ...origin } = await ringText(config, now);
  return named(origin.source, async () => {
    const ring = await parseRing(text);
    requireMinting(ring, now);
    if (origin.isDevelopment || ring.development) await requirePrivate(origin.file);
    return { ring, ...origin };
  });
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
  // The stamp is taken before the file is read, so that the next check notices a change during the reading.
  const stamp = keysFile === undefined ? '' : await stampOf(file);
  const { text, created } = keysFile === undefined ? await developmentRing(file, now) : { text: await readRingFile(file), created: false };
  return {
    text,
    file,
    // A development ring has no stamp yet, because `developmentRing` may have just made the file. It gets one now.
    stamp: stamp || (await stampOf(file)),
    source: file,
    isDevelopment: await isDevelopmentPath(file),
    created,
    readableByOthers: await isReadableByOthers(file),
  };
}

/** Tells whether a path, or the target of a symbolic link, ends with {@link DEVELOPMENT_RING}. */
async function isDevelopmentPath(file: string): Promise<boolean> {
  const paths = [resolve(file), await realpath(file).catch(() => file)];
  return paths.some((path) => path.replaceAll('\\', '/').endsWith(`/${DEVELOPMENT_RING}`));
}

/**
 * Refuses a development ring that other users can read. A server writes the file with mode 0600, so such a file came
 * from somewhere else.
 */
async function requirePrivate(file: string | undefined): Promise<void> {
  if (file === undefined || !(await isReadableByOthers(file))) return;
  throw new RingError(
    'Other users can read this development ring, and could mint handles with it. It may have come with a copy of a repository. ' +
      `Remove the file, and the server makes a new ring. If the ring is this machine's own, make it private: chmod 600 ${file}`,
  );
}
