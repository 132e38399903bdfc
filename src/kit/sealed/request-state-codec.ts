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

/** The options of a codec: the key ring, and when a state is valid. */
export type RequestStateCodecOptions = CodecKeys & {
  /** How long a state is valid, in seconds. The client must answer within this time. Default: 600 (10 minutes). */
  readonly ttlSeconds?: number;
  /**
   * Returns a text to which a state is bound. The codec calls this function to seal a state, and again to open it. The
   * state opens only if both texts are equal. The SDK's codec has the same option.
   */
  readonly bind?: (ctx: ServerContext) => string;
};

/**
 * Seals what a server's own handlers remember while the client answers a question. {@link createRequestStateCodec}
 * makes a codec.
 */
export interface RequestStateCodec<State = unknown> {
  /**
   * Seals a state for the client to carry. Pass the result to `inputRequired({ requestState })`.
   *
   * @param state the state, as any JSON value
   * @param ctx the context of the handler; the state is bound to its caller and its request
   * @throws {TypeError} `ctx` is missing
   * @throws {StateTooLarge} `state_too_large`: the sealed state would be too long, or the state nests too deep
   * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this time, or the caller is revoked
   * @throws {RingError} `invalid_ring`: the text that the function `keys` returned is not a ring
   */
  mint(state: State, ctx: ServerContext): Promise<string>;
  /**
   * Opens a state that a client sent. Pass this function to the SDK as `ServerOptions.requestState.verify`.
   *
   * @throws {Error} the state does not open. The message is the reason, for the log only. The SDK answers the client
   *   with -32602.
   */
  verify(state: string, ctx: ServerContext): Promise<State>;
  /**
   * Binds states to the name of the tool, prompt or resource, and to the arguments. The SDK passes neither to a codec,
   * so without this call the state of one tool opens for every other tool.
   *
   * Call this function for every server that uses the codec, before you register anything. A protected and an
   * unprotected server cannot open each other's states.
   *
   * @returns the server that was passed
   * @throws {Error} the server already has a handler for `tools/call`, `prompts/get` or `resources/read`
   */
  protect<Protected extends McpServer | Server>(server: Protected): Protected;
}

/**
 * The key under which a handler's context holds the request, on a protected server. The key is a symbol, so that it
 * differs from the name of every property that the SDK gives the context. A handler may pass on a copy of the context,
 * which keeps the property.
 */
const REQUEST = Symbol('waxseal request');

/** For each server, the names of the tools whose states the kit itself opens. */
const openedElsewhere = new WeakMap<object, Set<string>>();

/** Tells codecs not to open the states of these tools, because the kit opens them. */
export function leaveStatesOf(names: readonly string[], server: Server): void {
  openedElsewhere.set(server, new Set([...(openedElsewhere.get(server) ?? []), ...names]));
}

/** The methods whose handlers may ask the client questions (MCP 2026-07-28, basic/patterns/mrtr). */
const METHODS = ['tools/call', 'prompts/get', 'resources/read'] as const;

/**
 * Makes a codec for `requestState` (MCP 2026-07-28, basic/patterns/mrtr). It has the functions of the SDK's own codec,
 * and seals states in the format of handles. The keys of its ring can be rotated and revoked.
 *
 * A state opens only for the caller, OAuth client, deployment and method for which it was sealed. On a server that was
 * passed to `protect`, the arguments must also be the same, and so must the name of the tool, prompt or resource.
 *
 * @throws {RangeError} `ttlSeconds` is not a whole number from 1 to 2,592,000 (30 days)
 * @throws {RingError} `invalid_ring`: `keys` is neither a function nor the text of a ring
 *
 * @example
 * ```ts
 * import { McpServer } from '@modelcontextprotocol/server';
 * import { acceptedContent, createRequestStateCodec, inputRequired } from 'waxseal';
 * import * as z from 'zod';
 *
 * const codec = createRequestStateCodec<'asked'>({ keys: process.env['WAXSEAL_KEYS'] });
 * const sure = inputRequired.elicit({ message: 'Are you sure?', requestedSchema: { type: 'object', properties: {} } });
 *
 * const server = codec.protect(new McpServer({ name: 'notes', version: '1.0.0' }, { requestState: { verify: codec.verify } }));
 * server.registerTool('erase', { inputSchema: z.object({}) }, async (_args, ctx) => {
 *   const asked = ctx.mcpReq.requestState() === 'asked';
 *   const confirmed = asked && acceptedContent(ctx.mcpReq.inputResponses, 'sure') !== undefined;
 *   if (!confirmed) return inputRequired({ inputRequests: { sure }, requestState: await codec.mint('asked', ctx) });
 *   return { content: [{ type: 'text', text: 'Erased.' }] };
 * });
 * ```
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
      if (ctx?.mcpReq === undefined)
        throw new TypeError('mint: ctx is missing. Pass the ctx of the handler: the state is bound to its request.');
      const request = (ctx as Bound)[REQUEST] ?? unprotected(ctx);
      return sealRequestState(state, request, await environmentOf(), callerIn(ctx), { by: 'codec', lifetime: ttlSeconds });
    },

    verify: async (state, ctx) => {
      try {
        if (!protects) return (await opened(state, unprotected(ctx), ctx)) as State;
        // The SDK does not pass the client's arguments to `verify`. The guarded handler checks them later.
        await checkRequestState(state, ctx.mcpReq.method, await environmentOf(), callerIn(ctx));
        return new SealedState(state) as State;
      } catch (error) {
        // The SDK passes this message only to `onerror`, never to the client.
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

/**
 * A state after `verify`. It is still sealed, because `verify` cannot see the arguments of the request. The sealed text
 * is private, so that no handler takes this text for the state.
 */
class SealedState {
  readonly #sealed: string;
  constructor(sealed: string) {
    this.#sealed = sealed;
  }
  static textOf(state: SealedState): string {
    return state.#sealed;
  }
}

/** Returns the sealed text of a state that `verify` has checked. Other states come back unchanged. */
export function sealedStateOf(state: unknown): unknown {
  return state instanceof SealedState ? SealedState.textOf(state) : state;
}
