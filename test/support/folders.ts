import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateRing, type RingDocument, toText } from '../../src/keys/index.ts';
import { systemClock } from '../../src/server/index.ts';
import { atEndOfFile } from './cleanup.ts';

/** An empty folder of its own, gone when the tests of this file are. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-test-'));
  atEndOfFile(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A fresh ring in a file of its own. */
export async function ringFile(): Promise<{ path: string; document: RingDocument }> {
  // Made before the test: a key that is rotated in must be the newer one, also where both are made within a second.
  const document = await generateRing(systemClock() - 60);
  const path = join(emptyFolder(), 'ring.jwks');
  writeFileSync(path, toText(document), { mode: 0o600 });
  return { path, document };
}
