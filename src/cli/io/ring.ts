/** Key rings that a command reads, changes or writes: which one was named, and where a new one goes. */
import { Option } from 'commander';
import {
  parseDelivered,
  parseRing,
  type Ring,
  type RingContents,
  type RingDocument,
  RingError,
  toDocument,
  toText,
  withoutForgotten,
} from '../../keys/index.ts';
import { changeRingFile, readRingFile, writeRingFile } from '../../node/ring-file.ts';
import { readSettings } from '../../server/config/config.ts';
import { RingSettings } from '../../server/config/settings.ts';
import { UsageError } from './output.ts';

/** What `--keys` gave, if anything. */
export interface RingOption {
  readonly keys?: string;
}

/** `--keys FILE`, as the server has it. */
export function ringOption(): Option {
  return new Option('--keys <file>', 'key ring, a JWK Set in a file (env: WAXSEAL_KEYS_FILE, or its text in WAXSEAL_KEYS)');
}

/** The text of the ring that was named, by flag or environment, as the server reads them; undefined where none was. */
async function namedRing(option: RingOption): Promise<string | undefined> {
  const { keys, keysFile } = ringSettings(option);
  if (keysFile !== undefined) return readRingFile(keysFile);
  // What is wrong with it is said here, without advice to generate another: that would open none of the handles there are.
  if (keys !== undefined) await parseDelivered(keys);
  return keys;
}

/**
 * The ring that was named, to open handles with; undefined where none was.
 *
 * @throws {UsageError} where it cannot be read: of these commands 1 says what they found, and nothing else
 */
export async function namedOpeningRing(option: RingOption): Promise<Ring | undefined> {
  const { keysFile } = ringSettings(option);
  try {
    const text = await namedRing(option);
    return text === undefined ? undefined : await parseRing(text);
  } catch (error) {
    if (!(error instanceof RingError)) throw error;
    const source = keysFile ?? 'WAXSEAL_KEYS';
    throw new UsageError(error.message.includes(source) ? error.message : `${source}: ${error.message}`);
  }
}

/** The same, for commands that cannot do without. @throws {UsageError} where none was named */
export async function requireRing(option: RingOption): Promise<string> {
  const text = await namedRing(option);
  if (text === undefined) throw new UsageError('name a key ring with --keys FILE, WAXSEAL_KEYS_FILE or WAXSEAL_KEYS.');
  return text;
}

/**
 * Changes the ring file that was named, one change at a time. Revocations that refuse nothing any more are dropped with it.
 *
 * @param now seconds since 1970
 * @param change gives what is different afterwards
 * @returns its path, and what it held before and after
 * @throws {UsageError} where no file was named @throws {RingError} where it is broken
 */
export async function changeNamedRing(
  option: RingOption,
  now: number,
  change: (ring: RingContents) => Promise<Partial<RingContents>>,
): Promise<{ path: string; before: RingContents; after: RingContents }> {
  const { keysFile: path } = ringSettings(option);
  if (path === undefined) throw new UsageError('name the key ring to change with --keys FILE or WAXSEAL_KEYS_FILE.');
  return changeRingFile(path, async (before) => {
    if (before.pairs.some(({ signing }) => signing.d === undefined)) {
      throw new RingError(
        `${path} is an inspector ring: it cannot mint, and is not to be changed. Change the full ring, and export it again.`,
      );
    }
    const current = { ...before, revocations: withoutForgotten(before.revocations, now) };
    const after = { ...current, ...(await change(current)) };
    return { document: toDocument(after.pairs, after), result: { path, before, after } };
  });
}

/** What fits into the environment of common places, in bytes: AWS Lambda's variables all together, and one variable of a Worker. */
const PLACES = [
  { name: "AWS Lambda's 4 KB for all variables", bytes: 4_096 },
  { name: "a Cloudflare Worker's 5 KB for one", bytes: 5_120 },
];

/** Says where a ring no longer fits into an environment variable; undefined where it fits everywhere. */
export function sizeWarning(ring: RingContents): string | undefined {
  const length = JSON.stringify(toDocument(ring.pairs, ring)).length;
  const outgrown = PLACES.filter(({ bytes }) => length > bytes).map(({ name }) => name);
  if (outgrown.length === 0) return undefined;
  return `as an environment variable this ring takes ${length} bytes: more than ${outgrown.join(' and ')}. A file or a secret manager has room.`;
}

/**
 * Writes a new ring where `--out` says: to a file of its own, or, for a secret manager, through a pipe.
 *
 * @returns whether it was a file
 * @throws {UsageError} where it would be printed on a terminal @throws {RingError} where the file exists
 */
export async function writeRing(out: string, document: RingDocument): Promise<boolean> {
  if (out !== '-') {
    await writeRingFile(out, document, { create: true });
    return true;
  }
  if (process.stdout.isTTY) {
    throw new UsageError('a key ring is not printed on a terminal. Pipe it to a secret manager, or name a file with --out FILE.');
  }
  process.stdout.write(toText(document));
  return false;
}

function ringSettings({ keys }: RingOption) {
  return readSettings(RingSettings, { keysFile: keys }, process.env);
}
