import type { Claims } from './claims.ts';
import { fingerprint } from './fingerprint.ts';

/** A handle beside its authentic claims, as found in a log. */
export interface Revision {
  readonly handle: string;
  readonly claims: Claims;
}

/**
 * Whether one handle is the direct successor of another: same task and deadline, one revision on, and `prv` its
 * predecessor's fingerprint. Two different successors of one handle are a fork.
 *
 * Both must have been authenticated: this compares claims, it does not verify them.
 */
export async function succeeds(next: Revision, previous: Revision): Promise<boolean> {
  return (
    next.claims.jti === previous.claims.jti &&
    next.claims.exp === previous.claims.exp &&
    next.claims.rev === previous.claims.rev + 1 &&
    next.claims.prv === (await fingerprint(previous.handle))
  );
}
