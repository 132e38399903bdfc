import { type Expectations, type MintingKey, type OpenHandle, open } from '../handle/index.ts';
import { isRevoked, mintingKey, openingKey, type Ring } from '../keys/index.ts';
import { ToolRefusal } from './define/refusal.ts';

/** The ring, the clock and the limits that tools run with. The members that may change while tools run are functions. */
export interface Environment {
  /** Returns the present key ring. */
  ring(): Ring;
  /** Returns the present time, in whole seconds since 1970. */
  now(): number;
  /**
   * The deployment's name. Handles are issued with it (`aud`), and only handles with it are accepted. Absent: handles are
   * issued without an audience, and only handles without one are accepted.
   */
  readonly audience?: string | undefined;
  /** Handles issued before this moment are rejected. Seconds since 1970. Absent: no handle is rejected because it is old. */
  readonly notBefore?: number | undefined;
  /** The longest handle that is read or issued, in characters. Default: 8,192. */
  readonly maxLength?: number | undefined;
  /**
   * Which part of a tool's result contains a new handle: the text, the structured content, or both. If a host shows a model
   * both parts, the model pays for the handle twice. Default: `both`.
   */
  readonly handleIn?: 'both' | 'text' | 'structured' | undefined;
  /** Receives the record of every call when the call has ended. An error that this function throws is ignored. */
  onCall?(record: CallRecord): void;
}

/**
 * Stands in a record for the name of a tool that does not exist. A record never repeats the name that a client wrote,
 * because a client may write anything there. No tool can have this name, because MCP allows no parentheses in the name of a tool.
 */
export const UNKNOWN_TOOL = '(unknown)';

/** What a log may contain about one call. It has no handle, no argument and no state. */
export interface CallRecord {
  /** The tool's name; `(unknown)` if the client called a tool that does not exist. */
  readonly tool: string;
  /** `input_required`: the tool asked the client a question, and the client calls again with the answer. */
  readonly outcome: 'ok' | 'error' | 'input_required';
  /** The code of the error. Present only if the outcome is `error`. */
  readonly code?: string;
  /** Why a handle or a `requestState` was rejected. It is for the log only: a client must not learn it. */
  readonly reason?: string;
  /** The task's id (`jti`). Present if a handle was opened or issued. */
  readonly task?: string;
  /** The revision of the handle in the answer, or of the handle that the client passed if the answer is an error or a question. */
  readonly revision?: number;
  /**
   * The fingerprint of the handle in the answer, or of the handle that the client passed if the answer is an error or a
   * question.
   */
  readonly fingerprint?: string;
  /** The length of the handle that `revision` describes, in characters. */
  readonly length?: number;
  /** How long the call took, in milliseconds. */
  readonly ms: number;
  /**
   * The error that caused the code `internal_error`, almost always a defect of the tool's handler. With the code `rejected`,
   * the error of a migration that failed. Only the message of a {@link ToolDefect} may be logged: other messages may contain state.
   */
  readonly defect?: unknown;
}

/**
 * Returns the key that seals new handles.
 *
 * @param now seconds since 1970
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this moment
 */
export function keyToMint({ ring }: Environment, now: number): MintingKey {
  const key = mintingKey(ring(), now);
  if (key !== undefined) return key;
  throw unavailable();
}

/** The caller and the task that a handle is issued for. Without `sub`, the handle is a bearer handle. Without `jti`, the task is new. */
interface Recipient {
  readonly sub?: string | undefined;
  readonly jti?: string;
}

/**
 * Refuses to issue a handle to a revoked caller or for a revoked task. The refusal is the same as that of {@link keyToMint},
 * so that it does not reveal the revocation. `rejected` would not fit a new task, which has no handle yet.
 *
 * Call this when the handle is issued, and not earlier: the ring may change while the tool works.
 *
 * @param now seconds since 1970
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

/** What one call expects of a handle. The environment has what the deployment expects. */
type CallExpectations<State> = Pick<Expectations<State>, 'now' | 'subject' | 'kinds' | 'needs'>;

/**
 * Opens a handle with the checks of this deployment. It opens request states and cursors as well, because they have the same
 * format.
 *
 * @throws {HandleError} with the codes of `open`
 */
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
