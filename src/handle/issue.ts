import { type Claims, MAX_LIFETIME, newId } from './claims.ts';
import { fingerprint } from './fingerprint.ts';
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
export interface Step {
  readonly state: unknown;
  /** The kind to re-issue as: another version of the same name, where the state was migrated. */
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
 */
export async function reissue(opened: OpenHandle, step: Step, key: MintingKey, options?: SealOptions): Promise<IssuedHandle> {
  const { jti, rev, exp, sub, aud, scp } = opened.claims;
  const claims: Claims = {
    jti,
    kind: step.kind,
    rev: rev + 1,
    // A replica whose clock is behind must not issue what seems older than its predecessor.
    iat: Math.max(step.now, opened.claims.iat),
    exp,
    prv: await fingerprint(opened.handle),
    ...(sub !== undefined && { sub }),
    ...(aud !== undefined && { aud }),
    ...(scp !== undefined && { scp }),
    st: step.state,
  };
  return { handle: await seal(claims, key, options), claims };
}
