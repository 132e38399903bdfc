/**
 * Writes and locks files that several processes use at once. A file is written whole or not at all.
 *
 * The functions are synchronous. Each step takes microseconds; an asynchronous step would take longer, and the model
 * waits while the wallet writes a file.
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
   * Fails with `EEXIST` if the path exists, even as a symbolic link to nothing. Without this option, an existing file
   * is replaced.
   */
  readonly create?: boolean;
  /**
   * Keeps the owner and the group of the replaced file. The group keeps its read access only if users outside the group
   * had no access to the replaced file.
   */
  readonly inheritOwner?: boolean;
  /**
   * Waits until the text is on the disk, which takes milliseconds. After that, a power failure cannot destroy the text.
   */
  readonly durable?: boolean;
}

/**
 * Writes a file with mode 0600. Another process that reads the file finds either the old text or the new text. If the
 * path is a symbolic link, the link stays, and its target is replaced.
 *
 * @throws {NodeJS.ErrnoException} if the file cannot be written; then the old file is unchanged, and no temporary file
 *   is left
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
      // `linkSync` fails if the target exists. A rename would replace it.
      linkSync(temporary, target);
      unlinkSync(temporary);
    } else renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Follows symbolic links. Returns the path itself if it leads to no file. */
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
 * Returns a text that changes when the file changes.
 *
 * @param found the result of `stat`; undefined if the file does not exist
 * @returns the stamp; empty if the file does not exist
 */
export function stampFrom(found: Stats | undefined): string {
  return found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':');
}

/** Options for taking a lock. */
export interface LockOptions {
  /** Makes the error for a lock that another process holds. @param lock the path of the lock file */
  readonly held: (lock: string) => Error;
  /**
   * The longest time for which a process holds the lock, in milliseconds. An older lock belongs to a killed process,
   * and is removed. For a younger lock, this process waits at most twice this time. Absent: this process neither waits
   * for a lock nor removes a lock.
   */
  readonly lifetime?: number;
}

/**
 * Takes the lock of a file, runs `work`, and releases the lock. The lock is the file `<path>.lock`.
 *
 * If two processes find the lock of a killed process at the same moment, both may run their work.
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
    // A lock from the far future is also removed: the clock was set back after the lock was made.
    if (made !== undefined && Math.abs(Date.now() - made.mtimeMs) > lifetime) clearAway(target, lock);
    else await pause(2 + Math.random() * 8);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Makes the lock file. Returns false if it exists. */
function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a killed process, and its temporary file, which may contain secrets. */
function clearAway(path: string, lock: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')) rmSync(join(dirname(path), name), { force: true });
  }
  rmSync(lock, { force: true });
}

/** Returns in words why a file could not be opened. */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of its path is not a folder';
  return code ?? 'unknown error';
}

/** Returns in words why a file could not be written. Here `ENOENT` means that the folder does not exist. */
export function reasonUnwritten(path: string, error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'ENOENT' ? `the folder ${dirname(path)} does not exist; make it first` : reasonOf(error);
}
