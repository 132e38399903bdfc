/** Key rings in files. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseDocument, type RingContents, type RingDocument } from '../keys/document.ts';
import { RingError } from '../keys/errors.ts';
import { generateRing, toText } from '../keys/generate.ts';
import { stampFrom, withLock, writeWhole } from './files.ts';

const ELSEWHERE = 'Name a ring with --keys FILE, or make one with: waxseal keys generate --out FILE';

/** For telling whether a file has changed. A server asks again and again, and waits for a file system that hangs without standing still. */
export async function stampOf(path: string): Promise<string> {
  return stampFrom(await stat(path).catch(() => undefined));
}

/** The ring's text, as it stands in a file. @throws {RingError} where it cannot be read */
export async function readRingFile(path: string): Promise<string> {
  requirePath(path);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new RingError(`Cannot read the key ring ${path}: ${reasonOf(error)}. Make one with: waxseal keys generate --out ${path}`);
  }
}

/**
 * Writes a ring: mode 0600, and whole or not at all, so that a server that reads at this moment finds the old
 * ring or the new one. A server that reads the file as another user would lose a ring that changed hands, and with it
 * a revocation: so the owner stays.
 *
 * @throws {RingError} where it cannot be written, or where `create` is asked for and the file exists
 */
export async function writeRingFile(path: string, document: RingDocument, { create = false } = {}): Promise<void> {
  requirePath(path);
  try {
    writeWhole(path, toText(document), { create, inheritOwner: !create, durable: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new RingError(`${path} exists and is not overwritten. Choose another name, or remove it if nothing needs it any more.`);
    }
    throw new RingError(`Cannot write the key ring ${path}: ${reasonOf(error)}.`);
  }
}

/**
 * Reads a ring, changes it and writes it, while nobody else does: two changes at once would lose one, and that one
 * could be a revocation. For the same reason nobody's lock is taken away.
 *
 * @param change gives the new document, and what the caller is to have
 * @throws {RingError} where the ring is broken, or another change is under way
 */
export async function changeRingFile<Result>(
  path: string,
  change: (ring: RingContents) => Promise<{ document: RingDocument; result: Result }>,
): Promise<Result> {
  requirePath(path);
  const refusal = (reason: string) => new RingError(`Cannot change the key ring ${path}: ${reason}.`);
  const held = (lock: string) => refusal(`another change is under way (if none is, one was cut short: remove ${lock})`);
  try {
    return await withLock(path, { held }, async () => {
      const { document, result } = await change(parseDocument(await readRingFile(path)));
      await writeRingFile(path, document);
      return result;
    });
  } catch (error) {
    // What is wrong with the ring has been said; what only the system has said is about the lock.
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : refusal(reasonOf(error));
  }
}

/** Whether others than its owner and his group may read a file. Unknown, and so false, where there are no such modes. */
export async function isReadableByOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return ((await stat(path)).mode & 0o007) !== 0;
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
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new RingError(`Cannot read the key ring ${path}: ${reasonOf(error)}. ${ELSEWHERE}`);
  }
  const document: RingDocument = { development: true, ...(await generateRing(now)) };
  try {
    await writeRingFile(path, document, { create: true });
    // In a project under version control a key must not be added by accident.
    await writeFile(join(dirname(path), '.gitignore'), '*\n', { flag: 'wx' }).catch(() => {});
    return { text: toText(document), created: true };
  } catch (error) {
    const other = await readFile(path, 'utf8').catch(() => undefined);
    if (other !== undefined) return { text: other, created: false };
    throw new RingError(`${(error as Error).message} ${ELSEWHERE}`);
  }
}

/** A ring's text where its path is expected is an easy mistake, and must not end up in an error. */
function requirePath(path: string): void {
  if (path.length <= 1024 && !/^\s*[{[]|["\n]/.test(path)) return;
  throw new RingError(
    'The path of a key ring was expected, and this is no path. The text of a ring goes into WAXSEAL_KEYS, its path into WAXSEAL_KEYS_FILE or --keys.',
  );
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of its path is no folder';
  return code ?? 'unknown error';
}
