/** Compares claims to find the successor of a handle. Pass only claims that `open.ts` has verified. */
import type { Claims } from './claims.ts';
import { descriptionOf, type HandleDescription } from './description.ts';
import { fingerprint } from './digest.ts';
import { isWithin } from './issue.ts';

/** A handle from a log, and its authentic claims. */
export interface Revision {
  readonly handle: string;
  readonly claims: Claims;
}

/**
 * Tells whether one handle is the direct successor of another. A successor has:
 * - the same task and the same deadline (after attenuation, an earlier deadline is possible)
 * - the next revision number
 * - the fingerprint of the previous handle in `prv`
 * - no right that the previous handle lacks
 *
 * Two different successors show that the task has forked. The exception is a successor attenuated for somebody else.
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
 * Works like {@link isSuccessor}, but takes two handles and their claims. Authenticate both handles first, with
 * {@link authenticate}.
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
