import type { ServerContext } from '@modelcontextprotocol/server';
import { MAX_LIFETIME } from '../../handle/index.ts';
import { callerOf } from '../define/call.ts';
import type { Environment } from '../environment.ts';
import { InvalidRequestState, openRequestState, REQUEST_STATE_LIFETIME, type RequestIdentity, sealRequestState } from './request-state.ts';

/** A handler of an `McpServer`: a tool's, a prompt's (arguments first) or a resource's (URI first). */
type Handler<Args extends unknown[], Result> = (...args: Args) => Result | Promise<Result>;

/** Seals what a server's own handlers remember between rounds. Made by {@link createRequestStateCodec}. */
export interface RequestStateCodec<State> {
  /** For `ServerOptions.requestState.verify`: nothing that anybody else wrote reaches a handler. Rejects with a reason for the log. */
  verify(state: string, ctx: ServerContext): Promise<unknown>;
  /**
   * Wraps a handler, so that what it seals is bound to its name and its arguments. In it `ctx.mcpReq.requestState()`
   * gives what was minted, and {@link mint} seals.
   *
   * @param target the tool's or prompt's name; for a resource its URI or template
   */
  bound<Args extends [...unknown[], ServerContext], Result>(
    target: string,
    handler: Handler<Args, Result>,
  ): (...args: Args) => Promise<Result>;
  /** Seals JSON for the client to carry; for `inputRequired({ requestState })`. @throws {TypeError} outside a bound handler */
  mint(state: State, ctx: ServerContext): Promise<string>;
}

/**
 * A `requestState` codec as the SDK's `createRequestStateCodec` has it, in the format of handles: encrypted, by the ring,
 * and bound to the caller, the deployment, the method, the handler and its arguments. The SDK tells a codec nothing of
 * arguments, so handlers are wrapped in {@link RequestStateCodec.bound}; one that is not reads nothing.
 *
 * @param options `ttlSeconds`: how long a client may take to answer (10 min)
 * @throws {RangeError} where that is no lifetime
 */
export function createRequestStateCodec<State = unknown>(
  environment: Environment,
  { ttlSeconds = REQUEST_STATE_LIFETIME }: { readonly ttlSeconds?: number } = {},
): RequestStateCodec<State> {
  if (!(Number.isInteger(ttlSeconds) && ttlSeconds >= 1 && ttlSeconds <= MAX_LIFETIME)) {
    throw new RangeError(`createRequestStateCodec: ttlSeconds must be 1 to ${MAX_LIFETIME} whole seconds`);
  }
  const bindings = new WeakMap<ServerContext, RequestIdentity>();
  return {
    // The arguments are not known yet: what can be judged without them is, and the rest is left to the bound handler.
    verify: async (state, ctx) => {
      const sealed = new SealedState(state);
      try {
        await openRequestState(state, { method: ctx.mcpReq.method }, environment, callerOf(ctx.http?.authInfo));
      } catch (error) {
        // The SDK answers the client itself, and tells `onerror` no more than the message.
        throw error instanceof InvalidRequestState ? new Error(error.reason) : error;
      }
      return sealed;
    },
    bound:
      (target, handler) =>
      async (...args) => {
        const ctx = args.at(-1) as ServerContext;
        const request = { method: ctx.mcpReq.method, target, args: args.slice(0, -1) };
        const sealed = sealedStateOf(ctx.mcpReq.requestState<unknown>());
        const state = sealed === undefined ? undefined : await openRequestState(sealed, request, environment, callerOf(ctx.http?.authInfo));
        const opened = { ...ctx, mcpReq: { ...ctx.mcpReq, requestState: () => state } } as ServerContext;
        bindings.set(opened, request);
        return handler(...([...args.slice(0, -1), opened] as unknown as typeof args));
      },
    mint: async (state, ctx) => {
      const request = bindings.get(ctx);
      if (request === undefined)
        throw new TypeError('mint: only a handler wrapped in bound() can seal; give it the ctx that the handler got');
      return sealRequestState(state, request, environment, callerOf(ctx.http?.authInfo), ttlSeconds);
    },
  };
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
