/** How the handles of one task come from each other. */
import { isWithin } from '../handle/index.ts';
import type { Told } from './description.ts';
import type { Entry } from './ledger.ts';

/** A handle in its task's lineage. */
export interface Revision {
  readonly entry: Entry;
  readonly told: Told;
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
  const told = entries.flatMap((entry) => (entry.told === undefined ? [] : [{ entry, told: entry.told }]));
  const ordered = told.sort((a, b) => a.told.revision - b.told.revision);
  const siblings = groupBy(ordered, ({ told: { previous } }) => previous);
  const known = new Map<string, Revision>();
  for (const { entry, told } of ordered) {
    const parent = told.previous === undefined ? undefined : known.get(told.previous);
    const precedes = parent !== undefined && parent.told.revision === told.revision - 1 ? parent : undefined;
    const wider = precedes ? [precedes.told] : widestOf((siblings.get(told.previous) ?? []).map((sibling) => sibling.told));
    const delegated = told.previous !== undefined && wider.some((other) => isLess(told, other));
    const branch = delegated ? entry.fingerprint : (precedes?.branch ?? rightsOf(told));
    known.set(entry.fingerprint, { entry, told, ...(precedes && { parent: precedes }), delegated, branch });
  }
  return [...known.values()];
}

/** One of each set of rights: siblings may be many, what they may do is not. */
function widestOf(siblings: readonly Told[]): Told[] {
  return [...new Map(siblings.map((told) => [`${rightsOf(told)} ${told.expiresAt}`, told])).values()];
}

/** Whether one may do less than another, or the same not as long. */
function isLess(told: Told, other: Told): boolean {
  const within = isWithin(told.rights, other.rights);
  return within && (!isWithin(other.rights, told.rights) || told.expiresAt < other.expiresAt);
}

function rightsOf({ rights }: Told): string {
  return rights === undefined ? '*' : [...rights].sort().join(' ');
}

/**
 * Handles that cannot both be right: different ones that replace the same one, or that have one revision while what came
 * before them is not in the log. A delegation beside its holder's own successor is none of them.
 */
export function forksIn(lineage: readonly Revision[]): Revision[][] {
  // Without a key there is no telling who handed on what.
  const own = lineage.filter(({ delegated, told }) => !delegated && (told.rights === undefined || told.previous !== undefined));
  const forks = [...groupBy(own, ({ told: { revision, previous }, branch }) => `${branch} ${revision} ${previous}`).values()];
  const ofOneRevision = groupBy(own, ({ told: { revision }, branch }) => `${branch} ${revision}`);
  for (const group of ofOneRevision.values()) {
    const differ = new Set(group.map(({ told }) => told.previous)).size === group.length;
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
