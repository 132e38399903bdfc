/**
 * Writes and locks files that several processes use at once. A file is written whole or not at all, and only one process
 * changes the file at a time. This module does not read files.
 *
 * The functions write synchronously, because each step takes microseconds, and an asynchronous step would take longer.
 * This time matters to the wallet: it writes files during calls of tools, while the model waits. A command that changes
 * a ring can also write synchronously, because it has nothing else to do while it writes.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Options for writing a file. Every option is false by default. */
export interface WriteOptions {
  /**
   * Fails with `EEXIST` if the path exists, even if the path is a symbolic link to a file that does not exist. Without this
   * option, an existing file is replaced.
   */
  readonly create?: boolean;
  /**
   * Gives the new file the owner and group of the file that it replaces. The group may read the new file if the group could
   * read the old file and users outside the group had no access to the old file.
   */
  readonly inheritOwner?: boolean;
  /**
   * Waits until the text is on the disk, so that a power failure cannot destroy the text. The wait takes milliseconds.
   */
  readonly durable?: boolean;
}

/**
 * Writes a file with mode 0600, whole or not at all: another process that reads the file at the same time finds either the
 * old text or the new text. If the path is a symbolic link, the file to which the link points is replaced, and the link
 * stays.
 *
 * @throws {NodeJS.ErrnoException} if the file cannot be written; then the old file is unchanged, and no temporary file is left
 */
export function writeWhole(path: string, text: string, options: WriteOptions = {}): void {
  const { create = false, inheritOwner = false, durable = false } = options;
  const target = create ? path : targetOf(path);
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      if (inheritOwner) takeOwnerFrom(target, file);
      writeFileSync(file, text);
      if (durable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (create) {
      // Making a link fails if its target exists. A rename would replace the target.
      linkSync(temporary, target);
      unlinkSync(temporary);
    } else renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Returns the file that a path leads to through symbolic links; the path itself if no such file exists. */
function targetOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function takeOwnerFrom(replaced: string, file: number): void {
  const [theirs, ours] = [statSync(replaced, { throwIfNoEntry: false }), fstatSync(file)];
  if (theirs === undefined) return;
  if (theirs.uid !== ours.uid || theirs.gid !== ours.gid) fchownSync(file, theirs.uid, theirs.gid);
  const forAnyone = (theirs.mode & 0o007) !== 0;
  fchmodSync(file, forAnyone ? 0o600 : theirs.mode & 0o640);
}

/**
 * Makes a stamp that changes when the content of a file changes.
 *
 * @param found what `stat` returned; undefined if the file does not exist
 * @returns the stamp; the empty text if the file does not exist
 */
export function stampFrom(found: Stats | undefined): string {
  return found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':');
}

/** Options for taking a lock. */
export interface LockOptions {
  /** Makes the error to throw if another process holds the lock. @param lock the path of the lock file */
  readonly held: (lock: string) => Error;
  /**
   * The time for which a process may hold the lock, in milliseconds. If a lock is older than this time, the process that made
   * the lock must have been killed, so the lock is removed. If a lock is younger, this process waits for the lock, but at most
   * twice this time. Absent: this process neither waits for a lock nor removes a lock.
   */
  readonly lifetime?: number;
}

/**
 * Takes the lock of a file, runs `work`, and releases the lock. The lock is another file in the same folder, with the same
 * name plus `.lock`.
 *
 * If two processes find an abandoned lock at the same moment, both may run their work.
 *
 * @returns what `work` returns
 * @throws {NodeJS.ErrnoException} if the lock file cannot be made
 * @throws {Error} the error that `held` makes, or whatever `work` throws
 */
export async function withLock<Result>(path: string, options: LockOptions, work: () => Result | Promise<Result>): Promise<Result> {
  const { held, lifetime } = options;
  const target = targetOf(path);
  const lock = `${target}.lock`;
  const deadline = performance.now() + 2 * (lifetime ?? 0);
  while (!tryLock(lock)) {
    if (lifetime === undefined || performance.now() > deadline) throw held(lock);
    const made = statSync(lock, { throwIfNoEntry: false });
    // A lock whose time lies far in the future is also removed: somebody set the clock back after the lock was made.
    if (made !== undefined && Math.abs(Date.now() - made.mtimeMs) > lifetime) clearAway(target, lock);
    else await pause(2 + Math.random() * 8);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Makes the lock file. Returns false if the lock file exists, because another process has made it. */
function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the lock of a killed process, and the temporary file that the process was writing. The temporary file may contain
 * secrets.
 */
function clearAway(path: string, lock: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')) rmSync(join(dirname(path), name), { force: true });
  }
  rmSync(lock, { force: true });
}

/** Says in words why the operating system did not open a file. */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of its path is not a folder';
  return code ?? 'unknown error';
}

/** Says in words why a file could not be written. Writing creates a missing file, so `ENOENT` means that its folder does not exist. */
export function reasonUnwritten(path: string, error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'ENOENT' ? `the folder ${dirname(path)} does not exist` : reasonOf(error);
}
