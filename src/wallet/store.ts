/**
 * Stores for wallets: in memory, or in a file that several wallets may share. File operations are synchronous: they
 * take microseconds, and the model's call has to wait anyway.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { reasonOf, stampFrom, withLock, writeWhole } from '../node/files.ts';
import { type Holdings, holdingsSchema, merge } from './holdings.ts';

/** The tasks and handles of each server, by the digest of the server's name. */
export type WalletState = Readonly<Record<string, Holdings>>;

/**
 * Keeps the state of wallets. Its promises never reject: if the file fails, the store warns, and keeps the state in
 * memory.
 */
export interface WalletStore {
  /** Returns the present state, with the changes of other wallets. */
  read(): Promise<WalletState>;
  /** Changes the state under a lock, which keeps other wallets out. @returns the new state */
  change(update: (state: WalletState) => WalletState): Promise<WalletState>;
}

/** The largest file to read, in bytes. A larger file counts as damaged. */
const LONGEST_FILE = 256 * 1024 * 1024;

/**
 * How long a wallet may hold the lock, in milliseconds. Writing takes only a few milliseconds. So if a lock is older, its
 * owner was killed.
 */
const LOCK_LIFETIME_MS = 2_000;

/**
 * Without a home directory, as in some containers, env-paths throws at import. A wallet with a named file needs no
 * home directory.
 */
const envPaths = await import('env-paths').then(
  (module) => module.default,
  () => undefined,
);

/** The digest of a server's name. It is too long to equal a member that every object has, like `constructor`. */
const serverName = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** The version of the file's format. A version that adds a member beside `servers` needs another number. */
const VERSION = 1;

const fileSchema = z.strictObject({ waxseal_wallet: z.literal(VERSION), servers: z.record(serverName, holdingsSchema) });

const laterSchema = z.object({ waxseal_wallet: z.int().min(VERSION + 1) });

/**
 * Returns the path of the default file: `waxseal/wallet.json`. On Linux it is in `$XDG_STATE_HOME` (`~/.local/state`),
 * on macOS and Windows in the folder for application data.
 *
 * @throws {Error} if there is no home directory
 *
 * @example
 * ```ts
 * import { defaultWalletFile } from 'waxseal/wallet';
 *
 * console.log(`The wallet's file: ${defaultWalletFile()}`);
 * ```
 */
export function defaultWalletFile(): string {
  const { data = '', log = '' } = envPaths?.('waxseal', { suffix: '' }) ?? {};
  // On Linux, env-paths returns the state directory as `log`.
  const folder = process.platform === 'darwin' || process.platform === 'win32' ? data : log;
  if (!isAbsolute(folder))
    throw new Error(
      "there is no home directory for the wallet's file: name a file with --file, or keep handles in memory with --ephemeral",
    );
  return join(folder, 'wallet.json');
}

/** Keeps handles in memory. They are lost when the process ends. */
export function memoryStore(): WalletStore {
  let state: WalletState = {};
  return { read: async () => state, change: async (update) => (state = update(state)) };
}

/**
 * Keeps handles in a file of mode 0600, always written whole. If the file is damaged or not a wallet's, it is renamed,
 * and a new file is begun.
 *
 * @param now returns the time in seconds since 1970
 * @param warn called with a warning about the file. It never contains a handle.
 */
export function fileStore(file: string, now: () => number, warn: (text: string) => void): WalletStore {
  // If the file is a symbolic link, its target is replaced, and the link stays.
  const path = existsSync(file) ? realpathSync(file) : file;
  let state: WalletState = {};
  let stamp = '';
  let turn: Promise<unknown> = Promise.resolve();
  const warned = new Set<string>();

  const complain = (error: unknown, doing: string) => {
    const isOfSystem = (error as NodeJS.ErrnoException).code !== undefined;
    const text = `cannot ${doing} ${path}: ${isOfSystem ? reasonOf(error) : (error as Error).message}; the wallet keeps its handles in memory`;
    if (!warned.has(text)) warn(text);
    warned.add(text);
  };
  const stampNow = () => stampFrom(statSync(path, { throwIfNoEntry: false }));
  /** Merges the changes of other wallets from the file. @returns whether the file is valid */
  const takeUp = (): boolean => {
    const found = stampNow();
    if (found === stamp) return true;
    const theirs = readState(path);
    if (theirs === undefined) return false;
    state = joined(theirs, state, now());
    stamp = found;
    return true;
  };
  const held = (lock: string) => new Error(`another wallet holds ${lock}`);
  /**
   * Changes the file under its lock. Even if two wallets hold the lock at once, nothing is lost: each keeps its state
   * in memory, and merges it with the file at its next write.
   */
  const changeFile = (update: (state: WalletState) => WalletState) => {
    const folder = dirname(path);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    return withLock(path, { held, lifetime: LOCK_LIFETIME_MS }, () => {
      if (!takeUp()) setAside(path, warn);
      const before = state;
      state = update(state);
      if (state === before) return;
      // A flush to the disk would slow down every call. Without it, a power failure can lose the last handles.
      writeWhole(path, `${JSON.stringify({ waxseal_wallet: VERSION, servers: state })}\n`);
      stamp = stampNow();
    });
  };

  return {
    read: async () => {
      try {
        // An invalid file is no failure here: the next write renames it.
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

/**
 * Reads the state in a file. A missing file counts as empty.
 *
 * @returns undefined if the file is damaged, or not a wallet's
 * @throws {Error} if the file cannot be read, or a later version wrote it. Such a file must not change.
 */
function readState(path: string): WalletState | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return {};
  if (found.size > LONGEST_FILE) return undefined;
  const json = parsed(readFileSync(path, 'utf8'));
  if (laterSchema.safeParse(json).success) throw new Error('a later version of the wallet wrote the file, so it is left as it is');
  return fileSchema.safeParse(json).data?.servers as WalletState | undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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

/** Renames a file that the wallet cannot use. It is not deleted, because somebody may need it. */
function setAside(path: string, warn: (text: string) => void): void {
  const aside = `${path}.set-aside-${new Date().toISOString().replaceAll(':', '')}-${randomUUID().slice(0, 8)}`;
  renameSync(path, aside);
  warn(`${path} is damaged, or is not a wallet's file. It was renamed to ${aside}, and a new file was begun`);
}
