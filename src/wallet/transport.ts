/** A client's transport through a wallet. The client sees aliases. The server sees handles, and knows of no wallet. */
import { heldAliasIn, nameOf } from './alias.ts';
import type { Asked, Message } from './messages.ts';
import { walletSession } from './session.ts';
import { tracedCalls } from './traced-calls.ts';
import type { Wallet } from './wallet.ts';

/** The functions of every MCP SDK transport, in versions 1 and 2. */
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
  onmessage?: ((message: Message, extra?: unknown) => void) | undefined;
  onclose?: (() => void) | undefined;
}

/**
 * Wraps a client's transport, so that a wallet translates its messages. Everything else about the transport stays. Use
 * a wallet only with transports to the server that is its `upstream`.
 *
 * @example
 * ```ts
 * import { type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
 * import { createWallet, withWallet } from 'waxseal/wallet';
 *
 * async function connect(client: Client, url: URL): Promise<void> {
 *   const wallet = createWallet({ upstream: url });
 *   await client.connect(withWallet(new StreamableHTTPClientTransport(url), wallet));
 * }
 * ```
 */
export function withWallet<Transport extends AnyTransport>(transport: Transport, wallet: Wallet): Transport {
  const pipe = transport as unknown as Pipe;
  const session = walletSession(wallet);
  const calls = tracedCalls();
  const [inwards, outwards] = [inTurn(), inTurn()];
  const [send, close] = [pipe.send.bind(pipe), pipe.close.bind(pipe)];

  /**
   * The functions that the client assigned. Some clients replace `onmessage` for a while and then restore it, so they
   * must read back their own functions, not the wallet's.
   */
  const shown: Partial<Pipe> = {
    onmessage: undefined,
    onclose: undefined,
    send: async (message, options) => {
      // Translation keeps the order of messages. Sending can take long, so the next translation does not wait for it.
      const out = await outwards(() => session.fromClient(message));
      if ('answer' in out) return void inwards(async () => shown.onmessage?.(out.answer));
      try {
        await send(calls.sent(out.forward), options && inAccord(options, out.asked));
      } catch (error) {
        calls.lost(out.forward);
        session.forget(out.forward);
        throw error;
      }
    },
    close: async () => {
      await close();
      await inwards(async () => {});
    },
  };
  pipe.onmessage = (message, extra) => {
    calls.heard(message);
    void inwards(async () => {
      const passed = await session.fromServer(message);
      if (passed !== undefined) shown.onmessage?.(passed, extra);
    });
  };
  // The client hears of the close after all earlier messages, because one of them may be the response to a call.
  pipe.onclose = () => {
    calls.ended();
    void inwards(async () => shown.onclose?.());
  };

  return new Proxy(transport, {
    get: (target, name) => {
      if (Object.hasOwn(shown, name)) return Reflect.get(shown, name);
      const value: unknown = Reflect.get(target, name, target);
      // Functions are bound to the transport, so that its own calls of `onmessage` reach the wallet.
      return typeof value === 'function' && name !== 'constructor' ? value.bind(target) : value;
    },
    set: (target, name, value) => (Object.hasOwn(shown, name) ? Reflect.set(shown, name, value) : Reflect.set(target, name, value, target)),
  });
}

/**
 * Replaces aliases in headers that repeat arguments (MCP 2026-07-28, `Mcp-Param-*`). A handle needs no encoding in a
 * header, because it is ASCII.
 */
function inAccord(options: SendOptions, asked: Asked | undefined): SendOptions {
  if (options.headers === undefined || asked === undefined || asked.sent.size === 0) return options;
  const handles = new Map([...asked.sent].map(([handle, name]) => [name, handle]));
  const names = new Set([...handles.keys()].map((name) => name.replace(/@.*$/, '')));
  const handleFor = (value: string) => handles.get(value) ?? handles.get(nameOf(heldAliasIn(value, (alias) => names.has(alias))));
  const headers = Object.entries(options.headers).map(([name, value]) => [name, handleFor(value) ?? value] as const);
  return { ...options, headers: Object.fromEntries(headers) };
}

/** Runs work in the order of its calls, one at a time. A failure does not stop later work. */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}
