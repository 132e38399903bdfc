import { mintingKey, type Ring } from '../keys/index.ts';

/** Whether this process can do its work, as `/readyz` answers it. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  readonly reason?: string;
}

/** Ready with a ring that can mint; without one, tasks can be read and neither started nor moved on. */
export function readiness(ring: Ring, now: number): Readiness {
  if (mintingKey(ring, now) !== undefined) return { status: 'ready' };
  return { status: 'not_ready', reason: 'the key ring has no active entry, so nothing can mint; see: waxseal keys list' };
}
