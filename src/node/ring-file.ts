/** Rings in files. The only module of `keys/` that needs Node. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RingError } from '../keys/errors.ts';
import { generateRing, toText } from '../keys/generate.ts';
import { parseDocument, type RingContents, type RingDocument } from '../keys/jwk.ts';

const ELSEWHERE = 'Name a ring with --keys FILE, or make one with: waxseal keys generate --out FILE';

/**
 * Gives a replacement the owner of what it replaces, and his group's right to read, if it had any and was closed to the rest. Else the server
 * that reads the file as another user would lose it, and with it a revocation.
 */
async function inheritOwner(file: FileHandle, replaced: string): Promise<void> {
  const [theirs, ours] = [await stat(replaced).catch(() => undefined), await file.stat()];
  if (theirs === undefined) return;
  if (theirs.uid !== ours.uid || theirs.gid !== ours.gid) await file.chown(theirs.uid, theirs.gid);
  const forAnyone = (theirs.mode & 0o007) !== 0;
  await file.chmod(forAnyone ? 0o600 : theirs.mode & 0o640);
}

/** What changes with a file's content: for telling whether it has changed. The same for all files that are not there. */
export async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(path).catch(() => ({ ino: 0, size: 0, mtimeMs: 0, ctimeMs: 0 }));
  return [ino, size, mtimeMs, ctimeMs].join(':');
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
 * ring or the new one.
 *
 * @throws {RingError} where it cannot be written, or where `create` is asked for and the file exists
 */
export async function writeRingFile(path: string, document: RingDocument, { create = false } = {}): Promise<void> {
  requirePath(path);
  // Where the path is a symbolic link, what it points to is replaced, and not the link.
  const target = create ? path : await realpath(path).catch(() => path);
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      if (!create) await inheritOwner(file, target);
      await file.writeFile(toText(document));
      await file.sync();
    } finally {
      await file.close();
    }
    // A link fails where its target exists; a rename replaces it.
    await (create ? link(temporary, target) : rename(temporary, target));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new RingError(`${path} exists and is not overwritten. Choose another name, or remove it if nothing needs it any more.`);
    }
    throw new RingError(`Cannot write the key ring ${path}: ${reasonOf(error)}.`);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/**
 * Reads a ring, changes it and writes it, while nobody else does: two changes at once would lose one, and that one
 * could be a revocation.
 *
 * @param change gives the new document, and what the caller wants to be told
 * @throws {RingError} where the ring is broken, or another change is under way
 */
export async function changeRingFile<Told>(
  path: string,
  change: (ring: RingContents) => Promise<{ document: RingDocument; told: Told }>,
): Promise<Told> {
  requirePath(path);
  const lock = `${await realpath(path).catch(() => path)}.lock`;
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = taken ? `another change is under way (if none is, one was cut short: remove ${lock})` : reasonOf(error);
    throw new RingError(`Cannot change the key ring ${path}: ${reason}.`);
  }
  try {
    const { document, told } = await change(parseDocument(await readRingFile(path)));
    await writeRingFile(path, document);
    return told;
  } finally {
    await rm(lock, { force: true });
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
