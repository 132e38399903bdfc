/** The lineage of a task as a drawing: a row a revision, a lane for each line of succession. */
import type { AuditReport, RevisionReport, TaskReport } from '../../audit/index.ts';

/** How many revisions are drawn at once; a longer lineage is turned over page by page. */
export const MOST_ROWS = 100;

/** The height of a row in CSS pixels, as the style sheet has it (3rem of 16). */
export const ROW = 48;

export interface Row {
  readonly revision: RevisionReport;
  /** From 0, from the left. */
  readonly lane: number;
  /** The row that it replaces. Absent where it begins the task, stands before this page, or the log does not have that one. */
  readonly parent?: number;
  /** It is one of several that cannot all be right. */
  readonly forked: boolean;
}

export interface Tree {
  readonly rows: readonly Row[];
  readonly lanes: number;
}

/** Where one line of succession runs, in rows. */
interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Lays out a page of a task. Its revisions are in order already, so that each stands below the one that it replaces.
 *
 * @param forked the fingerprints of those that cannot all be right
 * @param from how many revisions stand on the pages before
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

/** Which row goes on in the lane of another: its holder's own successor, or else the first. */
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

/** The first lane in which nothing else runs there. */
function takeLane(taken: RowRange[][], { from, to }: RowRange): number {
  const free = taken.findIndex((stretches) => stretches.every((other) => to <= other.from || other.to <= from));
  const lane = free === -1 ? taken.length : free;
  taken[lane] = [...(taken[lane] ?? []), { from, to }];
  return lane;
}

/** The fingerprints of revisions that cannot all be right. A finding names some of the handles that it is about; the others are those beside them. */
export function forkedIn(task: TaskReport, findings: AuditReport['findings']): Set<string> {
  const named = new Set(findings.filter(({ type, task: id }) => type === 'fork' && id === task.id).flatMap((fork) => fork.fingerprints));
  const rivalryOf = ({ revision, previous, delegated }: RevisionReport) => `${revision} ${previous} ${delegated}`;
  const rivalries = new Set(task.revisions.filter(({ fingerprint }) => named.has(fingerprint)).map(rivalryOf));
  return new Set(task.revisions.filter((revision) => rivalries.has(rivalryOf(revision))).map(({ fingerprint }) => fingerprint));
}
