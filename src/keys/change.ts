/** Changes to a ring document: each takes the parsed entries and gives the new ones; none touches a file. */
import { RingError } from './errors.ts';
import { generatePair } from './generate.ts';
import type { JwkPair } from './jwk.ts';
import { stateOf } from './ring.ts';

export interface Rotation {
  /** Seconds since 1970. */
  readonly now: number;
  /** How long until the new pair mints, so that every replica has it by then. Seconds. */
  readonly activateIn: number;
  /** How long the new pair then mints. Seconds. */
  readonly lifetime: number;
}

/**
 * Adds a pair that mints from `now + activateIn` on, or sooner where what mints now ends sooner: there is no moment
 * at which nothing mints. Those that mint until then stop at that very moment and go on opening what they minted.
 * Entries that are gone are dropped.
 */
export async function rotate(pairs: readonly JwkPair[], { now, activateIn, lifetime }: Rotation): Promise<JwkPair[]> {
  const mintsUntil = pairs.filter((pair) => stateOfPair(pair, now) === 'active').map((pair) => pair.secret.exp);
  const nbf = Math.min(now + activateIn, Math.max(now, ...mintsUntil));
  const kept = pairs.filter((pair) => stateOfPair(pair, now) !== 'gone');
  const retiring = kept.map((pair) => (pair.secret.nbf < nbf && nbf < pair.secret.exp ? withMembers(pair, { exp: nbf }) : pair));
  return [...retiring, await generatePair({ iat: now, nbf, exp: nbf + lifetime })];
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
  return pairs.map(({ secret, signing: { d: _private, ...signing } }) => ({ secret, signing }));
}

function stateOfPair({ secret }: JwkPair, now: number) {
  return stateOf({ nbf: secret.nbf, exp: secret.exp, revoked: secret.revoked !== undefined }, now);
}

function withMembers(pair: JwkPair, members: Partial<Pick<JwkPair['secret'], 'exp' | 'revoked'>>): JwkPair {
  return { secret: { ...pair.secret, ...members }, signing: { ...pair.signing, ...members } };
}
