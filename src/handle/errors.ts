/**
 * Everything that sealing or opening a handle can answer, one class an answer.
 * Tell them apart by `code`, which is stable; the message may be improved.
 *
 * No message carries state, claims of another caller, or key material.
 */

import { utc } from './time.ts';

export type HandleErrorCode = 'malformed' | 'rejected' | 'expired' | 'wrong_kind' | 'forbidden' | 'state_too_large';

/** The common ground of the six classes below; `open` and `seal` throw nothing else. */
export abstract class HandleError extends Error {
  abstract readonly code: HandleErrorCode;
  override get name(): string {
    return this.constructor.name;
  }
}

/** Which of the verifier's first three steps a string did not pass. */
export type MalformedReason = 'length' | 'grammar' | 'header';

/** The string is not a handle: its structure, length or alphabet is wrong. All of that is public, so the message says what. */
export class HandleMalformed extends HandleError {
  readonly code = 'malformed';
  readonly reason: MalformedReason;
  constructor(reason: MalformedReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Why a handle was rejected. For the server's log only: on the wire it would be an oracle.
 * The order is the verifier's.
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

/** The handle is not valid here. One frozen message whatever the cause; `reason` is for the log. */
export class HandleRejected extends HandleError {
  readonly code = 'rejected';
  readonly reason: RejectionReason;
  constructor(reason: RejectionReason) {
    super('This handle is not valid here.');
    this.reason = reason;
  }
}

/** Authentic and this caller's, but past its `exp` (seconds since 1970). */
export class HandleExpired extends HandleError {
  readonly code = 'expired';
  readonly expiredAt: number;
  constructor(expiredAt: number) {
    super(`This handle expired at ${utc(expiredAt)}.`);
    this.expiredAt = expiredAt;
  }
}

/** Authentic and this caller's, but of a kind (`name@version`) that the call does not take. */
export class HandleOfWrongKind extends HandleError {
  readonly code = 'wrong_kind';
  readonly kind: string;
  readonly accepted: readonly string[];
  constructor(kind: string, accepted: readonly string[]) {
    super(`This handle is of kind ${kind}; ${accepted.join(' or ')} is needed.`);
    this.kind = kind;
    this.accepted = accepted;
  }
}

/** Authentic and this caller's, but attenuated: its `scp` has none of the needed rights. */
export class HandleForbids extends HandleError {
  readonly code = 'forbidden';
  readonly needed: readonly string[];
  constructor(needed: readonly string[]) {
    super(`This handle does not allow ${needed.join(' or ')}.`);
    this.needed = needed;
  }
}

/** The next handle would be longer, or its state deeper, than allowed; nothing was issued, and the handle that was given stays good. */
export class StateTooLarge extends HandleError {
  readonly code = 'state_too_large';
  readonly size: number;
  readonly limit: number;
  readonly unit: 'characters' | 'bytes' | 'levels';
  constructor(size: number, limit: number, unit: StateTooLarge['unit']) {
    super(`The next handle would take ${size} ${unit}; ${limit} are allowed.`);
    this.size = size;
    this.limit = limit;
    this.unit = unit;
  }
}
