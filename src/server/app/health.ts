import { mintingKey, needsSuccessor, type Ring } from '../../keys/index.ts';

/** The body of the response to `/healthz`. A process that responds is alive. */
export const ALIVE = { status: 'ok' };

/** The body of the response to `/readyz`: whether this process can start and continue tasks. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  /** Present if the process is not ready. */
  readonly reason?: string;
  /** A problem to solve soon. The process can still serve. */
  readonly warning?: string;
}

/** The body of the response to `/readyz` while the process stops. */
export const STOPPING: Readiness = { status: 'not_ready', reason: 'This process is stopping.' };

/** The warning about a changed ring. Anyone can read `/readyz`, so the warning gives no details. */
const RING_OUTDATED = 'The key ring has changed and cannot be used; the server keeps the previous ring. The log says what is wrong.';

/**
 * Tells whether a server is ready. If its ring cannot mint (issue handles), the server can only read tasks.
 *
 * @param now seconds since 1970
 */
export function readiness(ring: Ring, now: number): Readiness {
  if (mintingKey(ring, now) === undefined) {
    return { status: 'not_ready', reason: 'The key ring has no active entry, so it cannot mint. Add an entry with: waxseal keys rotate' };
  }
  if (!needsSuccessor(ring.entries, now)) return { status: 'ready' };
  const warning =
    'Less than a fifth of the minting time of the last key is left, and the key has no successor. Add a key with: waxseal keys rotate';
  return { status: 'ready', warning };
}

/**
 * Returns the status and the body of the response to `/readyz`.
 *
 * @param now seconds since 1970
 * @param isRingOutdated whether the ring's file has changed, but the new ring could not be used
 */
export function readinessAnswer(ring: Ring, now: number, isRingOutdated = false): { status: 200 | 503; body: Readiness } {
  const found = readiness(ring, now);
  const body = isRingOutdated ? { ...found, warning: RING_OUTDATED } : found;
  return { status: found.status === 'ready' ? 200 : 503, body };
}
