/**
 * Where wallets keep what they hold: in memory, or in a file that several of them may use at once. Files are touched
 * synchronously: each step takes microseconds, and in every call the model waits for all of them.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { stampFrom, withLock, writeWhole } from '../node/files.ts';
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

/** The version of the file. Another one means that nothing else in it can be relied on. */
const VERSION = 1;

const fileSchema = z.strictObject({ waxseal_wallet: z.literal(VERSION), servers: z.record(serverName, holdingsSchema) });

const laterSchema = z.object({ waxseal_wallet: z.int().min(VERSION + 1) });

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
  const stampNow = () => stampFrom(statSync(path, { throwIfNoEntry: false }));
  /** Takes up what other wallets have written. Says whether the file is good. */
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
  /** Two wallets may take one lock away. That heals: each has what it holds in memory too, and joins it with the file when it writes again. */
  const changeFile = (update: (state: WalletState) => WalletState) => {
    const folder = dirname(path);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    return withLock(path, { held, lifetime: LOCK_LIFETIME_MS }, () => {
      if (!takeUp()) setAside(path, warn);
      const before = state;
      state = update(state);
      if (state === before) return;
      // Not durable: what a power failure undoes costs aliases and no task, and waiting for the disk would cost every call.
      writeWhole(path, `${JSON.stringify({ waxseal_wallet: VERSION, servers: state })}\n`);
      stamp = stampNow();
    });
  };

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

/**
 * The state in a file; undefined where it is none of ours, or torn. One that is not there is empty.
 *
 * @throws {Error} where it cannot be read, or a later wallet wrote it: then it is not to be touched
 */
function readState(path: string): WalletState | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return {};
  if (found.size > LONGEST_FILE) return undefined;
  const json = parsed(readFileSync(path, 'utf8'));
  if (laterSchema.safeParse(json).success) throw new Error('a later version of the wallet wrote it, and it is left as it is');
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

/** What is there is somebody's, so it is kept, under a name that nothing has. */
function setAside(path: string, warn: (text: string) => void): void {
  const aside = `${path}.set-aside-${new Date().toISOString().replaceAll(':', '')}-${randomUUID().slice(0, 8)}`;
  renameSync(path, aside);
  warn(`${path} is torn, or no wallet's file; it is now ${aside}, and a new one is begun`);
}
