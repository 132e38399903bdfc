/**
 * `requestState` of multi round-trip requests (MCP 2026-07-28, basic/patterns/mrtr), in the format of handles and by
 * the same ring. The client holds it and must be taken for an attacker: it is encrypted, and opens only for the same
 * caller, in the same deployment, on the same request, for a short time.
 */
import { HandleError, HandleRejected, issue, type OpenHandle, subjectClaim } from '../../handle/index.ts';
import type { Caller } from '../define/call.ts';
import { digestOf } from '../define/json.ts';
import { type Environment, keyToMint, openSealed, requireNotRevoked } from '../environment.ts';

/** The request that a state belongs to. */
export interface RequestIdentity {
  /** `tools/call`, `prompts/get` or `resources/read`. */
  readonly method: string;
  /** The tool's or prompt's name, or the resource's URI. Absent: whichever is asked for by that method. */
  readonly target?: string | undefined;
  /** The arguments, as the client sent them. The order of members does not count. */
  readonly args?: unknown;
  /** What an author binds it to beside. */
  readonly besides?: string | undefined;
}

/** Who seals: the kit's tools, or the handlers of an author who has a codec. Neither opens what is the other's. */
export type SealedBy = 'kit' | 'codec';

const KINDS: Readonly<Record<SealedBy, string>> = { kit: 'waxseal-request-state@1', codec: 'waxseal-codec-state@1' };

/** How long a client may take to answer. Seconds (10 min). */
export const REQUEST_STATE_LIFETIME = 600;

/** A state as it is sealed: the method, the target, a digest of all else that it is bound to, and what is to be remembered. */
interface Remembered {
  readonly m: string;
  readonly t?: string;
  readonly a: string;
  readonly s: unknown;
}

/**
 * Seals what is to be remembered until the client answers.
 *
 * @param remember any JSON but `undefined`
 * @param lifetime in seconds
 * @throws {StateTooLarge} @throws {ToolRefusal} `unavailable`, where the server has no key that mints
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

/** One frozen answer, the SDK's own, whatever is wrong with a `requestState`; the reason is for the log. */
export class InvalidRequestState extends Error {
  /** JSON-RPC's "invalid params"; the SDK answers an error that has a code with it, and with `data`. */
  readonly code = -32_602;
  readonly data = { reason: 'invalid_request_state' } as const;
  readonly reason: string;
  constructor(reason: string) {
    super('Invalid or expired requestState');
    this.reason = reason;
  }
}

/**
 * Opens what {@link sealRequestState} sealed.
 *
 * @param sealed as the client sent it
 * @param request on which it came
 * @throws {InvalidRequestState}
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
 * Makes sure of a state as far as that goes while only the method is known: whoever sealed it.
 *
 * @throws {InvalidRequestState}
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

/** @throws {InvalidRequestState} for whatever is wrong with a handle */
async function orInvalid<Given>(give: () => Promise<Given>): Promise<Given> {
  try {
    return await give();
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    throw new InvalidRequestState(error instanceof HandleRejected ? error.reason : error.code);
  }
}

/** @throws {TypeError} where it is no such state */
function rememberedIn(state: unknown): Remembered {
  const { m, t, a, s, ...surplus } = state as Readonly<Record<string, unknown>>;
  const isGood = typeof m === 'string' && typeof a === 'string' && (t === undefined || typeof t === 'string') && s !== undefined;
  if (!isGood || Object.keys(surplus).length > 0) throw new TypeError('not a request state');
  return { m, a, s, ...(t !== undefined && { t }) };
}

function digestOfRest({ args, besides }: RequestIdentity, client: string | undefined): Promise<string> {
  return digestOf({ args, client, besides });
}
