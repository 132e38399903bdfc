import type { McpServer, Server, ServerContext } from '@modelcontextprotocol/server';
import { MAX_LIFETIME } from '../../handle/index.ts';
import { callerOf } from '../define/call.ts';
import { type CodecKeys, environmentFrom } from './codec-keys.ts';
import {
  checkRequestState,
  InvalidRequestState,
  openRequestState,
  REQUEST_STATE_LIFETIME,
  type RequestIdentity,
  sealRequestState,
} from './request-state.ts';

/** The ring, and what a state is bound to beside its caller, its deployment and its request. */
export type RequestStateCodecOptions = CodecKeys & {
  /** How long a client may take to answer. Seconds; default: 600 (10 min). */
  readonly ttlSeconds?: number;
  /** What a state is to be bound to beside: it opens where this gives the same text again. As the SDK's option. */
  readonly bind?: (ctx: ServerContext) => string;
};

/** Seals what a server's own handlers remember between rounds. Made by {@link createRequestStateCodec}. */
export interface RequestStateCodec<State = unknown> {
  /**
   * Seals JSON for the client to carry; for `inputRequired({ requestState })`.
   *
   * @param ctx as the handler got it: it says whose request this is
   * @throws {TypeError} without it @throws {StateTooLarge} @throws {ToolRefusal} `unavailable`, where no key mints
   */
  mint(state: State, ctx: ServerContext): Promise<string>;
  /** For `ServerOptions.requestState.verify`. @throws {Error} whose message is a reason for the log; the SDK answers -32602 */
  verify(state: string, ctx: ServerContext): Promise<State>;
  /**
   * Binds states to the tool, prompt or resource, too, and to its arguments, of which the SDK tells a codec nothing. To be
   * called before anything is registered, for every server of this codec. What a protected server sealed, no other opens.
   *
   * @throws {Error} where the server has handlers already
   * @returns the same server
   */
  protect<Protected extends McpServer | Server>(server: Protected): Protected;
}

/** In the context of a protected handler: its request. By a symbol of its own, which copies of the context keep. */
const REQUEST = Symbol('waxseal request');

/** A server's tools that open their states themselves: the kit's. */
const openedElsewhere = new WeakMap<object, Set<string>>();

/** Leaves these tools' states alone on a protected server: whoever runs the tools opens them. */
export function leaveStatesOf(names: readonly string[], server: Server): void {
  openedElsewhere.set(server, new Set([...(openedElsewhere.get(server) ?? []), ...names]));
}

/** The methods that may ask (MCP 2026-07-28, basic/patterns/mrtr). */
const METHODS = ['tools/call', 'prompts/get', 'resources/read'] as const;

/**
 * A `requestState` codec with the contract of the SDK's `createRequestStateCodec`, in the format of handles: encrypted, by
 * a ring whose keys can be rotated and revoked, and bound to the caller, the OAuth client, the deployment and the method;
 * on a protected server to the tool and its arguments as well.
 *
 * @throws {RangeError} where `ttlSeconds` is no lifetime @throws {RingError} where `keys` is a text and no ring
 */
export function createRequestStateCodec<State = unknown>(options: RequestStateCodecOptions): RequestStateCodec<State> {
  const { ttlSeconds = REQUEST_STATE_LIFETIME, bind } = options;
  if (!(Number.isInteger(ttlSeconds) && ttlSeconds >= 1 && ttlSeconds <= MAX_LIFETIME)) {
    throw new RangeError(`createRequestStateCodec: ttlSeconds must be 1 to ${MAX_LIFETIME} whole seconds`);
  }
  const environmentOf = environmentFrom(options);
  let protects = false;

  const unprotected = (ctx: ServerContext): RequestIdentity => ({ method: ctx.mcpReq.method, besides: bind?.(ctx) });
  const opened = async (sealed: unknown, request: RequestIdentity, ctx: ServerContext) =>
    openRequestState(sealed, request, await environmentOf(), callerIn(ctx), 'codec');

  return {
    mint: async (state, ctx) => {
      if (ctx?.mcpReq === undefined) throw new TypeError('mint: give it the ctx that the handler got; a state is bound to its request');
      const request = (ctx as Bound)[REQUEST] ?? unprotected(ctx);
      return sealRequestState(state, request, await environmentOf(), callerIn(ctx), { by: 'codec', lifetime: ttlSeconds });
    },

    verify: async (state, ctx) => {
      try {
        if (!protects) return (await opened(state, unprotected(ctx), ctx)) as State;
        // The arguments are not known yet: what can be judged without them is, and the rest is left to the handler.
        await checkRequestState(state, ctx.mcpReq.method, await environmentOf(), callerIn(ctx));
        return new SealedState(state) as State;
      } catch (error) {
        // The SDK answers the client itself, and tells `onerror` no more than the message.
        throw error instanceof InvalidRequestState ? new Error(error.reason) : error;
      }
    },

    protect: (server) => {
      const inner = 'server' in server ? server.server : (server as Server);
      for (const method of METHODS) inner.assertCanSetRequestHandler(method);
      protects = true;
      const set = inner.setRequestHandler.bind(inner) as (method: string, ...rest: unknown[]) => void;
      const guarded =
        (method: string, handle: Handler): Handler =>
        async (request, ctx) => {
          const { name, uri, arguments: args } = (request.params ?? {}) as Readonly<Record<string, unknown>>;
          const target = String(name ?? uri);
          if (openedElsewhere.get(inner)?.has(target)) return handle(request, ctx);
          const bound: RequestIdentity = { method, target, args, besides: bind?.(ctx) };
          const sealed = sealedStateOf(ctx.mcpReq.requestState<unknown>());
          const state = sealed === undefined ? undefined : await opened(sealed, bound, ctx);
          return handle(request, { ...ctx, mcpReq: { ...ctx.mcpReq, requestState: () => state }, [REQUEST]: bound } as ServerContext);
        };
      inner.setRequestHandler = ((method: string, ...rest: unknown[]) => {
        const isAsking = METHODS.some((asking) => asking === method);
        return set(method, ...(isAsking ? [...rest.slice(0, -1), guarded(method, rest.at(-1) as Handler)] : rest));
      }) as typeof inner.setRequestHandler;
      return server;
    },
  };
}

type Handler = (request: { readonly params?: unknown }, ctx: ServerContext) => unknown;

type Bound = ServerContext & { readonly [REQUEST]?: RequestIdentity };

function callerIn(ctx: ServerContext) {
  return callerOf(ctx.http?.authInfo);
}

/** A state that was verified as far as it goes without the arguments. Whoever reads it finds nothing. */
class SealedState {
  readonly #sealed: string;
  constructor(sealed: string) {
    this.#sealed = sealed;
  }
  static textOf(state: SealedState): string {
    return state.#sealed;
  }
}

/** A state as it came, whether or not a codec's `verify` has seen it. */
export function sealedStateOf(state: unknown): unknown {
  return state instanceof SealedState ? SealedState.textOf(state) : state;
}
