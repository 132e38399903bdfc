/**
 * The errors of sealing and opening a handle: one class for each code. Programs should test `code`, which never
 * changes. Messages may change. No message contains state, key material, or the claims of another caller.
 */

import { utc } from './time.ts';

/** The codes of {@link HandleError}. A tool reports each of these errors as a tool execution error of MCP. */
export type HandleErrorCode = 'malformed' | 'rejected' | 'expired' | 'wrong_kind' | 'forbidden' | 'state_too_large';

/** The base class of the six errors below. */
export abstract class HandleError extends Error {
  abstract readonly code: HandleErrorCode;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The step of verification that failed: one of the first three. */
export type MalformedReason = 'length' | 'grammar' | 'header';

/**
 * The string is not a handle: its structure, length or alphabet is wrong. The message says what is wrong. That reveals
 * no secret, because anyone can check these properties without a key.
 */
export class HandleMalformed extends HandleError {
  readonly code = 'malformed';
  readonly reason: MalformedReason;
  constructor(reason: MalformedReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Why a handle was rejected, in the order of verification. Only the server's log may contain the reason: a caller who
 * knew it could learn something from each forged handle.
 */
export type RejectionReason =
  | 'unknown_key'
  | 'decryption'
  | 'iv'
  | 'inflation'
  | 'signature'
  | 'claims'
  | 'issued_in_future'
  | 'issued_too_early'
  | 'audience'
  | 'subject'
  | 'revoked'
  | 'state';

/** The handle is not valid here. Every cause has the same message. Only the log may contain `reason`. */
export class HandleRejected extends HandleError {
  readonly code = 'rejected';
  readonly reason: RejectionReason;
  constructor(reason: RejectionReason) {
    super('This handle is not valid here.');
    this.reason = reason;
  }
}

/** The handle is authentic and belongs to this caller, but has expired. */
export class HandleExpired extends HandleError {
  readonly code = 'expired';
  /** The handle's `exp`. Seconds since 1970. */
  readonly expiredAt: number;
  constructor(expiredAt: number) {
    super(`This handle expired at ${utc(expiredAt)}.`);
    this.expiredAt = expiredAt;
  }
}

/** The handle is authentic and belongs to this caller, but the call does not accept its kind. */
export class HandleOfWrongKind extends HandleError {
  readonly code = 'wrong_kind';
  /** The kind of the handle, `name@version`. */
  readonly kind: string;
  /** The kinds that the call accepts, each `name@version`. */
  readonly accepted: readonly string[];
  constructor(kind: string, accepted: readonly string[]) {
    super(`This handle is of kind ${kind}; ${accepted.join(' or ')} is needed.`);
    this.kind = kind;
    this.accepted = accepted;
  }
}

/** The handle is authentic and belongs to this caller, but its `scp` has no right that permits the call. */
export class HandleForbids extends HandleError {
  readonly code = 'forbidden';
  /** The rights that permit the call. One of them is enough. */
  readonly needed: readonly string[];
  constructor(needed: readonly string[]) {
    super(`This handle does not allow ${needed.join(' or ')}.`);
    this.needed = needed;
  }
}

/**
 * The next handle would be too long, or its state would nest too deep. No handle was issued. The handle that the caller
 * passed is still valid.
 */
export class StateTooLarge extends HandleError {
  readonly code = 'state_too_large';
  readonly size: number;
  readonly limit: number;
  /**
   * What `size` and `limit` count: characters of the handle, bytes of signature and claims together, or levels of
   * nesting.
   */
  readonly unit: 'characters' | 'bytes' | 'levels';
  constructor(size: number, limit: number, unit: StateTooLarge['unit']) {
    super(`The next handle would have ${size} ${unit}, and the limit is ${limit}.`);
    this.size = size;
    this.limit = limit;
    this.unit = unit;
  }
}
