/** Finds replays: uses of an old handle after a later handle of the same task was seen. */
import { groupBy, type Revision } from './lineage.ts';
import { byAppearance, firstOf, isBefore, isClearlyBefore, isOrderUnknown, isReversed, type Position, type Source } from './order/order.ts';
import type { Use } from './uses.ts';

export interface Replay {
  readonly revision: Revision;
  /** The number of the later revision that was seen before this use. */
  readonly newer: number;
  readonly position: Position;
  /** Whether the log says that a client presented the handle. */
  readonly presented: boolean;
  /**
   * Why the replay is uncertain. Absent if it is certain.
   *
   * - `order`: the clocks of two logs may differ, or the lines of one log have no clear order
   * - `repetition`: the logs may only repeat an earlier use
   */
  readonly doubt?: 'order' | 'repetition' | undefined;
  /** The positions of further replays of this handle. */
  readonly again: readonly Position[];
}

export interface Replays {
  readonly replays: readonly Replay[];
  /** The number of handles that may have been replayed: the logs do not tell whether a later revision came first. */
  readonly unordered: number;
}

/** A later revision: the position at which it was first seen, and its number. */
interface Successor {
  readonly position: Position;
  readonly number: number;
}

/** The positions at which later revisions were first seen: one in each log, and the one with the earliest time. */
interface Successors {
  readonly bySource: Map<Source, Successor>;
  timed?: Successor;
  /** A log in which a later revision has no time. `isUntimedElsewhere` means that a second log also has such a revision. */
  untimed?: Source;
  isUntimedElsewhere: boolean;
}

/**
 * Finds the replays of a task. A handle is later than the handles that it replaces, directly or through other handles.
 *
 * - A delegated handle is not later than its predecessor, because the delegating caller continues with the predecessor.
 * - A handle without a known predecessor is later than the next lower revision of its branch.
 *
 * @param lineage the handles of one task, in the order of their revisions
 */
export function replaysIn(lineage: readonly Revision[]): Replays {
  const replays: Replay[] = [];
  let unordered = 0;
  const answered = answeredTwice(lineage);
  const successorsOf = new Map<Revision, Successors>();
  const orphans = new Map<string, Successors>();
  for (const group of groupBy(lineage.toReversed(), ({ branch, description }) => `${description.revision} ${branch}`).values()) {
    const branch = group[0]?.branch ?? '';
    const orphan = orphans.get(branch);
    orphans.delete(branch);
    for (const revision of group) {
      const { entry, description, parent, delegated, original } = revision;
      const own = successorsOf.get(original ?? revision);
      const known = [own, orphan].filter((successors) => successors !== undefined);
      const uses = revision.entry.uses.flatMap((use) => {
        const isAnswered = use.request !== undefined && answered.has(use.request.digest);
        return isAnswered ? { ...use, repeats: undefined } : use.repeats === 'surely' ? [] : use;
      });
      const replay = lateUse(revision, uses, known);
      if (replay !== undefined) replays.push(replay);
      else if (known.some((successors) => isUnordered(uses, successors))) unordered += 1;

      // Anyone with the AES secret can make a copy at any time, so the position of a copy proves nothing.
      if (original !== undefined) continue;
      const seen = joined(own, orphan);
      for (const first of entry.firsts) include(seen, { position: firstOf(first), number: description.revision });
      if (parent === undefined) orphans.set(branch, joined(orphans.get(branch), seen));
      else if (!delegated) successorsOf.set(parent, joined(successorsOf.get(parent), seen));
    }
  }
  return { replays, unordered };
}

/**
 * Returns the digests of requests with two different answers. The client sent such a request twice; it was not just
 * logged twice.
 */
function answeredTwice(lineage: readonly Revision[]): ReadonlySet<string | undefined> {
  // In a reversed log, the request before an answer is not the request of this answer.
  const answers = lineage
    .flatMap(({ entry }) => entry.answers)
    .filter(({ request, source }) => request !== undefined && !isReversed(source));
  return new Set(
    [...groupBy(answers, ({ request }) => request)]
      .filter(([, all]) => new Set(all.map(({ digest }) => digest)).size > 1)
      .map(([request]) => request),
  );
}

/**
 * Finds the first use of a handle after a later revision was seen. Uses without doubt are preferred, and among
 * these the presentations.
 */
function lateUse(revision: Revision, uses: readonly Use[], known: readonly Successors[]): Replay | undefined {
  const found: Omit<Replay, 'again'>[] = [];
  for (const { presented, first, repeats } of uses) {
    const position = firstOf(first);
    const seen = known
      .flatMap(({ bySource, timed }) => [bySource.get(position.source), timed])
      .filter((successor) => successor !== undefined && isBefore(successor.position, position)) as Successor[];
    const clear = seen.find((successor) => isClearlyBefore(successor.position, position));
    const successor = clear ?? seen[0];
    if (successor === undefined) continue;
    const doubt = clear === undefined ? 'order' : repeats && 'repetition';
    found.push({ revision, newer: successor.number, position, presented, doubt });
  }
  const clear = found.filter(({ doubt }) => doubt === undefined);
  const best = [clear.filter(({ presented }) => presented), clear, found].find(({ length }) => length > 0) ?? [];
  const [first, ...others] = best.sort((one, other) => byAppearance(one.position, other.position));
  return first && { ...first, again: others.map(({ position }) => position) };
}

/** Tells whether the logs leave open which came first: a use, or a later revision. */
function isUnordered(uses: readonly Use[], { bySource, untimed, isUntimedElsewhere }: Successors): boolean {
  return uses.some(({ first }) => {
    const position = firstOf(first);
    const { source, time } = position;
    const successor = bySource.get(source);
    if (successor !== undefined && isOrderUnknown(successor.position, position)) return true;
    if (time === undefined) return bySource.size > (bySource.has(source) ? 1 : 0);
    return untimed !== undefined && (untimed !== source || isUntimedElsewhere);
  });
}

function noSuccessors(): Successors {
  return { bySource: new Map(), isUntimedElsewhere: false };
}

/** Adds the successors in `other` to `into` itself, and returns `into`. */
function joined(into: Successors = noSuccessors(), other?: Successors): Successors {
  for (const successor of other?.bySource.values() ?? []) include(into, successor);
  return into;
}

function include(into: Successors, successor: Successor): void {
  const { position } = successor;
  const before = into.bySource.get(position.source);
  if (before === undefined || isBefore(position, before.position)) into.bySource.set(position.source, successor);
  if (position.time === undefined) {
    if (into.untimed !== undefined && into.untimed !== position.source) into.isUntimedElsewhere = true;
    into.untimed ??= position.source;
  } else if (into.timed === undefined || isBefore(position, into.timed.position)) into.timed = successor;
}
