/**
 * `requestState` of multi round-trip requests (MCP 2026-07-28, basic/patterns/mrtr), in the format of handles and by
 * the same ring. The client holds it and must be taken for an attacker: it is encrypted, and opens only for the same
 * caller, in the same deployment, on the same request, for a short time.
 */
import * as z from 'zod';
import { HandleRejected, issue, open, subjectClaim } from '../handle/index.ts';
import { mintingKey, openingKey } from '../keys/index.ts';
import type { Caller } from './caller.ts';
import { digestOf } from './digest.ts';
import type { Environment } from './environment.ts';

/** The request that a state belongs to. */
export interface RequestIdentity {
  /** `tools/call`, `prompts/get` or `resources/read`. */
  readonly method: string;
  /** The tool's or prompt's name, or the resource's URI. */
  readonly target: string;
  /** The arguments, as the client sent them. The order of members does not count. */
  readonly args: unknown;
}

const KIND = 'waxseal-request-state@1';

/** How long a client may take to answer. Seconds (10 min). */
export const REQUEST_STATE_LIFETIME = 600;

const stateOf = z.strictObject({ m: z.string(), t: z.string(), a: z.string(), s: z.unknown() });

/**
 * Seals what is to be remembered until the client answers.
 *
 * @param remember any JSON but `undefined`
 * @param lifetime in seconds
 * @throws {StateTooLarge} @throws {Error} where the server has no key that mints
 */
export async function sealRequestState(
  remember: unknown,
  request: RequestIdentity,
  environment: Environment,
  { principal }: Caller,
  lifetime: number = REQUEST_STATE_LIFETIME,
): Promise<string> {
  const now = environment.now();
  const key = mintingKey(environment.ring(), now);
  if (key === undefined) throw new Error('no key mints');
  const { audience, maxLength } = environment;
  const subject = principal && (await subjectClaim(principal));
  const state = { m: request.method, t: request.target, a: await digestOf(request.args), s: remember };
  const { handle } = await issue({ kind: KIND, state, now, lifetime, audience, subject }, key, { ...(maxLength && { maxLength }) });
  return handle;
}

/**
 * Opens what {@link sealRequestState} sealed.
 *
 * @param sealed as the client sent it
 * @param request on which it came; where only the method is known yet, only that is compared
 * @throws {HandleError} whatever is wrong with it; for the log only. A client is told nothing of it.
 */
export async function openRequestState(
  sealed: unknown,
  request: RequestIdentity | Pick<RequestIdentity, 'method'>,
  environment: Environment,
  { principal }: Caller,
): Promise<unknown> {
  const { ring, now, audience, notBefore, maxLength } = environment;
  const [keys, moment] = [ring(), now()];
  const { state } = await open(sealed, {
    findKey: (kid) => openingKey(keys, kid, moment),
    now: moment,
    notBefore,
    audience,
    subject: principal && (await subjectClaim(principal)),
    kinds: new Map([[KIND, (value: unknown) => stateOf.parse(value)]]),
    needs: [],
    maxLength,
  });
  const sameMethod = state.m === request.method;
  const same = 'target' in request ? state.t === request.target && state.a === (await digestOf(request.args)) : true;
  if (!(sameMethod && same)) throw new HandleRejected('request');
  return state.s;
}
