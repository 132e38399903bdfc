import { type RingDocument, toText } from '../../keys/index.ts';
import { writeRingFile } from '../../node/ring-file.ts';
import { UsageError } from './exit.ts';

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
