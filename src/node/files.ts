/**
 * Files that several processes use at once: written whole or not at all, and changed by one of them at a time. Reading
 * is left to who reads. Writing is synchronous: each step takes microseconds, and a model waits for all of those that
 * the wallet takes in a call, while whoever changes a ring waits for nothing else.
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

export interface WriteOptions {
  /** Fails with `EEXIST` where the path exists, and be it as a symbolic link. Otherwise what is there is replaced. */
  readonly create?: boolean;
  /** Gives the file the owner of the one that it replaces, and his group's right to read, if that one was closed to the rest. */
  readonly inheritOwner?: boolean;
  /** Has the file outlast a power failure, which takes milliseconds. */
  readonly durable?: boolean;
}

/**
 * Writes a file: mode 0600, and whole or not at all, so that who reads at this moment finds the old text or the new one.
 * Where the path is a symbolic link, what the link points to is replaced, and not the link.
 *
 * @throws {NodeJS.ErrnoException} with nothing changed and nothing left behind
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
      // A link fails where its target exists; a rename replaces it.
      linkSync(temporary, target);
      unlinkSync(temporary);
    } else renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** What a path stands for: the end of a symbolic link; itself where it is none, or nothing is there. */
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

/** What changes with a file's content: for telling whether the file has changed. The same for all files that are not there. */
export function stampFrom(found: Stats | undefined): string {
  return found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':');
}

export interface LockOptions {
  /** What to throw where another process holds the lock. @param lock the path of the file that is the lock */
  readonly held: (lock: string) => Error;
  /**
   * How long a lock may be held, in milliseconds: one that is older was left by a process that was killed, and is taken
   * away. Who holds a younger one is waited for, twice as long. Absent: nobody is waited for, and no lock is taken away.
   */
  readonly lifetime?: number;
}

/**
 * Does what no other process is to do to a file at the same time. The lock is a file beside it.
 *
 * Two processes that find a lock abandoned at the same moment may both go on.
 *
 * @returns what the work returns
 * @throws {NodeJS.ErrnoException} where the lock cannot be made; and what `held` makes, and the work throws
 */
export async function withLock<Result>(path: string, options: LockOptions, work: () => Result | Promise<Result>): Promise<Result> {
  const { held, lifetime } = options;
  const target = targetOf(path);
  const lock = `${target}.lock`;
  const deadline = performance.now() + 2 * (lifetime ?? 0);
  while (!tryLock(lock)) {
    if (lifetime === undefined || performance.now() > deadline) throw held(lock);
    const made = statSync(lock, { throwIfNoEntry: false });
    // One from the future is old, too: the clock was set back since.
    if (made !== undefined && Math.abs(Date.now() - made.mtimeMs) > lifetime) clearAway(target, lock);
    else await pause(2 + Math.random() * 8);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Makes the file that is the lock; false where another process has it. */
function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes what a process that was killed while it wrote has left: its lock, and a part of the file, which may hold secrets. */
function clearAway(path: string, lock: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')) rmSync(join(dirname(path), name), { force: true });
  }
  rmSync(lock, { force: true });
}
