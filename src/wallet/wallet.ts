/** Makes a wallet for one server. A wallet has a store for handles, the server's name, and a clock. */
import { createHash } from 'node:crypto';
import { systemClock } from '../handle/index.ts';
import { defaultWalletFile, fileStore, memoryStore, type WalletStore } from './store.ts';

/** The server of a wallet, and the place where the wallet keeps the server's handles. */
export interface WalletOptions {
  /**
   * The server: its URL, or another unique name, such as the command that starts it. The wallet sends a handle only to the
   * server that issued it.
   */
  readonly upstream: string | URL | readonly string[];
  /** The file that keeps the handles. It must not lie in a folder where others may write. Default: {@link defaultWalletFile}. */
  readonly file?: string | undefined;
  /** Keeps the handles only in memory. Default: false. */
  readonly ephemeral?: boolean | undefined;
  /** Returns the time in seconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  /**
   * Called with a warning about the file, or about a message that was not passed on. No warning contains a handle.
   * Default: `process.emitWarning`.
   */
  readonly warn?: (text: string) => void;
}

/** A wallet for one server. */
export interface Wallet {
  /** The digest of the server's name. The store keeps the server's handles under this digest. */
  readonly upstream: string;
  readonly store: WalletStore;
  /** Returns the time in whole seconds since 1970. */
  readonly now: () => number;
  readonly warn: (text: string) => void;
}

/**
 * Makes a wallet. It reads and writes nothing until the first message.
 *
 * @throws {Error} if no file is named and there is no home directory
 *
 * @example
 * ```ts
 * import { createWallet } from 'waxseal/wallet';
 *
 * const wallet = createWallet({ upstream: 'https://mcp.example.com/mcp', file: '/var/lib/agent/wallet.json' });
 * ```
 */
export function createWallet({
  upstream,
  file,
  ephemeral,
  now: hostClock = systemClock,
  warn = (text) => process.emitWarning(text),
}: WalletOptions): Wallet {
  // The schema of the file allows only whole seconds: a wallet that wrote fractions would not recognize its own file.
  const now = () => Math.floor(hostClock());
  const store = ephemeral ? memoryStore() : fileStore(file ?? defaultWalletFile(), now, warn);
  // A server's name is a URL or a command line, and may contain secrets. So the file has only the name's digest.
  const named = Array.isArray(upstream) ? JSON.stringify(upstream) : String(upstream);
  return { upstream: createHash('sha256').update(named).digest('base64url'), store, now, warn };
}
