import { type Claims, MAX_LIFETIME, newId } from './claims.ts';
import { fingerprint } from './digest.ts';
import type { MintingKey } from './keys.ts';
import type { OpenHandle } from './open.ts';
import { type SealOptions, seal } from './seal.ts';

/** What goes into the first handle of a task. */
export interface Birth {
  /** `name@version` of the state's schema. */
  readonly kind: string;
  /** The task state: any JSON value. Nothing checks it against its schema here. */
  readonly state: unknown;
  /** Seconds since 1970. */
  readonly now: number;
  /** How long the task's handles open. Seconds, 1 to 2,592,000 (30 days). */
  readonly lifetime: number;
  /** The deployment for which the handle is issued, 1 to 256 characters. Absent: the handle names no deployment. */
  readonly audience?: string | undefined;
  /** The caller, as `subjectClaim` writes it. Absent: a bearer handle, which opens for anyone who holds it. */
  readonly subject?: string | undefined;
}

/** A handle, and the claims in it. */
export interface IssuedHandle {
  readonly handle: string;
  readonly claims: Claims;
}

/**
 * Issues the first handle of a task: revision 1. Its deadline is the deadline of the task: no successor has a later one.
 *
 * @throws {StateTooLarge} `state_too_large`: the handle would be too long, or the state nests too deep
 * @throws {RangeError} if the lifetime is out of range: a mistake in the calling code
 * @throws {TypeError} if the state is not JSON, or another claim is invalid: a mistake in the calling code
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
  /** The kind of the successor: the same kind, a later version if the state was migrated, or the kind that the task has changed into. */
  readonly kind: string;
  /** The moment at which the handle was opened. Seconds since 1970. */
  readonly now: number;
}

/**
 * Issues the successor of an opened handle. The task, the caller, the rights and the deadline stay the same. The
 * revision grows by one, and `prv` names the handle that the successor replaces.
 *
 * The opened handle stays valid until its `exp`, because the server has no store in which to mark it as used.
 *
 * @throws {StateTooLarge} `state_too_large`: the successor would be too long, or its state nests too deep
 * @throws {TypeError} if the state is not JSON, or the kind is misspelt: a mistake in the calling code
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

/** What the holder of an attenuated handle may still do, and until when. */
export interface Attenuation {
  /** The remaining rights, at least one. Each must be a right of the opened handle; a handle without `scp` has every right. */
  readonly rights: readonly string[];
  /** When the attenuated handle expires: no later than the opened handle. Seconds since 1970. */
  readonly exp: number;
  /** The moment at which the handle was opened. Seconds since 1970. */
  readonly now: number;
}

/**
 * Issues an attenuated successor of an opened handle: the same task and state, with fewer rights or an earlier deadline.
 * Give it to somebody who may do only a part of the task. No later successor has more rights or a later deadline.
 *
 * @throws {RangeError} if no right is given, or the successor would allow more, last longer, or be expired at once: a mistake
 *   in the calling code
 * @throws {TypeError} if a right is misspelt, or there are more than 64 rights: a mistake in the calling code
 * @throws {StateTooLarge} `state_too_large`: the list of rights makes the handle too long
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
    throw new RangeError('attenuate: the rights must be one or more of those that the opened handle has');
  if (!(exp <= claims.exp && Math.max(now, claims.iat) < exp))
    throw new RangeError('attenuate: the deadline must be in the future, and no later than that of the opened handle');
  return succeed(opened, { kind: claims.kind, exp, scp: rights, st: claims.st }, now, key, options);
}

/**
 * Tells whether one list of rights allows no more than another. An undefined list means every right.
 *
 * @example
 * ```ts
 * import { isWithin } from 'waxseal/handle';
 *
 * isWithin(['read'], ['read', 'write']); // true
 * isWithin(undefined, ['read']); // false: every right is more than one
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
    // The clock of this replica may be behind, and a successor must not look older than its predecessor.
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
