/** Lays out the lineage of a task: one row for each revision, and one lane for each branch. */
import type { AuditReport, RevisionReport, TaskReport } from '../../audit/index.ts';

/** The maximum number of revisions on one page of the drawing. A longer lineage has several pages. */
export const MOST_ROWS = 100;

/** The height of a row in CSS pixels. The style sheet must use the same height: 3rem, with 16 pixels each. */
export const ROW = 48;

/** A revision in the drawing. */
export interface Row {
  readonly revision: RevisionReport;
  /** The number of the lane, from the left, beginning with 0. */
  readonly lane: number;
  /** The row of the revision that this one replaces. Absent if there is no such revision on this page. */
  readonly parent?: number;
  /** Whether the revision belongs to a fork. */
  readonly forked: boolean;
}

/** A page of the drawing. */
export interface Tree {
  readonly rows: readonly Row[];
  readonly lanes: number;
}

/** The rows that one branch covers in its lane. */
interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Lays out one page of a task's lineage. The report already lists each revision after the revision that it replaces.
 *
 * @param forked the fingerprints of revisions that belong to a fork
 * @param from the number of revisions on all earlier pages
 */
export function layOut({ revisions: all }: TaskReport, forked: ReadonlySet<string>, from = 0): Tree {
  const revisions = all.slice(from, from + MOST_ROWS);
  const rowOf = new Map(revisions.map(({ fingerprint }, row) => [fingerprint, row]));
  const parents = revisions.map(({ previous, previous_seen }) =>
    previous_seen && previous !== undefined ? rowOf.get(previous) : undefined,
  );
  const heirs = heirsOf(revisions, parents);

  const taken: RowRange[][] = [];
  const lanes: number[] = [];
  for (const [row, parent] of parents.entries()) {
    const inherited = parent !== undefined && heirs.get(parent) === row ? lanes[parent] : undefined;
    lanes.push(inherited ?? takeLane(taken, { from: parent ?? row - 1, to: endOf(row, heirs) }));
  }
  return {
    rows: revisions.map((revision, row) => {
      const parent = parents[row];
      const lane = lanes[row] ?? 0;
      return { revision, lane, ...(parent !== undefined && { parent }), forked: forked.has(revision.fingerprint) };
    }),
    lanes: taken.length,
  };
}

/** Finds for each row the successor in the same lane: the first that is not delegated, or else the first. */
function heirsOf(revisions: readonly RevisionReport[], parents: readonly (number | undefined)[]): Map<number, number> {
  const heirs = new Map<number, number>();
  for (const own of [true, false]) {
    for (const [row, parent] of parents.entries()) {
      if (parent !== undefined && !heirs.has(parent) && revisions[row]?.delegated === !own) heirs.set(parent, row);
    }
  }
  return heirs;
}

function endOf(row: number, heirs: ReadonlyMap<number, number>): number {
  let end = row;
  for (let next = heirs.get(row); next !== undefined; next = heirs.get(next)) end = next;
  return end;
}

/** Takes the first lane that is free in the given rows. @returns the number of the lane */
function takeLane(taken: RowRange[][], { from, to }: RowRange): number {
  const free = taken.findIndex((stretches) => stretches.every((other) => to <= other.from || other.to <= from));
  const lane = free === -1 ? taken.length : free;
  taken[lane] = [...(taken[lane] ?? []), { from, to }];
  return lane;
}

/**
 * Returns the fingerprints of all revisions that belong to forks. A finding about a fork names only some of the fork's
 * handles. The function finds the other handles: they have the same revision number and predecessor as a named handle.
 */
export function forkedIn(task: TaskReport, findings: AuditReport['findings']): Set<string> {
  const named = new Set(findings.filter(({ type, task: id }) => type === 'fork' && id === task.id).flatMap((fork) => fork.fingerprints));
  const rivalryOf = ({ revision, previous, delegated }: RevisionReport) => `${revision} ${previous} ${delegated}`;
  const rivalries = new Set(task.revisions.filter(({ fingerprint }) => named.has(fingerprint)).map(rivalryOf));
  return new Set(task.revisions.filter((revision) => rivalries.has(rivalryOf(revision))).map(({ fingerprint }) => fingerprint));
}
