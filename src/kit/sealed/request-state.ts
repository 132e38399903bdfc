/**
 * `requestState` of multi round-trip requests (MCP 2026-07-28, basic/patterns/mrtr), in the format of handles and by
 * the same ring. The client holds it and must be taken for an attacker: it is encrypted, and opens only for the same
 * caller, in the same deployment, on the same request, for a short time.
 */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { HandleError, HandleRejected, issue, subjectClaim } from '../../handle/index.ts';
import type { Caller } from '../define/call.ts';
import { digestOf } from '../define/json.ts';
import type { Environment } from '../environment.ts';
import { keyToMint, openSealed, requireNotRevoked } from '../environment.ts';

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

const stateSchema = z.strictObject({ m: z.string(), t: z.string(), a: z.string(), s: z.unknown() });

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
  lifetime: number = REQUEST_STATE_LIFETIME,
): Promise<string> {
  const now = environment.now();
  const key = keyToMint(environment, now);
  const { audience, maxLength } = environment;
  const subject = principal && (await subjectClaim(principal));
  requireNotRevoked(environment, now, { sub: subject });
  const state = { m: request.method, t: request.target, a: await digestOf({ args: request.args, client }), s: remember };
  const { handle } = await issue({ kind: KIND, state, now, lifetime, audience, subject }, key, { ...(maxLength && { maxLength }) });
  return handle;
}

/** One frozen answer, the SDK's own, whatever is wrong with a `requestState`; the reason is for the log. */
export class InvalidRequestState extends ProtocolError {
  readonly reason: string;
  constructor(reason: string) {
    super(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', { reason: 'invalid_request_state' });
    this.reason = reason;
  }
}

/**
 * Opens what {@link sealRequestState} sealed.
 *
 * @param sealed as the client sent it
 * @param request on which it came; where only the method is known yet, only that is compared
 * @throws {InvalidRequestState}
 */
export async function openRequestState(
  sealed: unknown,
  request: RequestIdentity | Pick<RequestIdentity, 'method'>,
  environment: Environment,
  { principal, client }: Caller,
): Promise<unknown> {
  try {
    const { state } = await openSealed(environment, sealed, {
      now: environment.now(),
      subject: principal && (await subjectClaim(principal)),
      kinds: new Map([[KIND, (value: unknown) => stateSchema.parse(value)]]),
      needs: [],
    });
    if (await isFor(state, request, client)) return state.s;
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    throw new InvalidRequestState(error instanceof HandleRejected ? error.reason : error.code);
  }
  throw new InvalidRequestState('request');
}

async function isFor(
  { m, t, a }: z.output<typeof stateSchema>,
  request: RequestIdentity | Pick<RequestIdentity, 'method'>,
  client: string | undefined,
): Promise<boolean> {
  if (!(m === request.method)) return false;
  return 'target' in request ? t === request.target && a === (await digestOf({ args: request.args, client })) : true;
}
