import { mintingKey, needsSuccessor, type Ring } from '../../keys/index.ts';

/** The body of the response to `/healthz`. It is always the same, because a process that responds at all is alive. */
export const ALIVE = { status: 'ok' };

/** The body of the response to `/readyz`. It tells whether this process can start and continue tasks. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  /** Why the process is not ready. */
  readonly reason?: string;
  /** A problem that somebody should solve soon, although the process can serve now. */
  readonly warning?: string;
}

/** The body of the response to `/readyz` while the process stops. */
export const STOPPING: Readiness = { status: 'not_ready', reason: 'This process is stopping.' };

/** The warning about a changed ring. It does not say what is wrong with the ring, because anyone can read `/readyz`. */
const RING_OUTDATED = 'The key ring has changed and cannot be used; the server keeps the previous ring. The log says what is wrong.';

/**
 * Tells whether a server is ready. A server is ready if its ring can mint (issue handles). If the ring cannot mint, the
 * server can still read tasks, but cannot start or continue tasks.
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
 * Returns the HTTP status and the JSON body of the response to `/readyz`.
 *
 * @param now seconds since 1970
 * @param isRingOutdated whether the server keeps an old ring, because it could not use the changed ring
 */
export function readinessAnswer(ring: Ring, now: number, isRingOutdated = false): { status: 200 | 503; body: Readiness } {
  const found = readiness(ring, now);
  const body = isRingOutdated ? { ...found, warning: RING_OUTDATED } : found;
  return { status: found.status === 'ready' ? 200 : 503, body };
}
