/** A client's transport through a wallet: the client sees aliases, the server sees handles and does not know of the wallet. */
import { heldAliasIn, nameOf } from './alias.ts';
import type { Asked, Message } from './messages.ts';
import { walletSession } from './session.ts';
import { tracedCalls } from './traced-calls.ts';
import type { Wallet } from './wallet.ts';

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
  onmessage?: ((message: Message, extra?: unknown) => void) | undefined;
  onclose?: (() => void) | undefined;
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
  const calls = tracedCalls();
  const [inwards, outwards] = [inTurn(), inTurn()];
  const [send, close] = [pipe.send.bind(pipe), pipe.close.bind(pipe)];

  /** What the client sees in the transport's place. Clients replace functions for a while, and put them back. */
  const shown: Partial<Pipe> = {
    onmessage: undefined,
    onclose: undefined,
    send: async (message, options) => {
      // What is translated in turn is sent in turn, and not waited for: a request may be long on its way.
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
  // After the messages that came before it: one of them may be an answer.
  pipe.onclose = () => {
    calls.ended();
    void inwards(async () => shown.onclose?.());
  };

  return new Proxy(transport, {
    get: (target, name) => {
      if (Object.hasOwn(shown, name)) return Reflect.get(shown, name);
      const value: unknown = Reflect.get(target, name, target);
      // Bound, so that what the transport hears itself goes through the wallet.
      return typeof value === 'function' && name !== 'constructor' ? value.bind(target) : value;
    },
    set: (target, name, value) => (Object.hasOwn(shown, name) ? Reflect.set(shown, name, value) : Reflect.set(target, name, value, target)),
  });
}

/** Arguments that stand in headers too (MCP 2026-07-28, `Mcp-Param-*`) must say the same there. Handles need no encoding. */
function inAccord(options: SendOptions, asked: Asked | undefined): SendOptions {
  if (options.headers === undefined || asked === undefined || asked.sent.size === 0) return options;
  const handles = new Map([...asked.sent].map(([handle, name]) => [name, handle]));
  const names = new Set([...handles.keys()].map((name) => name.replace(/@.*$/, '')));
  const handleFor = (value: string) => handles.get(value) ?? handles.get(nameOf(heldAliasIn(value, (alias) => names.has(alias))));
  const headers = Object.entries(options.headers).map(([name, value]) => [name, handleFor(value) ?? value] as const);
  return { ...options, headers: Object.fromEntries(headers) };
}

/** Runs one after the other, in the order of the calls; what fails holds nothing up. */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}
