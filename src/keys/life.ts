/**
 * The state of a pair of keys, which depends only on the ring and the clock. So all replicas agree without talking to
 * each other.
 *
 * - before `nbf`: pending
 * - from `nbf` to `exp`: active
 * - from `exp` to `exp` + 30 days: retired
 * - after that: gone
 * - once somebody has revoked the pair: revoked, at any time
 *
 * Pending, active and retired pairs open handles. The newest active pair mints. Times are in seconds since 1970.
 */
import { MAX_LIFETIME } from '../handle/index.ts';

/** What decides the state of a pair. Times are in seconds since 1970. */
export interface KeyLife {
  /** When the pair was generated. */
  readonly iat: number;
  /** When the pair may start minting. */
  readonly nbf: number;
  /** When the pair must stop minting. */
  readonly exp: number;
  readonly revoked: boolean;
}

/** The state of a pair. Only active pairs may mint. Pending, active and retired pairs open handles. */
export type KeyState = 'pending' | 'active' | 'retired' | 'gone' | 'revoked';

/**
 * Returns the state of a pair at a given time.
 *
 * @param now seconds since 1970
 *
 * @example
 * ```ts
 * import { keyStateAt } from 'waxseal/keys';
 *
 * keyStateAt({ nbf: 1_000, exp: 2_000, revoked: false }, 1_500); // active
 * ```
 */
export function keyStateAt({ nbf, exp, revoked }: Omit<KeyLife, 'iat'>, now: number): KeyState {
  if (revoked) return 'revoked';
  if (now < nbf) return 'pending';
  if (now < exp) return 'active';
  if (now < exp + MAX_LIFETIME) return 'retired';
  return 'gone';
}

/**
 * Returns the time until which the ring can mint without a gap.
 *
 * @param now seconds since 1970
 * @returns seconds since 1970; `now` itself if no pair can mint now
 *
 * @example
 * ```ts
 * import { systemClock, utc } from 'waxseal/handle';
 * import { mintsUntil, type Ring } from 'waxseal/keys';
 *
 * const endOfMinting = (ring: Ring) => utc(mintsUntil(ring.entries, systemClock()));
 * ```
 */
export function mintsUntil(lives: readonly KeyLife[], now: number): number {
  let until = now;
  for (const { nbf, exp, revoked } of [...lives].sort((a, b) => a.nbf - b.nbf)) {
    if (!revoked && nbf <= until && exp > until) until = exp;
  }
  return until;
}

/**
 * Tells whether the ring should be rotated soon. It should in two cases:
 * - No pair can mint now.
 * - Less than a fifth of a pair's minting time remains, and no other pair can mint after it.
 *
 * @param now seconds since 1970
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { needsSuccessor, type Ring } from 'waxseal/keys';
 *
 * function remind(ring: Ring): void {
 *   if (needsSuccessor(ring.entries, systemClock())) console.warn('Rotate the ring: waxseal keys rotate');
 * }
 * ```
 */
export function needsSuccessor(lives: readonly KeyLife[], now: number): boolean {
  const until = mintsUntil(lives, now);
  const last = lives.filter(({ exp, revoked }) => !revoked && exp === until).sort((a, b) => a.nbf - b.nbf)[0];
  return last === undefined || until - now < (last.exp - last.nbf) / 5;
}

/**
 * The maximum number of handles that one AES-GCM key may seal. NIST SP 800-38D §8.3 sets this limit for random IVs. It
 * also suits derived IVs, because derived IVs of 96 bits collide as often as random IVs of 96 bits.
 */
const HANDLES_A_KEY = 2 ** 32;

/**
 * Computes which part of a key's budget (2^32 handles) is used when the key retires.
 *
 * @param rate the number of handles that the key seals in a second
 * @returns a fraction: 1 means the whole budget
 *
 * @example
 * ```ts
 * import { budgetUsed, DEFAULT_KEY_LIFETIME } from 'waxseal/keys';
 *
 * budgetUsed({ nbf: 0, exp: DEFAULT_KEY_LIFETIME }, 100); // 0.73: 100 handles a second for a year
 * ```
 */
export function budgetUsed({ nbf, exp }: Pick<KeyLife, 'nbf' | 'exp'>, rate: number): number {
  return (rate * (exp - nbf)) / HANDLES_A_KEY;
}
