/** A wallet for one server: a store for handles, the server's name, and a clock. */
import { createHash } from 'node:crypto';
import { systemClock } from '../handle/index.ts';
import { defaultWalletFile, fileStore, memoryStore, type WalletStore } from './store.ts';

/** The server of a wallet, and where the wallet keeps its handles. */
export interface WalletOptions {
  /**
   * The server: its URL, or another unique name, such as the command that starts it. The wallet sends a handle only to
   * the server that issued it.
   */
  readonly upstream: string | URL | readonly string[];
  /**
   * The file for the handles. It must not lie in a folder where others may write. Default: {@link defaultWalletFile}.
   */
  readonly file?: string | undefined;
  /** Whether to keep the handles only in memory. Default: false. */
  readonly ephemeral?: boolean | undefined;
  /** Returns the time in seconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  /**
   * Called with a warning about the file, or about a message that was not passed on. The warning never contains a
   * handle. Default: `process.emitWarning`.
   */
  readonly warn?: (text: string) => void;
}

/** A wallet for one server. */
export interface Wallet {
  /** The digest of the server's name, under which the store keeps its handles. */
  readonly upstream: string;
  /** The digest of the server's URL with a slash at the end of its path. Earlier wallets may have used it. */
  readonly slashed: string;
  readonly store: WalletStore;
  /** Returns the time in whole seconds since 1970. */
  readonly now: () => number;
  readonly warn: (text: string) => void;
}

/**
 * Makes a wallet. It touches no file before the first message.
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
  // The file's schema allows only whole seconds.
  const now = () => Math.floor(hostClock());
  const store = ephemeral ? memoryStore() : fileStore(file ?? defaultWalletFile(), now, warn);
  // A server's name is a URL or a command line, and may contain secrets: the file has only its digest.
  const named = Array.isArray(upstream) ? JSON.stringify(upstream) : String(upstream);
  const [, path = named, query = ''] = URL_PATH.exec(named) ?? [];
  return { upstream: digestOf(path + query), slashed: digestOf(`${path}/${query}`), store, now, warn };
}

/** A URL in two parts: up to its path without a slash at the end, and its query. Servers treat `/mcp` and `/mcp/` alike. */
const URL_PATH = /^(https?:\/\/[^/?#]+\/[^?#]*?)\/?([?#].*)?$/s;

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}
