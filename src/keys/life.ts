/**
 * The life of a pair of keys. Its state follows from the clock and the ring alone, so replicas agree on which pair opens
 * and which one mints without talking to each other.
 *
 *     pending --nbf--> active --exp--> retired --exp + 30 days--> gone        revoked, at any time
 *
 * Pending, active and retired pairs open handles. The newest active pair mints. All times are in seconds since 1970.
 */
import { MAX_LIFETIME } from '../handle/index.ts';

/** What decides the state of a pair. Times are in seconds since 1970. */
export interface KeyLife {
  /** When the pair was generated. */
  readonly iat: number;
  /** From when it may mint. */
  readonly nbf: number;
  /** Until when it may mint. */
  readonly exp: number;
  readonly revoked: boolean;
}

/** Where a pair is in its life. Only an active pair may mint; pending, active and retired pairs open handles. */
export type KeyState = 'pending' | 'active' | 'retired' | 'gone' | 'revoked';

/**
 * The state of a pair at a moment.
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
 * The moment until which minting can go on without a gap: from now until then, some pair may mint at every moment.
 *
 * @param now seconds since 1970
 * @returns seconds since 1970; `now` itself if no pair may mint now
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
 * Tells whether the ring should be rotated soon. This is so if no pair may mint now, or if the pair that mints last, before
 * the first gap, has less than a fifth of its minting time left.
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
 * The most handles that one AES-GCM key may seal under random IVs (NIST SP 800-38D §8.3). Derived IVs of 96 bits collide as
 * often as random IVs do.
 */
const HANDLES_A_KEY = 2 ** 32;

/**
 * The share of a key's budget of 2^32 handles that it has used up when it retires.
 *
 * @param rate handles a second
 * @returns a fraction: 1 means all of the budget
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
