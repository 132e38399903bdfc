/**
 * The `requestState` of multi round-trip requests (MCP 2026-07-28, basic/patterns/mrtr), sealed in the format of
 * handles. The client carries the state, and may be an attacker. So the state is encrypted, and opens only for a short
 * time, in one deployment, for one caller and one request.
 */
import { HandleError, HandleRejected, issue, type OpenHandle, subjectClaim } from '../../handle/index.ts';
import type { Caller } from '../define/call.ts';
import { type Environment, keyToMint, openSealed, requireNotRevoked } from '../environment.ts';
import { digestOf } from '../values/json.ts';

/** The request to which a state belongs. */
export interface RequestIdentity {
  /** `tools/call`, `prompts/get` or `resources/read`. */
  readonly method: string;
  /** The name of the tool or prompt, or the URI of the resource. Absent: any request of the method. */
  readonly target?: string | undefined;
  /** The arguments, as the client sent them. The order of their members does not matter. */
  readonly args?: unknown;
  /** The text that the author's `bind` returned. */
  readonly besides?: string | undefined;
}

/**
 * Who sealed a state: the kit for one of its tools, or a codec for a handler. Neither opens the states of the other.
 */
export type SealedBy = 'kit' | 'codec';

const KINDS: Readonly<Record<SealedBy, string>> = { kit: 'waxseal-request-state@1', codec: 'waxseal-codec-state@1' };

/** How long a state is valid: ten minutes, in seconds. The client must answer within this time. */
export const REQUEST_STATE_LIFETIME = 600;

/**
 * A sealed state: the method `m`, the target `t`, a digest `a` of everything else that the state is bound to, and the
 * remembered value `s`.
 */
interface Remembered {
  readonly m: string;
  readonly t?: string;
  readonly a: string;
  readonly s: unknown;
}

/**
 * Seals a value that a handler wants back with the client's answer.
 *
 * @param remember the value, as any JSON
 * @param options.lifetime how long the state is valid, in seconds
 * @throws {StateTooLarge} `state_too_large`: the sealed state would be too long, or the value nests too deep
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this time, or the caller is revoked
 */
export async function sealRequestState(
  remember: unknown,
  request: RequestIdentity,
  environment: Environment,
  { principal, client }: Caller,
  { by = 'kit', lifetime = REQUEST_STATE_LIFETIME }: { readonly by?: SealedBy; readonly lifetime?: number } = {},
): Promise<string> {
  const now = environment.now();
  const key = keyToMint(environment, now);
  const { audience, maxLength } = environment;
  const subject = principal && (await subjectClaim(principal));
  requireNotRevoked(environment, now, { sub: subject });
  const { method: m, target: t } = request;
  const state = { m, ...(t !== undefined && { t }), a: await digestOfRest(request, client), s: remember };
  const { handle } = await issue({ kind: KINDS[by], state, now, lifetime, audience, subject }, key, { ...(maxLength && { maxLength }) });
  return handle;
}

/**
 * The error for a `requestState` that does not open. Code, message and data are those of the SDK's own error. They are
 * the same for every cause, so that a client does not learn the cause.
 */
export class InvalidRequestState extends Error {
  /** "Invalid params" of JSON-RPC. The SDK sends the client the `code` and the `data` of an error. */
  readonly code = -32_602;
  /** What the client gets besides the code and the message. */
  readonly data = { reason: 'invalid_request_state' } as const;
  /** Why the state does not open. For the log only. */
  readonly reason: string;
  constructor(reason: string) {
    super('Invalid or expired requestState');
    this.reason = reason;
  }
}

/**
 * Opens a state that {@link sealRequestState} sealed.
 *
 * @param sealed the state, as the client sent it
 * @param request the request that brought the state
 * @returns the remembered value
 * @throws {InvalidRequestState} -32602 (invalid params): the state has expired, was changed, or belongs to another
 *   request
 */
export async function openRequestState(
  sealed: unknown,
  request: RequestIdentity,
  environment: Environment,
  caller: Caller,
  by: SealedBy = 'kit',
): Promise<unknown> {
  const { state } = await openFor(sealed, request.method, environment, caller, [by]);
  const rest = await orInvalid(() => digestOfRest(request, caller.client));
  if (state.t === request.target && state.a === rest) return state.s;
  throw new InvalidRequestState('request');
}

/**
 * Makes the checks of {@link openRequestState}, except those of the target and the arguments. It accepts states of the
 * kit and of a codec.
 *
 * @throws {InvalidRequestState} -32602 (invalid params): the state has expired, was changed, or belongs to another
 *   caller or method
 */
export async function checkRequestState(sealed: unknown, method: string, environment: Environment, caller: Caller): Promise<void> {
  await openFor(sealed, method, environment, caller, ['kit', 'codec']);
}

async function openFor(
  sealed: unknown,
  method: string,
  environment: Environment,
  { principal }: Caller,
  by: readonly SealedBy[],
): Promise<OpenHandle<Remembered>> {
  const kinds = new Map(by.map((sealer) => [KINDS[sealer], rememberedIn] as const));
  const opened = await orInvalid(async () => {
    const subject = principal && (await subjectClaim(principal));
    return openSealed(environment, sealed, { now: environment.now(), subject, kinds, needs: [] });
  });
  if (opened.state.m === method) return opened;
  throw new InvalidRequestState('request');
}

/** Turns every error of a handle into an {@link InvalidRequestState}. */
async function orInvalid<Given>(give: () => Promise<Given>): Promise<Given> {
  try {
    return await give();
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    throw new InvalidRequestState(error instanceof HandleRejected ? error.reason : error.code);
  }
}

function rememberedIn(state: unknown): Remembered {
  const { m, t, a, s, ...surplus } = state as Readonly<Record<string, unknown>>;
  const isGood = typeof m === 'string' && typeof a === 'string' && (t === undefined || typeof t === 'string') && s !== undefined;
  if (!isGood || Object.keys(surplus).length > 0) throw new TypeError('not a request state');
  return { m, a, s, ...(t !== undefined && { t }) };
}

function digestOfRest({ args, besides }: RequestIdentity, client: string | undefined): Promise<string> {
  return digestOf({ args, client, besides });
}
