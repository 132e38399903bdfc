import { type Claims, MAX_LIFETIME, newId } from './claims.ts';
import { fingerprint } from './digest.ts';
import type { MintingKey } from './keys.ts';
import type { OpenHandle } from './open.ts';
import { type SealOptions, seal } from './seal.ts';

/** The content of the first handle of a task. */
export interface Birth {
  /** The kind of the state, `name@version`: the name and the version of its schema. */
  readonly kind: string;
  /** The task state: any JSON value. `issue` checks no schema. */
  readonly state: unknown;
  /** The present time. Seconds since 1970. */
  readonly now: number;
  /** How long the task lives: 1 to 2,592,000 seconds (30 days). Then every handle of the task has expired. */
  readonly lifetime: number;
  /** The deployment that accepts the handle: 1 to 256 characters. Absent: the handle has no `aud`. */
  readonly audience?: string | undefined;
  /**
   * The caller: a value that `subjectClaim` returns. If absent, this is a bearer handle: whoever holds it may use it,
   * without authentication.
   */
  readonly subject?: string | undefined;
}

/** A handle and its claims. */
export interface IssuedHandle {
  readonly handle: string;
  readonly claims: Claims;
}

/**
 * Issues the first handle of a task, revision 1. Its `exp` is the deadline of the whole task: no successor has a later
 * one.
 *
 * @throws {StateTooLarge} `state_too_large`: the handle would be too long, or the state nests too deep
 * @throws {RangeError} if the lifetime is out of range: the calling code is wrong
 * @throws {TypeError} if the state is not JSON, or another claim is invalid: the calling code is wrong
 *
 * @example
 * ```ts
 * import { issue, type MintingKey, systemClock } from 'waxseal/handle';
 *
 * const start = (key: MintingKey) =>
 *   issue({ kind: 'research@1', state: { topic: 'seals' }, now: systemClock(), lifetime: 86_400 }, key);
 * ```
 */
export async function issue(birth: Birth, key: MintingKey, options?: SealOptions): Promise<IssuedHandle> {
  const { kind, state, now, lifetime, audience, subject } = birth;
  if (!(lifetime >= 1 && lifetime <= MAX_LIFETIME)) throw new RangeError(`issue: lifetime must be 1 to ${MAX_LIFETIME} seconds`);
  const claims: Claims = {
    jti: newId(),
    kind,
    rev: 1,
    iat: now,
    exp: now + lifetime,
    ...(subject !== undefined && { sub: subject }),
    ...(audience !== undefined && { aud: audience }),
    st: state,
  };
  return { handle: await seal(claims, key, options), claims };
}

/** What changes from one revision of a task to the next. */
export interface NextRevision {
  /** The new task state: any JSON value. */
  readonly state: unknown;
  /**
   * The kind of the next state, `name@version`. It is normally the kind of the opened handle. It may be a later version
   * after a migration, or another kind.
   */
  readonly kind: string;
  /** The time of issue, in seconds since 1970: the present time. The time at which you opened the handle will also do. */
  readonly now: number;
}

/**
 * Issues the next revision of an opened handle. The task, caller, rights and deadline stay. The revision grows by 1,
 * and `prv` names the opened handle.
 *
 * The opened handle stays valid until its `exp`: the server has no store in which to mark it as used.
 *
 * @throws {StateTooLarge} `state_too_large`: the next handle would be too long, or its state nests too deep
 * @throws {TypeError} if the state is not JSON, or the kind is misspelt: the calling code is wrong
 *
 * @example
 * ```ts
 * import { type MintingKey, type OpenHandle, reissue, systemClock } from 'waxseal/handle';
 *
 * const addOne = (opened: OpenHandle<{ count: number }>, key: MintingKey) =>
 *   reissue(opened, { kind: 'counter@1', state: { count: opened.state.count + 1 }, now: systemClock() }, key);
 * ```
 */
export async function reissue(opened: OpenHandle, next: NextRevision, key: MintingKey, options?: SealOptions): Promise<IssuedHandle> {
  const { exp, scp } = opened.claims;
  return succeed(opened, { kind: next.kind, exp, scp, st: next.state }, next.now, key, options);
}

/** The limits of an attenuated handle: what its holder may do, and until when. */
export interface Attenuation {
  /**
   * The rights that remain, at least one. The opened handle must have them all. A handle without `scp` has every right.
   */
  readonly rights: readonly string[];
  /** When the attenuated handle expires. Seconds since 1970. At the latest: the `exp` of the opened handle. */
  readonly exp: number;
  /** The time of issue, in seconds since 1970: the present time. The time at which you opened the handle will also do. */
  readonly now: number;
}

/**
 * Issues an attenuated handle: it has the task and state of the opened handle, but fewer rights or an earlier deadline.
 * Give it to somebody who may do only a part of the task. Its successors never gain a right or a later deadline.
 *
 * @throws {RangeError} if `rights` is empty, or names a right that the opened handle lacks: the calling code is wrong
 * @throws {RangeError} if `exp` has passed, or is later than that of the opened handle: the calling code is wrong
 * @throws {TypeError} if a right is misspelt, or there are more than 64 rights: the calling code is wrong
 * @throws {StateTooLarge} `state_too_large`: the rights make the handle too long
 *
 * @example
 * ```ts
 * import { attenuate, type MintingKey, type OpenHandle, systemClock } from 'waxseal/handle';
 *
 * const readOnly = (opened: OpenHandle, key: MintingKey) =>
 *   attenuate(opened, { rights: ['read'], exp: opened.claims.exp, now: systemClock() }, key);
 * ```
 */
export async function attenuate(opened: OpenHandle, remains: Attenuation, key: MintingKey, options?: SealOptions): Promise<IssuedHandle> {
  const { rights, exp, now } = remains;
  const { claims } = opened;
  if (!(rights.length > 0 && isWithin(rights, claims.scp)))
    throw new RangeError('attenuate: give at least one right, and only rights that the opened handle has');
  if (!(exp <= claims.exp && Math.max(now, claims.iat) < exp))
    throw new RangeError('attenuate: the deadline must be in the future, and no later than the deadline of the opened handle');
  return succeed(opened, { kind: claims.kind, exp, scp: rights, st: claims.st }, now, key, options);
}

/**
 * Tells whether the second list contains every right of the first. An undefined list means every right.
 *
 * @example
 * ```ts
 * import { isWithin } from 'waxseal/handle';
 *
 * isWithin(['read'], ['read', 'write']); // true
 * isWithin(undefined, ['read']); // false: the first list means every right, the second only one
 * ```
 */
export function isWithin(rights: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return others === undefined || (rights?.every((right) => others.includes(right)) ?? false);
}

async function succeed(
  opened: OpenHandle,
  next: Pick<Claims, 'kind' | 'exp' | 'st'> & { readonly scp: Claims['scp'] | undefined },
  now: number,
  key: MintingKey,
  options?: SealOptions,
): Promise<IssuedHandle> {
  const { jti, rev, iat, sub, aud } = opened.claims;
  const claims: Claims = {
    jti,
    kind: next.kind,
    rev: rev + 1,
    // This replica's clock may be slow, but a successor must not look older than its predecessor.
    iat: Math.max(now, iat),
    exp: next.exp,
    prv: await fingerprint(opened.handle),
    ...(sub !== undefined && { sub }),
    ...(aud !== undefined && { aud }),
    ...(next.scp !== undefined && { scp: next.scp }),
    st: next.st,
  };
  return { handle: await seal(claims, key, options), claims };
}
