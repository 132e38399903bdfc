/** The key ring: pairs of keys, ready for use, of which the clock says what opens and what mints. See `life.ts`. */
import { mintingKeyFrom, openingKeyFrom } from '#platform';
import { type MintingKey, type OpeningKey, utc } from '../handle/index.ts';
import { type JwkPair, parseDocument } from './document.ts';
import { RingError } from './errors.ts';
import { type KeyLife, keyStateAt } from './life.ts';
import type { Revocations } from './revocations.ts';

/** One pair of the ring, ready for use. Times in seconds since 1970. */
export interface RingEntry extends KeyLife {
  readonly kid: string;
  readonly opening: OpeningKey;
  /** Absent from an inspector ring. */
  readonly minting?: MintingKey;
}

/** A ring that was read and imported. */
export interface Ring {
  readonly entries: readonly RingEntry[];
  /** A server generated it for itself; not for use beyond this machine. */
  readonly development: boolean;
  readonly revocations: Revocations;
}

/**
 * Reads a ring from its text (a JWK Set) and imports its keys.
 * An inspector ring, which opens but cannot mint, is a ring too: see {@link requireMinting}.
 *
 * @throws {RingError} naming the entry and the member that is wrong, and no value
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

/** Not every runtime checks on import that `d` belongs to `x`, and a server with such a pair would issue what it then rejects. */
async function requireMatchingHalves(key: MintingKey): Promise<void> {
  const message = new TextEncoder().encode(key.kid);
  if (await key.verify(await key.sign(message), message)) return;
  throw new RingError(`Key ring entry "${key.kid}": member "d" does not belong to member "x".`);
}

/** The pair that may open handles named `kid` at a moment; undefined where none may. */
export function openingKey(ring: Ring, kid: string, now: number): OpeningKey | undefined {
  const entry = ring.entries.find((candidate) => candidate.kid === kid);
  const opens = entry !== undefined && ['pending', 'active', 'retired'].includes(keyStateAt(entry, now));
  return opens ? entry.opening : undefined;
}

/** The pair that mints at a moment: the newest active one; undefined where there is none, or its private half is not here. */
export function mintingKey(ring: Ring, now: number): MintingKey | undefined {
  return mintingEntry(ring, now)?.minting;
}

/** The entry that mints at a moment, whether or not its private half is here. Of two with the same `nbf`, the one made last, then the first by `kid`. */
export function mintingEntry(ring: Ring, now: number): RingEntry | undefined {
  const active = ring.entries.filter((entry) => keyStateAt(entry, now) === 'active');
  return active.sort((a, b) => b.nbf - a.nbf || b.iat - a.iat || (a.kid < b.kid ? -1 : 1))[0];
}

/**
 * Refuses a ring that cannot mint at a moment, and says why.
 *
 * @throws {RingError}
 */
export function requireMinting(ring: Ring, now: number): void {
  const entry = mintingEntry(ring, now);
  if (entry?.minting !== undefined) return;
  if (entry !== undefined) {
    throw new RingError(
      `Key ring entry "${entry.kid}": member "d" is missing, so this is an inspector ring: it opens handles and cannot mint them. Use the full ring.`,
    );
  }
  const lives = ring.entries.map((candidate) => `"${candidate.kid}" is ${describeState(candidate, now)}`).join('; ');
  throw new RingError(`The key ring has no active entry, so nothing can mint: ${lives}. Add one with: waxseal keys rotate`);
}

function describeState(entry: RingEntry, now: number): string {
  const state = keyStateAt(entry, now);
  if (state === 'pending') return `pending until ${utc(entry.nbf)} (member "nbf")`;
  if (state === 'revoked') return 'revoked';
  return `${state} since ${utc(entry.exp)} (member "exp")`;
}
