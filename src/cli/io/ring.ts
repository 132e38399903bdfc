/** Finds the named key ring, and reads, changes or writes it. */
import { Option } from 'commander';
import {
  parseRing,
  type Ring,
  type RingContents,
  type RingDocument,
  RingError,
  toDocument,
  toText,
  withoutForgotten,
} from '../../keys/index.ts';
import { changeRingFile, named, readRingFile, writeRingFile } from '../../node/ring-file.ts';
import { readSettings } from '../../server/config/config.ts';
import { RingSettings } from '../../server/config/settings.ts';
import { UsageError } from './output.ts';

export interface RingOption {
  readonly keys?: string;
}

/** The option `--keys FILE`, which the server also has. */
export function ringOption(): Option {
  return new Option('--keys <file>', 'key ring, a JWK Set in a file (env: WAXSEAL_KEYS_FILE, or its text in WAXSEAL_KEYS)');
}

/** The option `--keys FILE` of the commands that change the file. */
export function ringFileOption(): Option {
  return new Option('--keys <file>', 'the file of the key ring to change (env: WAXSEAL_KEYS_FILE)');
}

/**
 * Reads the named ring; undefined if none is named.
 *
 * @throws {UsageError} if the ring cannot be read. The exit code is 2 (wrong use), because 1 is a result of the
 *   command.
 */
export async function namedOpeningRing(option: RingOption): Promise<Ring | undefined> {
  try {
    return await readNamedRing(option, parseRing);
  } catch (error) {
    throw error instanceof RingError ? new UsageError(error.message) : error;
  }
}

/**
 * Reads the named ring with `parse`.
 *
 * @throws {UsageError} if no ring is named
 * @throws {RingError} `invalid_ring`: the ring cannot be read, or is not valid. The message names its file or variable.
 */
export async function requireRing<Parsed>(option: RingOption, parse: (text: string) => Parsed | Promise<Parsed>): Promise<Parsed> {
  const parsed = await readNamedRing(option, parse);
  if (parsed === undefined) throw new UsageError('name a key ring with --keys FILE, WAXSEAL_KEYS_FILE or WAXSEAL_KEYS.');
  return parsed;
}

async function readNamedRing<Parsed>(option: RingOption, parse: (text: string) => Parsed | Promise<Parsed>): Promise<Parsed | undefined> {
  const { keysFile, keys } = ringSettings(option);
  const text = keysFile === undefined ? keys : await readRingFile(keysFile);
  return text === undefined ? undefined : named(keysFile ?? 'WAXSEAL_KEYS', () => parse(text));
}

/**
 * Changes the named ring file under a lock, so that no other command overwrites the change. Revocations that have ended
 * are dropped.
 *
 * @param now seconds since 1970
 * @param change returns the members that change
 * @returns the file's path, and its contents before and after
 * @throws {UsageError} if no file is named
 * @throws {RingError} `invalid_ring`: the file is not a ring, or is an inspector ring
 */
export async function changeNamedRing(
  option: RingOption,
  now: number,
  change: (ring: RingContents) => Promise<Partial<RingContents>>,
): Promise<{ path: string; before: RingContents; after: RingContents }> {
  const { keysFile: path, keys } = ringSettings(option);
  if (path === undefined) {
    const instead = keys === undefined ? '' : ' This command cannot change the text in WAXSEAL_KEYS: write the text to a file first.';
    throw new UsageError(`name the key ring to change with --keys FILE or WAXSEAL_KEYS_FILE.${instead}`);
  }
  return changeRingFile(path, async (before) => {
    if (before.pairs.some(({ signing }) => signing.d === undefined)) {
      throw new RingError(
        `${path} is an inspector ring, which cannot be changed. Change the full ring, and export the inspector ring again.`,
      );
    }
    const current = { ...before, revocations: withoutForgotten(before.revocations, now) };
    const after = { ...current, ...(await change(current)) };
    return { document: toDocument(after.pairs, after), result: { path, before, after } };
  });
}

/** The limits of common hosts for environment variables, in bytes. */
const PLACES = [
  { name: "AWS Lambda's 4 KB for all variables together", bytes: 4_096 },
  { name: "a Cloudflare Worker's 5 KB for one variable", bytes: 5_120 },
];

/** Names the hosts whose environment variables are too small for a ring; undefined if it fits into all of them. */
export function sizeWarning(ring: RingContents): string | undefined {
  const length = JSON.stringify(toDocument(ring.pairs, ring)).length;
  const outgrown = PLACES.filter(({ bytes }) => length > bytes).map(({ name }) => name);
  if (outgrown.length === 0) return undefined;
  return `as an environment variable this ring takes ${length} bytes. That is more than ${outgrown.join(' and ')}. Use a file or a secret manager.`;
}

/**
 * Writes a new ring to the file of `--out`, or to a pipe, for example to a secret manager.
 *
 * @param out the file's path; `-` for standard output
 * @returns whether it wrote a file
 * @throws {UsageError} if standard output is a terminal
 * @throws {RingError} `invalid_ring`: the file exists
 */
export async function writeRing(out: string, document: RingDocument): Promise<boolean> {
  if (out !== '-') {
    await writeRingFile(out, document, { create: true });
    return true;
  }
  if (process.stdout.isTTY) {
    throw new UsageError(
      'this command does not print a key ring on a terminal. Pipe it to a secret manager, or name a file with --out FILE.',
    );
  }
  process.stdout.write(toText(document));
  return false;
}

function ringSettings({ keys }: RingOption) {
  return readSettings(RingSettings, { keysFile: keys }, process.env);
}
