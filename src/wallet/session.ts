/** Translates the messages of one connection. It remembers each open request, to translate its response. */
import { type Holdings, merge } from './holdings.ts';
import { ExcessiveMessage } from './json-handles.ts';
import { type Asked, type Incoming, incoming, listedTools, type Message, type Outgoing, outgoing } from './messages.ts';
import type { WalletState } from './store.ts';
import type { Wallet } from './wallet.ts';

/** Translates the messages of one connection. Call each function only after its previous call has finished. */
export interface WalletSession {
  /** Translates a message from the client. */
  fromClient(message: Message): Promise<Outgoing>;
  /** Translates a message from the server. @returns undefined if the message must not be passed on */
  fromServer(message: Message): Promise<Message | undefined>;
  /** Forgets a request that could not be sent, and so gets no response. */
  forget(request: Message): void;
}

/** The maximum number of rounds of input requests to remember. No client has so many open. */
const MAX_ROUNDS = 100;

/** The longest `requestState` to remember, in characters. */
const LONGEST_STATE = 65_536;

const NOTHING: Holdings = { tasks: [] };

export function walletSession({ upstream, slashed, store, now, warn }: Wallet): WalletSession {
  const open = new Map<string | number, Asked>();
  const rounds = new Map<string, Asked>();
  let ownsList = false;

  const holdingsIn = (state: WalletState): Holdings => {
    const [holdings = NOTHING, others] = [state[upstream], state[slashed]];
    return others === undefined ? holdings : merge(holdings, others, now());
  };
  /** Tells whether an alias names a task of another server. All aliases in one file are different. */
  const isElsewhere = (alias: string, state: WalletState): boolean =>
    Object.entries(state).some(
      ([server, { tasks }]) => server !== upstream && server !== slashed && tasks.some((task) => task.alias === alias),
    );

  const change = (update: (holdings: Holdings, state: WalletState) => Holdings) =>
    store.change((state) => {
      const before = holdingsIn(state);
      const after = update(before, state);
      return after === before ? state : { ...state, [upstream]: after };
    });

  const translated = async (message: Message, asked: Asked | undefined): Promise<Message> => {
    const translate = (holdings: Holdings, state: WalletState): Incoming =>
      incoming(message, asked, holdings, { upstream, now: now(), isTaken: (alias) => isElsewhere(alias, state) });
    const state = await store.read();
    const before = holdingsIn(state);
    let incomer = translate(before, state);
    // The wallet stores handles before the client gets the message. A wallet killed in between loses none.
    if (incomer.holdings !== before) {
      await change((holdings, current) => {
        incomer = translate(holdings, current);
        return incomer.holdings;
      });
    }
    return incomer.message;
  };

  const toolsPage = async (message: Message, { first }: Asked): Promise<Message> => {
    const listed = listedTools(message, !first && ownsList);
    if (listed === undefined) return message;
    ownsList = listed.own;
    if (listed.own || listed.last) {
      const held = holdingsIn(await store.read()).lists_itself ?? false;
      if (held !== listed.own) await change((holdings) => ownList(holdings, listed.own));
    }
    return listed.message;
  };

  return {
    fromClient: async (message) => {
      const { method, params, id } = message;
      if (method === 'notifications/cancelled') open.delete(params?.['requestId'] as string);
      if (id === undefined) return { forward: message };
      const state = await store.read();
      const before = rounds.get(params?.['requestState'] as string);
      const out = outgoing(message, holdingsIn(state), now(), before, (alias) => isElsewhere(alias, state));
      if ('forward' in out && out.asked !== undefined) open.set(id, out.asked);
      return out;
    },
    fromServer: async (message) => {
      const isAnswer = message.method === undefined && message.id !== undefined;
      const asked = isAnswer ? open.get(message.id as string) : undefined;
      if (isAnswer) open.delete(message.id as string);
      const state = message.result?.['requestState'];
      if (asked !== undefined && typeof state === 'string' && state.length <= LONGEST_STATE) {
        rounds.set(state, asked);
        if (rounds.size > MAX_ROUNDS) rounds.delete(rounds.keys().next().value ?? '');
      }
      try {
        const passed = await translated(message, asked);
        return asked?.method === 'tools/list' ? await toolsPage(passed, asked) : passed;
      } catch (error) {
        if (!(error instanceof ExcessiveMessage)) throw error;
        warn(`a message from the server was not passed on: ${error.message}`);
        const refused = { code: -32_603, message: `The wallet did not pass the response on: ${error.message}.` };
        return isAnswer ? { jsonrpc: '2.0', id: message.id, error: refused } : undefined;
      }
    },
    forget: ({ id }) => {
      if (id !== undefined) open.delete(id);
    },
  };
}

function ownList({ lists_itself: _before, ...holdings }: Holdings, owns: boolean): Holdings {
  return owns ? { ...holdings, lists_itself: true } : holdings;
}
