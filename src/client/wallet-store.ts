/** Where wallets keep what they hold: in memory, or in a file that several of them may use at once. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import envPaths from 'env-paths';
import * as z from 'zod';
import { stampOf } from '../keys/file.ts';
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

const fileSchema = z.strictObject({ waxseal_wallet: z.literal(1), servers: z.record(z.string(), holdingsSchema) });

/**
 * Where the wallet is kept unless another file is named: `waxseal/wallet.json` below `$XDG_STATE_HOME`
 * (`~/.local/state`) on Linux, elsewhere below the place for application data.
 */
export function defaultWalletFile(): string {
  const { data, log } = envPaths('waxseal', { suffix: '' });
  // What env-paths calls log is the state directory where there is one.
  return join(process.platform === 'darwin' || process.platform === 'win32' ? data : log, 'wallet.json');
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
export function fileStore(path: string, now: () => number, warn: (text: string) => void): WalletStore {
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
  const takeUp = async (): Promise<boolean> => {
    const found = await stampOf(path);
    if (found === stamp) return true;
    const theirs = await readState(path);
    if (theirs === undefined) return false;
    state = joined(theirs, state, now());
    stamp = found;
    return true;
  };
  const write = async () => {
    await writeWhole(path, `${JSON.stringify({ waxseal_wallet: 1, servers: state })}\n`);
    stamp = await stampOf(path);
  };
  const changeFile = (update: (state: WalletState) => WalletState) =>
    whileLocked(path, async () => {
      if (!(await takeUp())) await setAside(path, warn);
      const before = state;
      state = update(state);
      if (state !== before) await write();
    });

  const store: WalletStore = {
    read: async () => {
      try {
        if (!(await takeUp())) await store.change((unchanged) => unchanged);
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
  return store;
}

/** The state in a file; undefined where it is none of ours, or torn. One that is not there is empty. */
async function readState(path: string): Promise<WalletState | undefined> {
  try {
    if ((await stat(path)).size > LONGEST_FILE) return undefined;
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).servers;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
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
async function setAside(path: string, warn: (text: string) => void): Promise<void> {
  const aside = `${path}.set-aside-${new Date().toISOString().replaceAll(':', '')}-${randomUUID().slice(0, 8)}`;
  await rename(path, aside);
  warn(`${path} is torn, or no wallet's file; it is now ${aside}, and a new one is begun`);
}

/** Not synced to the disk: what a power failure undoes, a torn file at worst, costs aliases and no task, and syncing costs every call. */
async function writeWhole(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/**
 * Two wallets that find a lock abandoned at the same moment may both go on, and one then writes what the other does not
 * see. That heals: each has what it holds in memory too, and joins it with the file when it writes again.
 */
async function whileLocked(path: string, work: () => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = `${path}.lock`;
  const deadline = performance.now() + 2 * LOCK_LIFETIME_MS;
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || performance.now() > deadline) throw error;
    }
    const made = await stat(lock).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > LOCK_LIFETIME_MS) await rm(lock, { force: true });
    else await pause(2 + Math.random() * 8);
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}
