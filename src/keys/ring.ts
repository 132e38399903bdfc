/** The key ring with imported keys. The clock decides which entries open handles, and which mints: see `life.ts`. */
import { mintingKeyFrom, openingKeyFrom } from '#platform';
import { type MintingKey, type OpeningKey, utc } from '../handle/index.ts';
import { type JwkPair, parseDocument } from './document.ts';
import { RingError } from './errors.ts';
import { type KeyLife, keyStateAt } from './life.ts';
import type { Revocations } from './revocations.ts';

/** One pair of keys. Times are in seconds since 1970. */
export interface RingEntry extends KeyLife {
  readonly kid: string;
  /** Opens the handles with this `kid`. */
  readonly opening: OpeningKey;
  /** Makes handles. Absent in an inspector ring. */
  readonly minting?: MintingKey;
}

/** A key ring with imported keys. */
export interface Ring {
  readonly entries: readonly RingEntry[];
  /** Whether a server generated the ring for itself. Such a server may serve only clients on its own machine. */
  readonly development: boolean;
  readonly revocations: Revocations;
}

/**
 * Reads a ring and imports its keys. The ring may be an inspector ring, which cannot mint: {@link requireMinting}
 * refuses such a ring.
 *
 * @param text a JWK Set in JSON (RFC 7517 §5)
 * @throws {RingError} `invalid_ring`: the message names the wrong entry and member. It contains no value, because a
 *   value may be secret.
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { parseRing, type Ring, requireMinting } from 'waxseal/keys';
 *
 * async function load(ringText: string): Promise<Ring> {
 *   const ring = await parseRing(ringText);
 *   requireMinting(ring, systemClock());
 *   return ring;
 * }
 * ```
 */
export async function parseRing(text: string): Promise<Ring> {
  const { pairs, ...rest } = parseDocument(text);
  return { ...rest, entries: await Promise.all(pairs.map(importPair)) };
}

async function importPair({ secret, signing }: JwkPair): Promise<RingEntry> {
  const { kid, iat, nbf, exp, k } = secret;
  const { x, d } = signing;
  const life = { kid, iat, nbf, exp, revoked: secret.revoked !== undefined };
  try {
    if (d === undefined) return { ...life, opening: await openingKeyFrom({ kid, k, x }) };
    const minting = await mintingKeyFrom({ kid, k, x, d });
    await requireMatchingHalves(minting);
    return { ...life, opening: minting, minting };
  } catch (error) {
    if (error instanceof RingError) throw error;
    throw new RingError(`Key ring entry "${kid}": members "x" and "d" are not an Ed25519 pair.`);
  }
}

/** Some runtimes import keys `x` and `d` that do not match. A server would then reject its own handles. */
async function requireMatchingHalves(key: MintingKey): Promise<void> {
  const message = new TextEncoder().encode(key.kid);
  if (await key.verify(await key.sign(message), message)) return;
  throw new RingError(`Key ring entry "${key.kid}": member "d" does not belong to member "x".`);
}

/**
 * Returns the key that opens handles with a `kid` at a given time.
 *
 * @param now seconds since 1970
 * @returns the key; undefined if no entry has this `kid`, or the entry is gone or revoked
 *
 * @example
 * ```ts
 * import { type FindKey, systemClock } from 'waxseal/handle';
 * import { openingKey, type Ring } from 'waxseal/keys';
 *
 * const finderFor = (ring: Ring): FindKey => (kid) => openingKey(ring, kid, systemClock());
 * ```
 */
export function openingKey(ring: Ring, kid: string, now: number): OpeningKey | undefined {
  const entry = ring.entries.find((candidate) => candidate.kid === kid);
  const opens = entry !== undefined && ['pending', 'active', 'retired'].includes(keyStateAt(entry, now));
  return opens ? entry.opening : undefined;
}

/**
 * Returns the key that mints at a given time: the key of the newest active entry.
 *
 * @param now seconds since 1970
 * @returns the key; undefined if no entry is active, or this is an inspector ring. {@link requireMinting} says which.
 *
 * @example
 * ```ts
 * import { issue, systemClock } from 'waxseal/handle';
 * import { mintingKey, type Ring } from 'waxseal/keys';
 *
 * async function start(ring: Ring, state: unknown) {
 *   const now = systemClock();
 *   const key = mintingKey(ring, now);
 *   if (key === undefined) throw new Error('this ring cannot mint now');
 *   return issue({ kind: 'notes@1', state, now, lifetime: 3_600 }, key);
 * }
 * ```
 */
export function mintingKey(ring: Ring, now: number): MintingKey | undefined {
  return mintingEntry(ring, now)?.minting;
}

/**
 * Returns the entry that mints at a given time: the active entry with the latest `nbf`. Among equals, the latest `iat`
 * decides, then the `kid` that sorts first. In an inspector ring, this entry has no key that mints.
 *
 * @param now seconds since 1970
 * @returns the entry; undefined if no entry is active
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { mintingEntry, type Ring } from 'waxseal/keys';
 *
 * const mintingKid = (ring: Ring) => mintingEntry(ring, systemClock())?.kid;
 * ```
 */
export function mintingEntry(ring: Ring, now: number): RingEntry | undefined {
  const active = ring.entries.filter((entry) => keyStateAt(entry, now) === 'active');
  return active.sort((a, b) => b.nbf - a.nbf || b.iat - a.iat || (a.kid < b.kid ? -1 : 1))[0];
}

/**
 * Refuses a ring that cannot mint at a given time, and says why.
 *
 * @param now seconds since 1970
 * @throws {RingError} `invalid_ring`: no entry is active, or the active entry has no private key
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { parseRing, requireMinting } from 'waxseal/keys';
 *
 * const check = async (ringText: string) => requireMinting(await parseRing(ringText), systemClock());
 * ```
 */
export function requireMinting(ring: Ring, now: number): void {
  const entry = mintingEntry(ring, now);
  if (entry?.minting !== undefined) return;
  if (entry !== undefined) {
    throw new RingError(
      `Key ring entry "${entry.kid}": member "d" is missing, so this is an inspector ring: it opens handles and cannot mint. Use the full ring.`,
    );
  }
  const lives = ring.entries.map((candidate) => `"${candidate.kid}" is ${describeState(candidate, now)}`).join('; ');
  throw new RingError(`The key ring has no active entry, so it cannot mint: ${lives}. Add an entry with: waxseal keys rotate`);
}

function describeState(entry: RingEntry, now: number): string {
  const state = keyStateAt(entry, now);
  if (state === 'pending') return `pending until ${utc(entry.nbf)} (member "nbf")`;
  if (state === 'revoked') return 'revoked';
  return `${state} since ${utc(entry.exp)} (member "exp")`;
}
