/**
 * The life of a pair of keys. The clock alone governs it, so that replicas agree on what opens and what mints
 * without talking to each other.
 *
 *     pending --nbf--> active --exp--> retired --exp + 30 days--> gone        revoked, at any time
 *
 * All but the gone and the revoked open handles; the newest of the active mints. All times are seconds since 1970.
 */
import { MAX_LIFETIME } from '../handle/index.ts';

export interface KeyLife {
  /** When it was made. */
  readonly iat: number;
  /** From when it may mint. */
  readonly nbf: number;
  /** Until when it may mint. */
  readonly exp: number;
  readonly revoked: boolean;
}

export type KeyState = 'pending' | 'active' | 'retired' | 'gone' | 'revoked';

/** Where a pair is in its life. */
export function keyStateAt({ nbf, exp, revoked }: Omit<KeyLife, 'iat'>, now: number): KeyState {
  if (revoked) return 'revoked';
  if (now < nbf) return 'pending';
  if (now < exp) return 'active';
  if (now < exp + MAX_LIFETIME) return 'retired';
  return 'gone';
}

/** Until when, without a gap from now on, some pair may mint; `now` itself where none may. */
export function mintsUntil(lives: readonly KeyLife[], now: number): number {
  let until = now;
  for (const { nbf, exp, revoked } of [...lives].sort((a, b) => a.nbf - b.nbf)) {
    if (!revoked && nbf <= until && exp > until) until = exp;
  }
  return until;
}

/** Whether minting is to end soon: less than a fifth is left of the life of the last pair that mints without a gap. */
export function needsSuccessor(lives: readonly KeyLife[], now: number): boolean {
  const until = mintsUntil(lives, now);
  const last = lives.filter(({ exp, revoked }) => !revoked && exp === until).sort((a, b) => a.nbf - b.nbf)[0];
  return last === undefined || until - now < (last.exp - last.nbf) / 5;
}

/** How many handles one AES-GCM key may seal under random IVs (NIST SP 800-38D §8.3). */
const HANDLES_A_KEY = 2 ** 32;

/** Which share of what a key may seal is used up when it retires. @param rate handles a second */
export function budgetUsed({ nbf, exp }: Pick<KeyLife, 'nbf' | 'exp'>, rate: number): number {
  return (rate * (exp - nbf)) / HANDLES_A_KEY;
}
