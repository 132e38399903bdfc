/** How the handles of one task come from each other. */
import { type HandleDescription, isSuccessor, isWithin } from '../handle/index.ts';
import type { Entry } from './ledger.ts';

/** A handle in its task's lineage. */
export interface Revision {
  readonly entry: Entry;
  readonly description: HandleDescription;
  /** The handle that it replaces, where the log has it. */
  readonly parent?: Revision;
  /** It was made for somebody else, beside its holder's own: it may do less than what it came from, or not as long. */
  readonly delegated: boolean;
  /** What it has in common with the handles that replace each other in one holder's hands. */
  readonly branch: string;
}

/**
 * Orders the handles of one task, each after the one that it came from, and says in whose hands they are: a delegation
 * begins a branch of its own. Where the predecessor is not in the log, what has the same rights is taken for one branch.
 */
export function lineageOf(entries: readonly Entry[]): Revision[] {
  const described = entries.flatMap((entry) => (entry.description === undefined ? [] : [{ entry, description: entry.description }]));
  const ordered = described.sort((a, b) => a.description.revision - b.description.revision);
  const siblings = groupBy(ordered, ({ description: { previous } }) => previous);
  const known = new Map<string, Revision>();
  for (const { entry, description } of ordered) {
    const { previous } = description;
    const replaced = previous === undefined ? undefined : known.get(previous);
    const parent = replaced && isSuccessor(description, replaced.description, replaced.entry.fingerprint) ? replaced : undefined;
    const wider = parent ? [parent.description] : widestOf((siblings.get(previous) ?? []).map((sibling) => sibling.description));
    const delegated = previous !== undefined && wider.some((other) => isLess(description, other));
    const branch = delegated ? entry.fingerprint : (parent?.branch ?? rightsOf(description));
    known.set(entry.fingerprint, { entry, description, ...(parent && { parent }), delegated, branch });
  }
  return [...known.values()];
}

/** One of each set of rights: siblings may be many, what they may do is not. */
function widestOf(siblings: readonly HandleDescription[]): HandleDescription[] {
  return [...new Map(siblings.map((sibling) => [`${rightsOf(sibling)} ${sibling.expiresAt}`, sibling])).values()];
}

/** Whether one may do less than another, or the same not as long. */
function isLess(one: HandleDescription, other: HandleDescription): boolean {
  const within = isWithin(one.rights, other.rights);
  return within && (!isWithin(other.rights, one.rights) || one.expiresAt < other.expiresAt);
}

function rightsOf({ rights }: HandleDescription): string {
  return rights === undefined ? '*' : [...rights].sort().join(' ');
}

/**
 * Handles that cannot both be right: different ones that replace the same one, or that have one revision while what came
 * before them is not in the log. A delegation beside its holder's own successor is none of them.
 */
export function forksIn(lineage: readonly Revision[]): Revision[][] {
  // Without a key there is no telling who handed on what.
  const own = lineage.filter(
    ({ delegated, description }) => !delegated && (description.rights === undefined || description.previous !== undefined),
  );
  const forks = [...groupBy(own, ({ description: { revision, previous }, branch }) => `${branch} ${revision} ${previous}`).values()];
  const ofOneRevision = groupBy(own, ({ description: { revision }, branch }) => `${branch} ${revision}`);
  for (const group of ofOneRevision.values()) {
    const differ = new Set(group.map(({ description }) => description.previous)).size === group.length;
    // Those whose predecessors are there continue a fork that was found further up.
    if (differ && group.some(({ parent }) => parent === undefined)) forks.push(group);
  }
  return forks.filter((group) => group.length > 1);
}

export function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
