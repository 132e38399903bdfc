/** Changes to key rings. The functions take the entries of a ring and return new entries. They touch no files. */
import { MAX_LIFETIME } from '../handle/index.ts';
import { type JwkPair, MAX_ENTRIES, type SigningJwk } from './document.ts';
import { RingError } from './errors.ts';
import { generatePair } from './generate.ts';
import { type KeyLife, mintsUntil } from './life.ts';

/** When a new pair of keys starts minting, and for how long it mints. */
export interface Rotation {
  /** The present time. Seconds since 1970. */
  readonly now: number;
  /** Seconds until the new pair starts minting. Every replica must receive the new ring within this time. */
  readonly activateIn: number;
  /** How long the new pair mints, in seconds. */
  readonly lifetime: number;
}

/**
 * Adds a pair of keys that starts minting at `now + activateIn`. If the present pairs stop minting earlier, the new
 * pair starts when they stop, so that some pair can mint at every moment.
 *
 * When the new pair starts, the active pairs stop minting. They still open the handles that they sealed. Entries too
 * old to open any handle are left out.
 *
 * @param pairs the entries of the present ring
 * @throws {RingError} `invalid_ring`: the ring is full, because 100 of its entries can still open handles
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { DEFAULT_KEY_LIFETIME, parseDocument, rotate, toDocument, toText } from 'waxseal/keys';
 *
 * async function rotated(ringText: string): Promise<string> {
 *   const { pairs, ...rest } = parseDocument(ringText);
 *   const rotation = { now: systemClock(), activateIn: 600, lifetime: DEFAULT_KEY_LIFETIME };
 *   return toText(toDocument(await rotate(pairs, rotation), rest));
 * }
 * ```
 */
export async function rotate(pairs: readonly JwkPair[], { now, activateIn, lifetime }: Rotation): Promise<JwkPair[]> {
  const nbf = Math.min(now + activateIn, mintsUntil(pairs.map(lifeOf), now));
  const kept = pairs.filter(({ secret }) => now < secret.exp + MAX_LIFETIME);
  if (kept.length >= MAX_ENTRIES) {
    throw new RingError(
      `The key ring is full: it has ${kept.length} entries, and every entry may still have valid handles. Rotate less often.`,
    );
  }
  const retiring = kept.map((pair) => (pair.secret.nbf < nbf && nbf < pair.secret.exp ? withMembers(pair, { exp: nbf }) : pair));
  return [...retiring, await generatePair({ iat: now, nbf, exp: nbf + lifetime })];
}

/**
 * Returns the times of a pair of keys, and whether it is revoked. `keyStateAt` takes this and returns the pair's state.
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { type JwkPair, keyStateAt, lifeOf } from 'waxseal/keys';
 *
 * const stateNow = (pair: JwkPair) => keyStateAt(lifeOf(pair), systemClock());
 * ```
 */
export function lifeOf({ secret: { iat, nbf, exp, revoked } }: JwkPair): KeyLife {
  return { iat, nbf, exp, revoked: revoked !== undefined };
}

/**
 * Revokes a pair of keys for good. Replicas with the new ring open no handle that the pair sealed. An earlier
 * revocation of the pair keeps its time and reason.
 *
 * @param now seconds since 1970
 * @param reason a note for operators. The ring's document keeps it, and no caller sees it.
 * @throws {RingError} `invalid_ring`: no entry has this `kid`
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { parseDocument, revoke, toDocument, toText } from 'waxseal/keys';
 *
 * function revoked(ringText: string, kid: string): string {
 *   const { pairs, ...rest } = parseDocument(ringText);
 *   return toText(toDocument(revoke(pairs, kid, systemClock(), 'leaked'), rest));
 * }
 * ```
 */
export function revoke(pairs: readonly JwkPair[], kid: string, now: number, reason?: string): JwkPair[] {
  if (!pairs.some((pair) => pair.secret.kid === kid)) {
    throw new RingError(`The key ring has no entry "${kid}". It has: ${pairs.map((pair) => pair.secret.kid).join(', ')}.`);
  }
  const revoked = { revoked_at: now, ...(reason !== undefined && { reason }) };
  return pairs.map((pair) => (pair.secret.kid === kid && !pair.secret.revoked ? withMembers(pair, { revoked }) : pair));
}

/**
 * Makes the entries of an inspector ring: the private signing keys are left out. An inspector ring opens and verifies
 * handles, and cannot mint. Keep it secret all the same: it decrypts every handle.
 *
 * @example
 * ```ts
 * import { parseDocument, toDocument, toText, withoutSigning } from 'waxseal/keys';
 *
 * const inspectorRing = (ringText: string) => toText(toDocument(withoutSigning(parseDocument(ringText).pairs)));
 * ```
 */
export function withoutSigning(pairs: readonly JwkPair[]): JwkPair[] {
  return pairs.map(({ secret, signing }) => ({ secret, signing: publicHalf(signing) }));
}

/**
 * Returns the public verification keys as a JWK Set (RFC 7517 §5). The set holds no secret, and cannot open handles.
 *
 * @example
 * ```ts
 * import { parseDocument, publicKeys } from 'waxseal/keys';
 *
 * const jwks = (ringText: string) => JSON.stringify(publicKeys(parseDocument(ringText).pairs));
 * ```
 */
export function publicKeys(pairs: readonly JwkPair[]): { readonly keys: readonly SigningJwk[] } {
  return { keys: pairs.map(({ signing }) => publicHalf(signing)) };
}

function publicHalf({ d: _private, ...signing }: SigningJwk): SigningJwk {
  return signing;
}

function withMembers(pair: JwkPair, members: Partial<Pick<JwkPair['secret'], 'exp' | 'revoked'>>): JwkPair {
  return { secret: { ...pair.secret, ...members }, signing: { ...pair.signing, ...members } };
}
