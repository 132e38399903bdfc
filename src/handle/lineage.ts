/** The lineage of a task: which handle is the successor of which. This module compares claims that `open.ts` has verified. */
import type { Claims } from './claims.ts';
import { descriptionOf, type HandleDescription } from './description.ts';
import { fingerprint } from './digest.ts';
import { isWithin } from './issue.ts';

/** A handle found in a log, and its authentic claims. */
export interface Revision {
  readonly handle: string;
  readonly claims: Claims;
}

/**
 * Tells whether one handle is the direct successor of another. A successor has the same task, the next revision, the
 * other handle's fingerprint as `prv`, no additional right, and the same deadline. An attenuated successor may have an
 * earlier deadline.
 *
 * If one handle has two different successors, the task has forked, unless one of them was attenuated for somebody else.
 *
 * @param fingerprint the fingerprint of the handle that may be the predecessor
 *
 * @example
 * ```ts
 * import { type HandleDescription, isSuccessor } from 'waxseal/handle';
 *
 * const isFork = (one: HandleDescription, other: HandleDescription, parent: HandleDescription, parentFingerprint: string) =>
 *   [one, other].every((next) => isSuccessor(next, parent, parentFingerprint));
 * ```
 */
export function isSuccessor(next: HandleDescription, previous: HandleDescription, fingerprint: string): boolean {
  return (
    next.id === previous.id &&
    next.revision === previous.revision + 1 &&
    next.previous === fingerprint &&
    isWithin(next.rights, previous.rights) &&
    (next.expiresAt === previous.expiresAt || (next.rights !== undefined && next.expiresAt < previous.expiresAt))
  );
}

/**
 * Tells whether one handle is the direct successor of another, from the handles and their claims.
 * Both handles must have been authenticated; see {@link authenticate}.
 *
 * @example
 * ```ts
 * import { type Revision, succeeds } from 'waxseal/handle';
 *
 * const isNext = (next: Revision, previous: Revision) => succeeds(next, previous);
 * ```
 */
export async function succeeds({ claims: next }: Revision, { handle, claims: previous }: Revision): Promise<boolean> {
  return isSuccessor(descriptionOf(next), descriptionOf(previous), await fingerprint(handle));
}
