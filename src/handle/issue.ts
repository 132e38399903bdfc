import { type Claims, MAX_LIFETIME, newId } from './claims.ts';
import { fingerprint } from './digest.ts';
import type { MintingKey } from './keys.ts';
import type { OpenHandle } from './open.ts';
import { type SealOptions, seal } from './seal.ts';

/** What a new task's handle is to say. */
export interface Birth {
  /** `name@version`. */
  readonly kind: string;
  readonly state: unknown;
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds, 1 to 2,592,000 (30 days). */
  readonly lifetime: number;
  readonly audience?: string | undefined;
  /** As `subjectClaim` writes it. Absent: a bearer handle. */
  readonly subject?: string | undefined;
}

/** A handle and what it says. */
export interface IssuedHandle {
  readonly handle: string;
  readonly claims: Claims;
}

/**
 * Issues the first handle of a task: revision 1, with the deadline that all later ones share.
 *
 * @throws {StateTooLarge}
 * @throws {TypeError} where the state is not JSON
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

/** How a task moves on. */
export interface NextRevision {
  readonly state: unknown;
  /** The kind to re-issue as: the same, a later version of it where the state was migrated, or another that the task has become. */
  readonly kind: string;
  /** The moment at which the handle was opened. Seconds since 1970. */
  readonly now: number;
}

/**
 * Issues the successor of an opened handle: same task, same caller, same rights, same deadline, one revision on,
 * and `prv` naming the handle that it replaces. The one that was opened stays valid until `exp`: there is no store
 * that could forget it.
 *
 * @throws {StateTooLarge}
 * @throws {TypeError} where the state is not JSON
 */
export async function reissue(opened: OpenHandle, next: NextRevision, key: MintingKey, options?: SealOptions): Promise<IssuedHandle> {
  const { exp, scp } = opened.claims;
  return succeed(opened, { kind: next.kind, exp, scp, st: next.state }, next.now, key, options);
}

/** What is left to whoever gets an attenuated handle. */
export interface Attenuation {
  /** The rights that remain: some of those that the handle has, which are all where it has no `scp`. At least one. */
  readonly rights: readonly string[];
  /** No later than the handle's own `exp`. Seconds since 1970. */
  readonly exp: number;
  /** The moment at which the handle was opened. Seconds since 1970. */
  readonly now: number;
}

/**
 * Issues a successor of an opened handle that may do less and lasts no longer: the same task and state, for somebody
 * who is to have only a part in it. Rights never grow again along a lineage, nor does a deadline move on.
 *
 * @throws {RangeError} where it would allow more, last longer, or be born expired: a mistake in the calling code
 * @throws {StateTooLarge}
 */
export async function attenuate(opened: OpenHandle, remains: Attenuation, key: MintingKey, options?: SealOptions): Promise<IssuedHandle> {
  const { rights, exp, now } = remains;
  const { claims } = opened;
  if (!(rights.length > 0 && isWithin(rights, claims.scp))) throw new RangeError('attenuate: rights can only shrink');
  if (!(exp <= claims.exp && Math.max(now, claims.iat) < exp))
    throw new RangeError('attenuate: a deadline can only come nearer, and not be past');
  return succeed(opened, { kind: claims.kind, exp, scp: rights, st: claims.st }, now, key, options);
}

/** Whether rights are no more than others; no list of rights is all rights. */
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
    // A replica whose clock is behind must not issue what seems older than its predecessor.
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
