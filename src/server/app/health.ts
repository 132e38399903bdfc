import { mintingKey, needsSuccessor, type Ring } from '../../keys/index.ts';

/** What `/healthz` answers: a process that answers is alive. */
export const ALIVE = { status: 'ok' };

/** Whether this process can do its work, as `/readyz` answers it. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  readonly reason?: string;
  /** Ready now, and not for long. */
  readonly warning?: string;
}

/** For who asks on a connection that was open before a stop; others are refused one. */
export const STOPPING: Readiness = { status: 'not_ready', reason: 'This process is stopping.' };

/** Why is not for everyone. */
const RING_OUTDATED = 'The key ring has changed and cannot be used as it is; the one before it is in use. The log says what is wrong.';

/**
 * Ready with a ring that can mint; without one, tasks can be read and neither started nor moved on.
 *
 * @param now seconds since 1970
 */
export function readiness(ring: Ring, now: number): Readiness {
  if (mintingKey(ring, now) === undefined) {
    return { status: 'not_ready', reason: 'The key ring has no active entry, so nothing can mint. Add one with: waxseal keys rotate' };
  }
  if (!needsSuccessor(ring.entries, now)) return { status: 'ready' };
  const warning =
    'Less than a fifth is left of the life of the last key that mints, and it has no successor. Add one with: waxseal keys rotate';
  return { status: 'ready', warning };
}

/**
 * What `/readyz` answers: the HTTP status, and what is to be sent as JSON.
 *
 * @param now seconds since 1970
 * @param isRingOutdated whether the ring has changed and the change was not taken up
 */
export function readinessAnswer(ring: Ring, now: number, isRingOutdated = false): { status: 200 | 503; body: Readiness } {
  const found = readiness(ring, now);
  const body = isRingOutdated ? { ...found, warning: RING_OUTDATED } : found;
  return { status: found.status === 'ready' ? 200 : 503, body };
}
