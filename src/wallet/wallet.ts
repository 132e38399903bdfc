/** A wallet: what keeps the handles of one server, under which name, by which clock. */
import { createHash } from 'node:crypto';
import { systemClock } from '../handle/index.ts';
import { defaultWalletFile, fileStore, memoryStore, type WalletStore } from './store.ts';

/** How a wallet is kept, and for which server. */
export interface WalletOptions {
  /**
   * The server: its URL, or whatever else names it and no other, such as the command that starts it. Handles go
   * back to the server that they came from, and to no other.
   */
  readonly upstream: string | URL | readonly string[];
  /** Default: {@link defaultWalletFile}. Name none in a folder where others may write. */
  readonly file?: string | undefined;
  /** Keeps nothing beyond the process. */
  readonly ephemeral?: boolean | undefined;
  /** Seconds since 1970. */
  readonly now?: () => number;
  /** Told of what went wrong with the file, or of messages that were not passed on; never of a handle. Default: `process.emitWarning`. */
  readonly warn?: (text: string) => void;
}

/** A wallet for one server. */
export interface Wallet {
  /** What the server's handles are kept under. */
  readonly upstream: string;
  readonly store: WalletStore;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly warn: (text: string) => void;
}

/** Makes a wallet. Nothing is read or written until the first message. */
export function createWallet({
  upstream,
  file,
  ephemeral,
  now: hostClock = systemClock,
  warn = (text) => process.emitWarning(text),
}: WalletOptions): Wallet {
  // The file has whole seconds, and a wallet that wrote others would take its own file for another program's.
  const now = () => Math.floor(hostClock());
  const store = ephemeral ? memoryStore() : fileStore(file ?? defaultWalletFile(), now, warn);
  // A digest: a URL or a command line may hold secrets, and need not be in the file.
  const named = Array.isArray(upstream) ? JSON.stringify(upstream) : String(upstream);
  return { upstream: createHash('sha256').update(named).digest('base64url'), store, now, warn };
}
