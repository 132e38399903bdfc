/** The wallet: keeps the real handles, and gives the model aliases. Wraps a client's transport; the server does not know of it. */
import { createHash } from 'node:crypto';
import { ExcessiveMessage } from './json-handles.ts';
import type { Holdings } from './holdings.ts';
import { type Asked, incoming, isModern, listedTools, type Message, outgoing } from './wallet-messages.ts';
import { defaultWalletFile, fileStore, memoryStore, type WalletState, type WalletStore } from './wallet-store.ts';

/** How a wallet is kept, and for which server. */
export interface WalletOptions {
  /**
   * The server: its URL, or whatever else names it and no other, such as the command that starts it. Handles go
   * back to the server that they came from, and to no other.
   */
  readonly upstream: string | URL | readonly string[];
  /** Default: {@link defaultWalletFile}. */
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
  readonly now: () => number;
  readonly warn: (text: string) => void;
}

/** Makes a wallet. Nothing is read or written until the first message. */
export function createWallet({ upstream, file, ephemeral, now = clock, warn = (text) => process.emitWarning(text) }: WalletOptions): Wallet {
  const store = ephemeral ? memoryStore() : fileStore(file ?? defaultWalletFile(), now, warn);
  // A digest: a URL or a command line may hold secrets, and need not be in the file.
  const named = Array.isArray(upstream) ? JSON.stringify(upstream) : String(upstream);
  return { upstream: createHash('sha256').update(named).digest('base64url'), store, now, warn };
}

function clock(): number {
  return Math.floor(Date.now() / 1000);
}

/** What all transports of the MCP SDKs have in common, of versions 1 and 2. */
export interface AnyTransport {
  start(): Promise<void>;
  send(message: never, options?: never): Promise<void>;
  close(): Promise<void>;
}

interface SendOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

interface Pipe {
  send(message: Message, options?: SendOptions): Promise<void>;
  close(): Promise<void>;
  onmessage?: (message: Message, extra?: unknown) => void;
  onclose?: () => void;
}

/**
 * The same transport, through a wallet:
 *
 *     const wallet = createWallet({ upstream: url });
 *     await client.connect(withWallet(new StreamableHTTPClientTransport(url), wallet));
 *
 * Everything else that the transport has and can do stays as it is. Give one wallet's transports to one server only.
 */
export function withWallet<Transport extends AnyTransport>(transport: Transport, wallet: Wallet): Transport {
  const pipe = transport as unknown as Pipe;
  const session = walletSession(wallet);
  const heard: Pick<Pipe, 'onmessage' | 'onclose'> = {};
  const [inwards, outwards] = [inTurn(), inTurn()];

  pipe.onmessage = (message, extra) => {
    void inwards(async () => {
      const passed = await session.fromServer(message);
      if (passed !== undefined) heard.onmessage?.(passed, extra);
    });
  };
  // After the messages that came before it: one of them may be an answer.
  pipe.onclose = () => void inwards(async () => heard.onclose?.());

  const overlaid: Pick<Pipe, 'send' | 'close'> = {
    send: async (message, options) => {
      // What is translated in turn is sent in turn: the next translation begins only after this one's answer is known.
      const { forward, answer } = await outwards(() => session.fromClient(message));
      if (answer !== undefined) void inwards(async () => heard.onmessage?.(answer));
      if (forward === undefined) return;
      try {
        await pipe.send(forward, options && withSameHeaders(options, session.nameOf(forward)));
      } catch (error) {
        session.forget(forward);
        throw error;
      }
    },
    close: async () => {
      await pipe.close();
      await inwards(async () => {});
    },
  };
  return new Proxy(transport, {
    get: (target, name) => {
      if (name === 'onmessage' || name === 'onclose') return heard[name];
      if (name === 'send' || name === 'close') return overlaid[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, name, value) => {
      if (name === 'onmessage' || name === 'onclose') {
        heard[name] = value;
        return true;
      }
      return Reflect.set(target, name, value, target);
    },
  });
}
