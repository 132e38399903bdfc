import { Option } from 'commander';
import { readRingFile } from '../keys/file.ts';
import { type JwkPair, parseDocument } from '../keys/index.ts';
import { UsageError } from './exit.ts';

/** `--keys FILE`, with the same environment variable as the server's. */
export function ringOption(): Option {
  return new Option('--keys <file>', 'key ring, a JWK Set in a file').env('WAXSEAL_KEYS_FILE');
}

/** The text of the ring that was named, by `--keys`, `WAXSEAL_KEYS_FILE` or `WAXSEAL_KEYS`; undefined where none was. */
export async function namedRing({ keys }: { keys?: string }): Promise<string | undefined> {
  return keys === undefined ? process.env['WAXSEAL_KEYS'] || undefined : readRingFile(keys);
}

/** The same, for commands that cannot do without. @throws {UsageError} where none was named */
export async function requireRing(options: { keys?: string }): Promise<string> {
  const text = await namedRing(options);
  if (text === undefined) throw new UsageError('name a key ring with --keys FILE, WAXSEAL_KEYS_FILE or WAXSEAL_KEYS.');
  return text;
}

/** A ring file that a command is about to change. @throws {UsageError} where none was named @throws {RingError} */
export async function ringFile({ keys }: { keys?: string }): Promise<{ path: string; pairs: JwkPair[]; development: boolean }> {
  if (keys === undefined) throw new UsageError('name the key ring to change with --keys FILE or WAXSEAL_KEYS_FILE.');
  return { path: keys, ...parseDocument(await readRingFile(keys)) };
}
