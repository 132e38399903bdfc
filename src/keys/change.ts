/** Changes to a ring document: each takes the parsed entries and gives the new ones; none touches a file. */
import { MAX_LIFETIME } from '../handle/index.ts';
import { type JwkPair, MAX_ENTRIES, type SigningJwk } from './document.ts';
import { RingError } from './errors.ts';
import { generatePair } from './generate.ts';
import { type KeyLife, mintsUntil } from './life.ts';

export interface Rotation {
  /** Seconds since 1970. */
  readonly now: number;
  /** How long until the new pair mints, so that every replica has it by then. Seconds. */
  readonly activateIn: number;
  /** How long the new pair then mints. Seconds. */
  readonly lifetime: number;
}

/**
 * Adds a pair that mints from `now + activateIn` on, or sooner where what mints until then ends sooner: there is no
 * moment at which nothing mints. Those that would mint beyond that moment stop at it, and go on opening what they
 * minted. Entries that open nothing any more by their age are dropped.
 *
 * @throws {RingError} where the ring is full
 */
export async function rotate(pairs: readonly JwkPair[], { now, activateIn, lifetime }: Rotation): Promise<JwkPair[]> {
  const nbf = Math.min(now + activateIn, mintsUntil(pairs.map(lifeOf), now));
  const kept = pairs.filter(({ secret }) => now < secret.exp + MAX_LIFETIME);
  if (kept.length >= MAX_ENTRIES) {
    throw new RingError(`The key ring is full: it has ${kept.length} entries that still open handles. Rotate less often.`);
  }
  const retiring = kept.map((pair) => (pair.secret.nbf < nbf && nbf < pair.secret.exp ? withMembers(pair, { exp: nbf }) : pair));
  return [...retiring, await generatePair({ iat: now, nbf, exp: nbf + lifetime })];
}

/** The life of a pair, as the clock judges it. */
export function lifeOf({ secret: { iat, nbf, exp, revoked } }: JwkPair): KeyLife {
  return { iat, nbf, exp, revoked: revoked !== undefined };
}

/**
 * Revokes a pair: every handle that it sealed stops opening, at once and for good.
 *
 * @throws {RingError} where no entry has that `kid`
 */
export function revoke(pairs: readonly JwkPair[], kid: string, now: number, reason?: string): JwkPair[] {
  if (!pairs.some((pair) => pair.secret.kid === kid)) {
    throw new RingError(`The key ring has no entry "${kid}". It has: ${pairs.map((pair) => pair.secret.kid).join(', ')}.`);
  }
  const revoked = { revoked_at: now, ...(reason !== undefined && { reason }) };
  return pairs.map((pair) => (pair.secret.kid === kid && !pair.secret.revoked ? withMembers(pair, { revoked }) : pair));
}

/** The ring without its private signing halves: it opens and verifies, and can never mint. */
export function withoutSigning(pairs: readonly JwkPair[]): JwkPair[] {
  return pairs.map(({ secret, signing }) => ({ secret, signing: publicHalf(signing) }));
}

/** The public verification keys alone, as a JWK Set: with them nothing opens, and nothing is secret. */
export function publicKeys(pairs: readonly JwkPair[]): { readonly keys: readonly SigningJwk[] } {
  return { keys: pairs.map(({ signing }) => publicHalf(signing)) };
}

function publicHalf({ d: _private, ...signing }: SigningJwk): SigningJwk {
  return signing;
}

function withMembers(pair: JwkPair, members: Partial<Pick<JwkPair['secret'], 'exp' | 'revoked'>>): JwkPair {
  return { secret: { ...pair.secret, ...members }, signing: { ...pair.signing, ...members } };
}
