/** How the handles of one task come from each other. Claims are compared here, and verified elsewhere. */
import type { Claims } from './claims.ts';
import { descriptionOf, type HandleDescription } from './description.ts';
import { fingerprint } from './digest.ts';
import { isWithin } from './issue.ts';

/** A handle beside its authentic claims, as found in a log. */
export interface Revision {
  readonly handle: string;
  readonly claims: Claims;
}

/**
 * Whether one handle is the direct successor of another: the same task, one revision on, `prv` its predecessor's
 * fingerprint, no right that the other lacks, and the same deadline, or a nearer one where rights were left out.
 * Two different successors of one handle are a fork, unless one of them was attenuated for somebody else.
 *
 * @param fingerprint of the handle that may be the predecessor
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

/** The same of handles themselves. Both must have been authenticated. */
export async function succeeds({ claims: next }: Revision, { handle, claims: previous }: Revision): Promise<boolean> {
  return isSuccessor(descriptionOf(next), descriptionOf(previous), await fingerprint(handle));
}
