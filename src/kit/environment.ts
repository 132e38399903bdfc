import { type Expectations, type MintingKey, type OpenHandle, open } from '../handle/index.ts';
import { isRevoked, mintingKey, openingKey, type Ring } from '../keys/index.ts';
import { ToolRefusal } from './values/refusal.ts';

/**
 * The key ring, the clock and the limits with which tools run. A member is a function if its value can change while tools
 * run.
 */
export interface Environment {
  /** Returns the present key ring. */
  ring(): Ring;
  /** Returns the present time, in whole seconds since 1970. */
  now(): number;
  /**
   * The deployment's name. Handles are issued with this name as their `aud`, and only handles with the same `aud` are
   * accepted. Absent: handles are issued without an `aud`, and only handles without an `aud` are accepted.
   */
  readonly audience?: string | undefined;
  /** The earliest accepted `iat` of a handle. Seconds since 1970. Absent: handles of any age are accepted. */
  readonly notBefore?: number | undefined;
  /** The longest handle that is read or issued, in characters. Default: 8,192. */
  readonly maxLength?: number | undefined;
  /**
   * The part of a tool's result that contains a new handle: the text, the structured content, or both. If a host shows both
   * parts to a model, a handle in both costs twice as many tokens. Default: `both`.
   */
  readonly handleIn?: 'both' | 'text' | 'structured' | undefined;
  /** Receives the record of every call when the call has ended. An error that this function throws is ignored. */
  onCall?(record: CallRecord): void;
}

/**
 * The tool's name in the record of a call, if the client called a tool that does not exist. The record does not contain
 * the name that the client sent, because that name can be any text. No real tool has this name, because MCP does not
 * allow parentheses in names.
 */
export const UNKNOWN_TOOL = '(unknown)';

/** The facts about one call that a log may contain. A record contains no handle, no argument and no state. */
export interface CallRecord {
  /** The tool's name; `(unknown)` if the client called a tool that does not exist. */
  readonly tool: string;
  /** How the call ended. `input_required` means that the tool asked the client a question; the client calls again with its answer. */
  readonly outcome: 'ok' | 'error' | 'input_required';
  /** The code of the error. Present only if the outcome is `error`. */
  readonly code?: string;
  /** Why a handle or a `requestState` was rejected. This reason is for the log only, because a client must not learn it. */
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
  /** The duration of the call, in milliseconds. */
  readonly ms: number;
  /**
   * If the code is `internal_error`, the error that ended the call, which is almost always a defect of the tool's handler. If
   * the code is `rejected`, the error of a migration that failed. A log may show the message of a {@link ToolDefect}, but no
   * other message, because other messages may contain state.
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

/** The caller and the task for which a handle is issued. Without `sub`, the handle is a bearer handle. Without `jti`, the task is new. */
interface Recipient {
  readonly sub?: string | undefined;
  readonly jti?: string;
}

/**
 * Refuses to issue a handle to a revoked caller or for a revoked task. The error is the same as the error of
 * {@link keyToMint}, so that the caller does not learn of the revocation. The code `rejected` would not be right for a new task,
 * because a new task has no handle that could be rejected.
 *
 * Call this function at the moment when the handle is issued, and not earlier, because the ring can change while the tool
 * works.
 *
 * @param now seconds since 1970
 * @throws {ToolRefusal} `unavailable`: the caller or the task is revoked
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

/** The expectations that depend on the call. {@link openSealed} takes the other expectations from the environment. */
type CallExpectations<State> = Pick<Expectations<State>, 'now' | 'subject' | 'kinds' | 'needs'>;

/**
 * Opens a handle with the checks of this deployment. The function also opens request states and cursors, because they have
 * the format of handles.
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
