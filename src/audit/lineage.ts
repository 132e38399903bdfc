/**
 * Orders the handles of a task into a lineage: each handle comes after the handle that it replaces. Also finds forks.
 */
import { type HandleDescription, isSuccessor, isWithin } from '../handle/index.ts';
import type { Entry } from './ledger.ts';

/** A handle in the lineage of its task. */
export interface Revision {
  readonly entry: Entry;
  readonly description: HandleDescription;
  /** The handle that this handle replaces. Absent if the log does not contain it. */
  readonly parent?: Revision;
  /** Whether the handle was made for another holder, with fewer rights or a nearer deadline than its predecessor. */
  readonly delegated: boolean;
  /** The original, if this handle is a copy: the same signed claims, encrypted again. */
  readonly original?: Revision;
  /** The name of the branch. A branch has the handles of one holder, who replaces each handle by the next. */
  readonly branch: string;
}

/**
 * Makes the lineage of one task from its handles. A delegation begins a branch. Handles whose predecessor is unknown
 * form one branch for each set of rights.
 */
export function lineageOf(entries: readonly Entry[]): Revision[] {
  const described = entries.flatMap((entry) => (entry.description === undefined ? [] : [{ entry, description: entry.description }]));
  const ordered = described.sort((a, b) => a.description.revision - b.description.revision);
  const widest = widestByPrevious(ordered.map(({ description }) => description));
  const named = new Set(ordered.map(({ description: { previous } }) => previous));
  const bySignature = groupBy(ordered, ({ entry: { signed } }) => signed);
  const originals = new Map(
    Array.from(bySignature, ([signed, same]) => [
      signed,
      originalOf(
        same.map(({ entry }) => entry),
        named,
      ),
    ]),
  );
  const known = new Map<string, Revision[]>();
  const lineage: Revision[] = [];
  const copies: Revision[] = [];
  for (const { entry, description } of ordered) {
    const { previous } = description;
    const parent = (known.get(previous ?? '') ?? []).find((one) => isSuccessor(description, one.description, one.entry.fingerprint));
    const wider = parent ? [parent.description] : (widest.get(previous) ?? []);
    const delegated = previous !== undefined && wider.some((other) => isLess(description, other));
    const branch = delegated ? (entry.signed ?? entry.fingerprint) : (parent?.branch ?? rightsOf(description));
    const revision = { entry, description, ...(parent && { parent }), delegated, branch };
    if (entry.signed !== undefined && originals.get(entry.signed) !== entry) {
      copies.push(revision);
      continue;
    }
    lineage.push(revision);
    const others = known.get(entry.fingerprint);
    if (others === undefined) known.set(entry.fingerprint, [revision]);
    else others.push(revision);
  }
  return withCopies(lineage, copies);
}

/**
 * Chooses the original among handles with the same signed claims. The best choice is a handle that a successor names,
 * because a replica accepted that handle. Next comes a handle that was issued in an answer.
 */
function originalOf(same: readonly Entry[], named: ReadonlySet<string | undefined>): Entry | undefined {
  return same.find(({ fingerprint }) => named.has(fingerprint)) ?? same.find(({ issued }) => issued) ?? same[0];
}

/** Puts each copy after its original. */
function withCopies(lineage: readonly Revision[], copies: readonly Revision[]): Revision[] {
  const bySignature = groupBy(copies, ({ entry: { signed } }) => signed);
  return lineage.flatMap((original) => {
    const same = original.entry.signed === undefined ? [] : (bySignature.get(original.entry.signed) ?? []);
    return [original, ...same.map((copy) => ({ ...copy, original }))];
  });
}

/**
 * How many sets of rights are compared for one replaced handle. A client can delegate a handle in any number of ways.
 */
const MOST_COMPARED = 64;

/**
 * Groups handles by their predecessor. Each group keeps one handle for each set of rights: the handle that expires
 * last. The largest sets come first.
 */
function widestByPrevious(descriptions: readonly HandleDescription[]): Map<string | undefined, HandleDescription[]> {
  const siblings = groupBy(
    descriptions.filter(({ previous }) => previous !== undefined),
    ({ previous }) => previous,
  );
  return new Map(
    Array.from(siblings, ([previous, all]) => {
      const longest = new Map<string, HandleDescription>();
      for (const sibling of all) {
        const rights = rightsOf(sibling);
        if (sibling.expiresAt > (longest.get(rights)?.expiresAt ?? 0)) longest.set(rights, sibling);
      }
      const size = ({ rights }: HandleDescription) => rights?.length ?? Number.POSITIVE_INFINITY;
      const widest = [...longest.values()].sort((a, b) => (size(a) === size(b) ? 0 : size(b) - size(a)));
      return [previous, widest.slice(0, MOST_COMPARED)];
    }),
  );
}

/** Tells whether a handle has fewer rights than another handle, or the same rights and a nearer deadline. */
function isLess(one: HandleDescription, other: HandleDescription): boolean {
  const within = isWithin(one.rights, other.rights);
  return within && (!isWithin(other.rights, one.rights) || one.expiresAt < other.expiresAt);
}

function rightsOf({ rights }: HandleDescription): string {
  return rights === undefined ? '*' : [...rights].sort().join(' ');
}

/**
 * Finds forks: different handles that replace the same handle, or that have the same revision but no predecessor in the
 * log. A delegated handle makes no fork.
 */
export function forksIn(lineage: readonly Revision[]): Revision[][] {
  // A handle with limited rights counts only if its description names the predecessor. Without a key, the description
  // does not name it, and nobody can tell whether the handle is a delegation.
  const own = lineage.filter(
    ({ delegated, original, description }) =>
      !delegated && original === undefined && (description.rights === undefined || description.previous !== undefined),
  );
  const forks = [...groupBy(own, ({ description: { revision, previous }, branch }) => `${branch} ${revision} ${previous}`).values()];
  const ofOneRevision = groupBy(own, ({ description: { revision }, branch }) => `${branch} ${revision}`);
  for (const group of ofOneRevision.values()) {
    const differ = new Set(group.map(({ description }) => description.previous)).size === group.length;
    // If all predecessors are in the log, the group only continues an earlier fork.
    if (differ && group.some(({ parent }) => parent === undefined)) forks.push(group);
  }
  return forks.filter((group) => group.length > 1);
}

/** Groups items by a key. The groups, and the items in each group, keep their order. */
export function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
