import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateRing, type RingDocument, toText } from '../../src/keys/index.ts';
import { systemClock } from '../../src/server/index.ts';
import { atEndOfFile } from './cleanup.ts';

/** Makes an empty folder. It is removed after the last test of the file. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-test-'));
  atEndOfFile(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a new ring to a file of its own. */
export async function ringFile(): Promise<{ path: string; document: RingDocument }> {
  // The ring is a minute old, so that a key from a rotation is newer even within the same second.
  const document = await generateRing(systemClock() - 60);
  const path = join(emptyFolder(), 'ring.jwks');
  writeFileSync(path, toText(document), { mode: 0o600 });
  return { path, document };
}
