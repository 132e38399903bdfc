/**
 * Finds out which handle of a task is the successor of which other handle. The functions compare claims, and do not
 * verify them. So pass only claims that `open.ts` has verified.
 */
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
 * Tells whether one handle is the direct successor of a previous handle. A successor has the task and the deadline of
 * the previous handle, the next revision, the previous handle's fingerprint in `prv`, and no additional right. Only an
 * attenuated successor may have an earlier deadline.
 *
 * A handle with two different successors shows that the task has forked, unless one successor was attenuated for
 * somebody else.
 *
 * @param fingerprint the fingerprint of the previous handle
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
 * Does the same as {@link isSuccessor}, but takes two handles and their claims. The caller must have authenticated both
 * handles with {@link authenticate}.
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
