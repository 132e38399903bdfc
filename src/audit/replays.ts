/** Old handles that come up again once a later one is known. */
import { isBefore, type OrderedPosition } from './ledger.ts';
import { groupBy, type Revision } from './lineage.ts';

export interface Replay {
  readonly revision: Revision;
  /** The revision that had been seen. */
  readonly newer: number;
  readonly position: OrderedPosition;
  /** Whether the line says that a client presented it. */
  readonly presented: boolean;
}

/** Where a later revision was seen first. */
interface Successor {
  readonly position: OrderedPosition;
  readonly number: number;
}

/**
 * Handles that are presented or mentioned after one that came from them was seen. What was delegated does not count: its
 * giver goes on with his own. Where the log does not have what a handle replaces, it is taken to come from all of the
 * revision before in its branch.
 *
 * @param lineage ordered by revision
 */
export function replaysIn(lineage: readonly Revision[]): Replay[] {
  const replays: Replay[] = [];
  const successors = new Map<Revision, Successor>();
  const orphans = new Map<string, Successor>();
  for (const group of groupBy(lineage.toReversed(), ({ branch, description }) => `${description.revision} ${branch}`).values()) {
    const branch = group[0]?.branch ?? '';
    const orphan = orphans.get(branch);
    orphans.delete(branch);
    for (const revision of group) {
      const { entry, description, parent, delegated } = revision;
      const successor = earlier(successors.get(revision), orphan);
      const replay = successor && lateUse(revision, successor);
      if (replay !== undefined) replays.push(replay);
      const seen = earlier({ position: entry.first, number: description.revision }, successor);
      if (parent === undefined) orphans.set(branch, earlier(seen, orphans.get(branch)));
      else if (!delegated) successors.set(parent, earlier(seen, successors.get(parent)));
    }
  }
  return replays;
}

function lateUse(revision: Revision, { position: since, number: newer }: Successor): Replay | undefined {
  const { lastPresented, lastMentioned } = revision.entry;
  const position = [lastPresented, lastMentioned].find((use) => use !== undefined && isBefore(since, use));
  return position && { revision, newer, position, presented: position === lastPresented };
}

function earlier(one: Successor, other: Successor | undefined): Successor;
function earlier(one: Successor | undefined, other: Successor | undefined): Successor | undefined;
function earlier(one: Successor | undefined, other: Successor | undefined): Successor | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isBefore(other.position, one.position) ? other : one;
}
