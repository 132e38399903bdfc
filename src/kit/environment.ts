import { type Expectations, type MintingKey, type OpenHandle, open } from '../handle/index.ts';
import { isRevoked, mintingKey, openingKey, type Ring } from '../keys/index.ts';
import { ToolRefusal } from './values/refusal.ts';

/**
 * The key ring, the clock and the limits with which tools run. A member that can change while tools run is a function.
 */
export interface Environment {
  /** Returns the current key ring. */
  ring(): Ring;
  /** Returns the current time, in whole seconds since 1970. */
  now(): number;
  /**
   * The name of the deployment. New handles carry it as `aud`, and only handles with this `aud` open. Absent: new
   * handles carry no `aud`, and only handles without `aud` open.
   */
  readonly audience?: string | undefined;
  /** The earliest `iat` with which a handle opens, in seconds since 1970. Absent: no handle is too old. */
  readonly notBefore?: number | undefined;
  /** The longest handle that is opened or issued, in characters. Default: 8,192. */
  readonly maxLength?: number | undefined;
  /**
   * Where a result contains a new handle: in the text, in the structured content, or in both. Default: `both`. Some
   * hosts show a model both parts, and `both` then costs twice as many tokens.
   */
  readonly handleIn?: 'both' | 'text' | 'structured' | undefined;
  /** Receives the record of every call that has ended. Errors that this function throws are ignored. */
  onCall?(record: CallRecord): void;
}

/**
 * The name in the record of a call to a tool that does not exist. The name that the client sent can be any text, so the
 * record omits it. MCP allows no parentheses in names, so no real tool has this name.
 */
export const UNKNOWN_TOOL = '(unknown)';

/** What a log may contain about one call. A record contains no handle, no argument and no state. */
export interface CallRecord {
  /** The tool's name; `(unknown)` if there is no such tool. */
  readonly tool: string;
  /**
   * How the call ended. `input_required`: the tool asked the client a question, and the client calls again with the
   * answer.
   */
  readonly outcome: 'ok' | 'error' | 'input_required';
  /** The code of the error, if the outcome is `error`. */
  readonly code?: string;
  /** Why a handle or a `requestState` was rejected. This is for the log only. A client must not learn it. */
  readonly reason?: string;
  /** The task's id (`jti`), if a handle was opened or issued. */
  readonly task?: string;
  /**
   * The revision of the handle in the answer. For an error or a question: the revision of the handle that the client
   * passed.
   */
  readonly revision?: number;
  /** The fingerprint of the handle that `revision` describes. */
  readonly fingerprint?: string;
  /** The length of the handle that `revision` describes, in characters. */
  readonly length?: number;
  /** The duration of the call, in milliseconds. */
  readonly ms: number;
  /**
   * The error behind one of two codes:
   *
   * - `internal_error`: the error that ended the call. It is almost always a defect of the handler.
   * - `rejected`: the error of a migration that failed.
   *
   * A log may show the message of a {@link ToolDefect}. Other messages may contain state, so a log must not show them.
   */
  readonly defect?: unknown;
}

/**
 * Returns the key that seals new handles.
 *
 * @param now seconds since 1970
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this time
 */
export function keyToMint({ ring }: Environment, now: number): MintingKey {
  const key = mintingKey(ring(), now);
  if (key !== undefined) return key;
  throw unavailable();
}

/** For whom a handle is issued. Without `sub`, it is a bearer handle. Without `jti`, the task is new. */
interface Recipient {
  readonly sub?: string | undefined;
  readonly jti?: string;
}

/**
 * Refuses to issue a handle to a revoked caller or for a revoked task. Call this function when the handle is issued and
 * not earlier, because the ring can change while the tool works.
 *
 * The error is that of {@link keyToMint}, so the caller does not learn of the revocation. The code `rejected` would not
 * fit: it is for a handle that the client passed, and a call that starts a task passes no handle.
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

/** The expectations that depend on the call. The others come from the environment. */
type CallExpectations<State> = Pick<Expectations<State>, 'now' | 'subject' | 'kinds' | 'needs'>;

/**
 * Opens a handle, a request state or a cursor with the checks of this environment.
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
