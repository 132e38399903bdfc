import type { Claims } from './claims.ts';
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
 * Both must have been authenticated: this compares claims, it does not verify them.
 */
export async function succeeds({ claims: next }: Revision, { handle, claims: previous }: Revision): Promise<boolean> {
  return (
    next.jti === previous.jti &&
    next.rev === previous.rev + 1 &&
    next.prv === (await fingerprint(handle)) &&
    isWithin(next.scp, previous.scp) &&
    (next.exp === previous.exp || (next.scp !== undefined && next.exp < previous.exp))
  );
}
