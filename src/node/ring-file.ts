/** Reads, writes and changes key rings in files. */
import { lstatSync, readlinkSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unwrappedRing } from '../keys/delivered.ts';
import { parseDocument, type RingContents, type RingDocument } from '../keys/document.ts';
import { RingError } from '../keys/errors.ts';
import { generateRing, toText } from '../keys/generate.ts';
import { reasonOf, reasonUnwritten, stampFrom, withLock, writeWhole } from './files.ts';

const ELSEWHERE = 'Name a ring with --keys FILE, or make a ring with: waxseal keys generate --out FILE';

/**
 * Returns a text that changes when the file changes; empty if the file cannot be reached. A server calls this function
 * every two seconds. The function is asynchronous, so that a slow file system does not block the server.
 */
export async function stampOf(path: string): Promise<string> {
  return stampFrom(await stat(path).catch(() => undefined));
}

/**
 * Reads the text of a ring from a file. Deployment tools put base64 or quotation marks around a ring, and some shells
 * write UTF-16. The function undoes all of these.
 *
 * @throws {RingError} `invalid_ring`: the file cannot be read
 */
export async function readRingFile(path: string): Promise<string> {
  requirePath(path);
  try {
    return unwrappedRing(decoded(await readFile(path)));
  } catch (error) {
    throw new RingError(`Cannot read the key ring ${path}: ${reasonOf(error)}. ${insteadOf(path, error)}`);
  }
}

/** Advises to make a ring only if the path is free. Otherwise the ring may be there, and a new one would replace it. */
function insteadOf(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return `Name the file in this folder: --keys ${join(path, 'ring.jwks')}`;
  if (code !== 'ENOENT') return 'Name a file that this program can read, with --keys FILE or WAXSEAL_KEYS_FILE.';
  return mistakeIn(path) ?? `Make a key ring with: waxseal keys generate --out ${path}`;
}

/** Returns what is probably wrong with the path of a file that does not exist. */
function mistakeIn(path: string): string | undefined {
  if (path.startsWith('~')) return 'Write the whole path: no shell has replaced the ~.';
  if (/\$[A-Za-z_{]/.test(path)) return 'Write the whole path: no shell has replaced the variable in it.';
  if (path.startsWith('file:')) return 'Write a path, without file://.';
  if (path !== path.trim()) return 'Remove the white space: the path begins or ends with white space, such as a carriage return.';
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
  return `It is a link to ${readlinkSync(path)}, which does not exist. Correct the link, or put the ring in that place.`;
}

async function readDocument(path: string): Promise<RingContents> {
  const text = await readRingFile(path);
  return named(path, () => parseDocument(text));
}

/**
 * Parses a ring, and adds its source to the errors. The source must not be a path that {@link readRingFile} refused,
 * because such a path may be the text of a ring.
 *
 * @param source the file or the variable
 * @throws {RingError} `invalid_ring`: the error of `parse`, with the source
 */
export async function named<Parsed>(source: string, parse: () => Parsed | Promise<Parsed>): Promise<Parsed> {
  try {
    return await parse();
  } catch (error) {
    throw error instanceof RingError ? new RingError(`${source}: ${error.message}`) : error;
  }
}

/** Decodes UTF-16 if the bytes begin with its byte order mark, otherwise UTF-8. */
function decoded(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/**
 * Writes a ring with mode 0600. A server that reads the file finds either the old ring or the new ring. The file keeps
 * its owner. Otherwise a server that runs as this owner could not read the new ring, and would miss a revocation.
 *
 * @throws {RingError} `invalid_ring`: the file cannot be written, or it exists and `create` is set
 */
export async function writeRingFile(path: string, document: RingDocument, { create = false } = {}): Promise<void> {
  requirePath(path);
  try {
    writeWhole(path, toText(document), { create, inheritOwner: !create, durable: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isFolder = code === 'EISDIR' || (code === 'EEXIST' && lstatSync(path, { throwIfNoEntry: false })?.isDirectory());
    if (isFolder)
      throw new RingError(`Cannot write the key ring ${path}: it is a folder. Name a file in it, e.g. ${join(path, 'ring.jwks')}`);
    if (code === 'EEXIST') {
      throw new RingError(`${path} exists and is not overwritten. Choose another name, or remove the file if nobody needs it any more.`);
    }
    throw new RingError(`Cannot write the key ring ${path}: ${reasonUnwritten(path, error)}.`);
  }
}

/**
 * Changes a ring under a lock. Without the lock, two processes could overwrite each other's changes, and a revocation
 * could be lost. So this function never removes another process's lock, however old.
 *
 * @param change returns the new document, and the result for the caller
 * @returns the result of `change`
 * @throws {RingError} `invalid_ring`: the ring is not valid, another process is changing the ring, or the file cannot
 *   be written
 */
export async function changeRingFile<Result>(
  path: string,
  change: (ring: RingContents) => Promise<{ document: RingDocument; result: Result }>,
): Promise<Result> {
  requirePath(path);
  const refusal = (reason: string) => new RingError(`Cannot change the key ring ${path}: ${reason}.`);
  const held = (lock: string) => refusal(`another process is changing it. If no other process is running, remove ${lock}`);
  try {
    return await withLock(path, { held }, async () => {
      const { document, result } = await change(await readDocument(path));
      await writeRingFile(path, document);
      return result;
    });
  } catch (error) {
    // An error with a `syscall` is about the lock file, and does not name the ring. A RingError already names it.
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : refusal(reasonOf(error));
  }
}

/**
 * Tells whether users other than the owner and the group have access to a file. On Windows the answer is false, because
 * files have no such modes.
 */
export async function isReadableByOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return ((await stat(path)).mode & 0o007) !== 0;
}

/**
 * Reads the development ring from a file, or generates the ring and writes the file. If several processes call this
 * function at once, all get the ring that the first process wrote.
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
    // The .gitignore keeps `git add` from adding the keys to the user's project.
    await writeFile(join(dirname(path), '.gitignore'), '*\n', { flag: 'wx' }).catch(() => {});
    return { text: toText(document), created: true };
  } catch (error) {
    const other = await readFile(path, 'utf8').catch(() => undefined);
    if (other !== undefined) return { text: other, created: false };
    throw new RingError(`${(error as Error).message} ${ELSEWHERE}`);
  }
}

/** The longest name of a file or folder on the usual file systems, in characters. */
const LONGEST_NAME = 255;

/**
 * Matches the text of a ring, as JSON or as base64 of JSON, and a single key of 32 bytes. Base64 of JSON in ASCII
 * contains no slash, but the paths of secrets do.
 */
const SECRET = /^[\s'"]*(?:[{[]|(?:e[wy]|W[wy])[A-Za-z0-9+_-]{60}|[A-Za-z0-9_-]{43}\s*$)/;

/**
 * Refuses an empty path, and a path that looks like the text of a ring or like a key. Users sometimes pass the text
 * instead of the path. Later errors would quote the text, and so show the keys.
 */
function requirePath(path: string): void {
  if (path === '')
    throw new RingError('The path of a key ring was expected, but it is empty. Is the variable set? Name a file, e.g. ring.jwks');
  const isLong = path.length > 1024 || path.split(/[/\\]/).some(({ length }) => length > LONGEST_NAME);
  if (!isLong && !SECRET.test(path) && !/["\n]/.test(path)) return;
  throw new RingError(
    'The path of a key ring was expected, but this is not a path. The text of a ring belongs in WAXSEAL_KEYS, its path in WAXSEAL_KEYS_FILE or --keys.',
  );
}
