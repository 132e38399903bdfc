/** Key rings in files. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unwrappedRing } from '../keys/delivered.ts';
import { parseDocument, type RingContents, type RingDocument } from '../keys/document.ts';
import { RingError } from '../keys/errors.ts';
import { generateRing, toText } from '../keys/generate.ts';
import { reasonOf, reasonUnwritten, stampFrom, withLock, writeWhole } from './files.ts';

const ELSEWHERE = 'Name a ring with --keys FILE, or make one with: waxseal keys generate --out FILE';

/**
 * Makes a stamp that changes when the content of a file changes. The stamp is empty if the file cannot be reached. The function
 * is asynchronous, because a server calls it every two seconds, and a file system that hangs must not stop the server.
 */
export async function stampOf(path: string): Promise<string> {
  return stampFrom(await stat(path).catch(() => undefined));
}

/**
 * Reads the text of a ring from a file. It removes what deployment tools wrap around a ring, in a file as in a variable: a
 * secret that was encoded twice is base64 in the file, and the redirection of some shells writes UTF-16.
 *
 * @throws {RingError} `invalid_ring`: the file cannot be read; the message says why
 */
export async function readRingFile(path: string): Promise<string> {
  requirePath(path);
  try {
    return unwrappedRing(decoded(await readFile(path)));
  } catch (error) {
    throw new RingError(`Cannot read the key ring ${path}: ${reasonOf(error)}. Make one with: waxseal keys generate --out ${path}`);
  }
}

/** Decodes UTF-8, and UTF-16 that begins with a byte order mark. */
function decoded(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/**
 * Writes a ring with mode 0600, whole or not at all: a server that reads at the same time finds the old ring or the new
 * one. The file keeps its owner, because a server that runs as that user must still be able to read it: otherwise the
 * server would miss a revocation.
 *
 * @throws {RingError} `invalid_ring`: the file cannot be written, or it exists and `create` is set
 */
export async function writeRingFile(path: string, document: RingDocument, { create = false } = {}): Promise<void> {
  requirePath(path);
  try {
    writeWhole(path, toText(document), { create, inheritOwner: !create, durable: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new RingError(`${path} exists and is not overwritten. Choose another name, or remove the file if nobody needs it any more.`);
    }
    throw new RingError(`Cannot write the key ring ${path}: ${reasonUnwritten(path, error)}.`);
  }
}

/**
 * Reads a ring, changes it and writes it, while no other process changes it. Without the lock, one of two changes at the same
 * time would be lost, and the lost change could be a revocation. For the same reason this function never removes another
 * process's lock.
 *
 * @param change returns the new document, and the result for the caller
 * @returns the result of `change`
 * @throws {RingError} `invalid_ring`: the ring is broken, another process is changing it, or the file cannot be written
 */
export async function changeRingFile<Result>(
  path: string,
  change: (ring: RingContents) => Promise<{ document: RingDocument; result: Result }>,
): Promise<Result> {
  requirePath(path);
  const refusal = (reason: string) => new RingError(`Cannot change the key ring ${path}: ${reason}.`);
  const held = (lock: string) => refusal(`another process is changing it, or was interrupted while it did (then remove ${lock})`);
  try {
    return await withLock(path, { held }, async () => {
      const { document, result } = await change(parseDocument(await readRingFile(path)));
      await writeRingFile(path, document);
      return result;
    });
  } catch (error) {
    // A RingError already says what is wrong. An error of the system comes from the lock.
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : refusal(reasonOf(error));
  }
}

/**
 * Tells whether users other than the owner and the group may read a file. Windows has no such modes, so there the answer is
 * false.
 */
export async function isReadableByOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return ((await stat(path)).mode & 0o007) !== 0;
}

/**
 * Reads the development ring at a path, and generates it there if the file does not exist. Several processes may call
 * this at once: all of them get the ring that the first one wrote.
 *
 * @param now seconds since 1970
 * @returns the text of the ring, and whether this process generated it
 * @throws {RingError} `invalid_ring`: the file can be neither read nor written
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
    // Without this file, `git add` would add the key to the project.
    await writeFile(join(dirname(path), '.gitignore'), '*\n', { flag: 'wx' }).catch(() => {});
    return { text: toText(document), created: true };
  } catch (error) {
    const other = await readFile(path, 'utf8').catch(() => undefined);
    if (other !== undefined) return { text: other, created: false };
    throw new RingError(`${(error as Error).message} ${ELSEWHERE}`);
  }
}

/**
 * Refuses the text of a ring in the place of its path. This mistake is easy to make, and an error that quotes the path would
 * show the keys.
 */
function requirePath(path: string): void {
  if (path.length <= 1024 && !/^\s*[{[]|["\n]/.test(path)) return;
  throw new RingError(
    'The path of a key ring was expected, but this is not a path. The text of a ring belongs in WAXSEAL_KEYS, its path in WAXSEAL_KEYS_FILE or --keys.',
  );
}
