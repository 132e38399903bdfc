import { mintingKey, needsSuccessor, type Ring } from '../../keys/index.ts';

/** Whether this process can do its work, as `/readyz` answers it. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  readonly reason?: string;
  /** Ready now, and not for long. */
  readonly warning?: string;
}

/** Ready with a ring that can mint; without one, tasks can be read and neither started nor moved on. */
export function readiness(ring: Ring, now: number): Readiness {
  if (mintingKey(ring, now) === undefined) {
    return { status: 'not_ready', reason: 'The key ring has no active entry, so nothing can mint. Add one with: waxseal keys rotate' };
  }
  if (!needsSuccessor(ring.entries, now)) return { status: 'ready' };
  const warning =
    'Less than a fifth is left of the life of the last key that mints, and it has no successor. Add one with: waxseal keys rotate';
  return { status: 'ready', warning };
}
