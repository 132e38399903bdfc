/** Rings in files. The only module of `keys/` that needs Node. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RingError } from './errors.ts';
import { generateRing, toText } from './generate.ts';
import type { RingDocument } from './jwk.ts';

/** The ring's text, as it stands in a file. @throws {RingError} where it cannot be read */
export async function readRingFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new RingError(`Cannot read the key ring ${path}: ${reasonOf(error)}. Make one with: waxseal keys generate --out ${path}`);
  }
}

/**
 * Writes a ring: mode 0600, and whole or not at all, so that a server that reads at this moment finds the old
 * ring or the new one.
 *
 * @throws {RingError} where it cannot be written, or where `create` is asked for and the file exists
 */
export async function writeRingFile(path: string, document: RingDocument, { create = false } = {}): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(toText(document));
      await file.sync();
    } finally {
      await file.close();
    }
    // A link fails where its target exists; a rename replaces it.
    await (create ? link(temporary, path) : rename(temporary, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new RingError(
        `${path} exists and is not overwritten: handles made with it would stop opening. Use: waxseal keys rotate --keys ${path}`,
      );
    }
    throw new RingError(`Cannot write the key ring ${path}: ${reasonOf(error)}.`);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * The development ring at a path, generated there if there is none. Safe to call from several processes at
 * once: all get the ring of the one that was first.
 *
 * @param now seconds since 1970
 */
export async function developmentRing(path: string, now: number): Promise<{ text: string; created: boolean }> {
  await mkdir(dirname(path), { recursive: true }).catch(() => {});
  try {
    return { text: await readFile(path, 'utf8'), created: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new RingError(`Cannot read the key ring ${path}: ${reasonOf(error)}.`);
  }
  const document: RingDocument = { development: true, ...(await generateRing(now)) };
  try {
    await writeRingFile(path, document, { create: true });
    return { text: toText(document), created: true };
  } catch (error) {
    const other = await readFile(path, 'utf8').catch(() => undefined);
    if (other !== undefined) return { text: other, created: false };
    throw new RingError(`${(error as Error).message} Name a ring with --keys FILE, or make one with: waxseal keys generate --out FILE`);
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  return code ?? 'unknown error';
}
