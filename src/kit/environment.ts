import { type Expectations, type MintingKey, type OpenHandle, open } from '../handle/index.ts';
import { isRevoked, mintingKey, openingKey, type Ring } from '../keys/index.ts';
import { ToolRefusal } from './define/refusal.ts';

/** What tools run in. Everything that may change while they run is a function. */
export interface Environment {
  /** The key ring as it is now. */
  ring(): Ring;
  /** Seconds since 1970, whole. */
  now(): number;
  /** The deployment that handles are issued for and taken from. Absent: any that shares the ring. */
  readonly audience?: string | undefined;
  /** Handles issued before this moment are rejected. Seconds since 1970. */
  readonly notBefore?: number | undefined;
  /** Longest handle that is read or made, in characters. Default: 8,192. */
  readonly maxLength?: number | undefined;
  /** Where answers say the handle: hosts that show a model both views would pay for it twice. Default: `both`. */
  readonly handleIn?: 'both' | 'text' | 'structured' | undefined;
  /** Told of every call, when it has ended. What it throws is ignored. */
  onCall?(record: CallRecord): void;
}

/** Stands for every name that no tool has: those that clients write are told nowhere. No tool can be named so. */
export const UNKNOWN_TOOL = '(unknown)';

/** A call, as a log may tell of it: no handle, no argument, no state. */
export interface CallRecord {
  /** The tool's name; {@link UNKNOWN_TOOL} where there is none of the name that the client wrote. */
  readonly tool: string;
  /** `input_required`: the client was asked something, and is to call again. */
  readonly outcome: 'ok' | 'error' | 'input_required';
  /** The code of an execution error. */
  readonly code?: string;
  /** Why a handle was rejected: for the log only. */
  readonly reason?: string;
  /** The task's id (`jti`), where a handle was opened or issued. */
  readonly task?: string;
  /** The revision in the answer; of the handle given, where the answer is an error. */
  readonly revision?: number;
  /** The fingerprint of the handle in the answer; of the one given, where the answer is an error. */
  readonly fingerprint?: string;
  /** How long the handle in the answer is, in characters. */
  readonly length?: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** What the tool's function threw, other than a refusal: a defect in it. */
  readonly defect?: unknown;
}

/**
 * The key that new handles are sealed with.
 *
 * @param now seconds since 1970
 * @throws {ToolRefusal} `unavailable`, where the ring has none
 */
export function keyToMint({ ring }: Environment, now: number): MintingKey {
  const key = mintingKey(ring(), now);
  if (key !== undefined) return key;
  throw unavailable();
}

/** For whom, and for which task, a handle is to be issued. */
interface Recipient {
  readonly sub?: string | undefined;
  readonly jti?: string;
}

/**
 * Refuses to issue to a caller, or for a task, that is revoked: with the words of {@link keyToMint}, since there may be no
 * handle to speak of, and why is not for everyone. It is asked when the handle is issued, for the ring may have changed
 * while the tool worked.
 *
 * @throws {ToolRefusal} `unavailable`
 */
export function requireNotRevoked({ ring }: Environment, now: number, { sub, jti }: Recipient): void {
  if (isRevoked(ring().revocations, { ...(sub !== undefined && { sub }), ...(jti !== undefined && { jti }) }, now)) throw unavailable();
}

function unavailable(): ToolRefusal {
  return new ToolRefusal(
    'unavailable',
    'This server cannot issue handles at the moment. Nothing is lost: try again later with the same arguments.',
  );
}

/** What one call expects of a handle, beside what the deployment expects. */
type CallExpectations<State> = Pick<Expectations<State>, 'now' | 'subject' | 'kinds' | 'needs'>;

/** Opens a handle, or what else is sealed in that format, as this deployment takes them. @throws {HandleError} */
export function openSealed<State>(environment: Environment, handle: unknown, call: CallExpectations<State>): Promise<OpenHandle<State>> {
  const ring = environment.ring();
  const { notBefore, audience, maxLength } = environment;
  return open(handle, {
    ...call,
    findKey: (kid) => openingKey(ring, kid, call.now),
    notBefore,
    audience,
    isRevoked: (claims) => isRevoked(ring.revocations, claims, call.now),
    maxLength,
  });
}
