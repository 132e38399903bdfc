/**
 * Where wallets keep what they hold: in memory, or in a file that several of them may use at once. Files are touched
 * synchronously: each step takes microseconds, and in every call the model waits for all of them.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { type Holdings, holdingsSchema, merge } from './holdings.ts';

/** What is held, by the digest of the server that it came from. */
export type WalletState = Readonly<Record<string, Holdings>>;

/** Keeps a state. Never fails: what cannot be written is kept in memory, and a warning says so. */
export interface WalletStore {
  /** The state as it is now, with what other wallets have added. */
  read(): Promise<WalletState>;
  /** Changes the state while no other wallet does, and gives what it then is. */
  change(update: (state: WalletState) => WalletState): Promise<WalletState>;
}

/** A longer file is not one of ours, in bytes. */
const LONGEST_FILE = 256 * 1024 * 1024;

/** How long a lock may be held. Writing takes milliseconds, so what is older was left by a wallet that was killed. Milliseconds. */
const LOCK_LIFETIME_MS = 2_000;

/** It looks for a home directory at once and throws where there is none, as in a container; only a wallet wants one. */
const envPaths = await import('env-paths').then(
  (module) => module.default,
  () => undefined,
);

/** A server is named by a digest, and so by nothing that every object has. */
const serverName = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const fileSchema = z.strictObject({ waxseal_wallet: z.literal(1), servers: z.record(serverName, holdingsSchema) });

/**
 * Where the wallet is kept unless another file is named: `waxseal/wallet.json` below `$XDG_STATE_HOME`
 * (`~/.local/state`) on Linux, elsewhere below the place for application data.
 *
 * @throws {Error} where there is no home directory
 */
export function defaultWalletFile(): string {
  const { data = '', log = '' } = envPaths?.('waxseal', { suffix: '' }) ?? {};
  // What env-paths calls log is the state directory where there is one.
  const folder = process.platform === 'darwin' || process.platform === 'win32' ? data : log;
  if (!isAbsolute(folder))
    throw new Error('there is no home directory to keep handles in: name a file for them (--file), or keep none (--ephemeral)');
  return join(folder, 'wallet.json');
}

/** A store that is gone with the process. */
export function memoryStore(): WalletStore {
  let state: WalletState = {};
  return { read: async () => state, change: async (update) => (state = update(state)) };
}

/**
 * A store in a file of mode 0600, written whole or not at all. What is torn or foreign is set aside under another name.
 *
 * @param now seconds since 1970
 * @param warn told what went wrong with the file; never of a handle
 */
export function fileStore(file: string, now: () => number, warn: (text: string) => void): WalletStore {
  // Where the file is a symbolic link, what it points to is replaced, and not the link.
  const path = existsSync(file) ? realpathSync(file) : file;
  let state: WalletState = {};
  let stamp = '';
  let turn: Promise<unknown> = Promise.resolve();
  const warned = new Set<string>();

  const complain = (error: unknown, doing: string) => {
    const text = `cannot ${doing} ${path}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}; what is held stays in memory`;
    if (!warned.has(text)) warn(text);
    warned.add(text);
  };
  /** Takes up what other wallets have written. Says whether the file is good. */
  const takeUp = (): boolean => {
    const found = stampOf(path);
    if (found === stamp) return true;
    const theirs = readState(path);
    if (theirs === undefined) return false;
    state = joined(theirs, state, now());
    stamp = found;
    return true;
  };
  const changeFile = (update: (state: WalletState) => WalletState) =>
    whileLocked(path, () => {
      if (!takeUp()) setAside(path, warn);
      const before = state;
      state = update(state);
      if (state === before) return;
      writeWhole(path, `${JSON.stringify({ waxseal_wallet: 1, servers: state })}\n`);
      stamp = stampOf(path);
    });

  return {
    read: async () => {
      try {
        // A file that is not good is dealt with when there is something to write.
        takeUp();
      } catch (error) {
        complain(error, 'read');
      }
      return state;
    },
    change: (update) => {
      const changed = turn.then(async () => {
        let done = false;
        try {
          await changeFile((before) => {
            done = true;
            return update(before);
          });
        } catch (error) {
          complain(error, 'write');
          if (!done) state = update(state);
        }
        return state;
      });
      turn = changed;
      return changed;
    },
  };
}

/** What changes with a file's content; the same for all files that are not there. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':');
}

/** The state in a file; undefined where it is none of ours, or torn. One that is not there is empty. */
function readState(path: string): WalletState | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return {};
  if (found.size > LONGEST_FILE) return undefined;
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).servers;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function joined(first: WalletState, second: WalletState, now: number): WalletState {
  const servers = new Set([...Object.keys(first), ...Object.keys(second)]);
  const both = [...servers].map((server) => {
    const holdings = merge(first[server] ?? { tasks: [] }, second[server] ?? { tasks: [] }, now);
    return [server, holdings] as const;
  });
  return Object.fromEntries(both.filter(([, { tasks, lists_itself }]) => tasks.length > 0 || lists_itself));
}

/** What is there is somebody's, so it is kept, under a name that nothing has. */
function setAside(path: string, warn: (text: string) => void): void {
  const aside = `${path}.set-aside-${new Date().toISOString().replaceAll(':', '')}-${randomUUID().slice(0, 8)}`;
  renameSync(path, aside);
  warn(`${path} is torn, or no wallet's file; it is now ${aside}, and a new one is begun`);
}

/** Not synced to the disk: what a power failure undoes costs aliases and no task, and syncing would cost every call. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Two wallets that find a lock abandoned at the same moment may both go on, and one then writes what the other does not
 * see. That heals: each has what it holds in memory too, and joins it with the file when it writes again.
 */
async function whileLocked(path: string, work: () => void): Promise<void> {
  const lock = `${path}.lock`;
  const deadline = performance.now() + 2 * LOCK_LIFETIME_MS;
  while (!tryLock(lock)) {
    if (performance.now() > deadline) throw new Error(`another wallet holds ${lock}`);
    const made = statSync(lock, { throwIfNoEntry: false });
    // One from the future is old, too: the clock was set back since.
    if (made !== undefined && Math.abs(Date.now() - made.mtimeMs) > LOCK_LIFETIME_MS) clearAway(path, lock);
    else await pause(2 + Math.random() * 8);
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Removes what a wallet that was killed while it wrote has left: its lock, and a part of the file, which holds handles. */
function clearAway(path: string, lock: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')) rmSync(join(dirname(path), name), { force: true });
  }
  rmSync(lock, { force: true });
}

/** Makes the file that is the lock, and the folder for it; false where another wallet has it. */
function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    const folder = dirname(lock);
    if (code !== 'ENOENT' || statSync(folder, { throwIfNoEntry: false }) !== undefined) throw error;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return tryLock(lock);
  }
}
