/** Computes the timeline of a task: an axis for all revisions, and the positions on it. */
import type { AuditReport, RevisionReport, TaskReport } from '../../audit/index.ts';

export interface Times {
  /** The earliest and the latest known time at which a handle was issued or seen. Seconds since 1970. */
  readonly axis?: { readonly start: number; readonly end: number };
  /** Whether the log says when the task's handles were seen. If not, the page knows only when they were issued. */
  readonly areSeen: boolean;
  /** When a handle was last replayed or used after its expiry, in seconds since 1970, by fingerprint. */
  readonly late: ReadonlyMap<string, number>;
}

/** The positions of a revision on the axis, from 0 to 1. An unknown position is absent. */
export interface Places {
  readonly issued?: number;
  readonly first?: number;
  readonly last?: number;
  /** The position of the expiry. Absent if the handle expires before the start or after the end of the axis. */
  readonly expires?: number;
  readonly late?: number;
}

/** Returns the times of a task: when its handles were issued, and when they were seen in the log. */
export function timesOf({ id, revisions }: TaskReport, findings: AuditReport['findings']): Times {
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let areSeen = false;
  for (const { issued_at, first, last } of revisions) {
    areSeen ||= first.time !== undefined || last.time !== undefined;
    for (const time of [issued_at, first.time, last.time]) {
      if (time === undefined) continue;
      start = Math.min(start, time);
      end = Math.max(end, time);
    }
  }
  const late = new Map<string, number>();
  for (const { type, task, fingerprints, where } of findings) {
    if (task !== id || where.time === undefined || (type !== 'replay' && type !== 'used_after_expiry')) continue;
    for (const fingerprint of fingerprints) late.set(fingerprint, where.time);
  }
  return { ...(start <= end && { axis: { start, end } }), areSeen, late };
}

/** Returns the positions of a revision on the axis. On an axis of a single moment, all positions are 0.5. */
export function placesIn({ axis, late }: Times, { fingerprint, issued_at, first, last, expires_at }: RevisionReport): Places {
  if (axis === undefined) return {};
  const { start, end } = axis;
  const at = (time: number) => (end === start ? 0.5 : (time - start) / (end - start));
  const wrong = late.get(fingerprint);
  return {
    ...(issued_at !== undefined && { issued: at(issued_at) }),
    ...(first.time !== undefined && { first: at(first.time) }),
    ...(last.time !== undefined && { last: at(last.time) }),
    ...(expires_at >= start && expires_at <= end && { expires: at(expires_at) }),
    ...(wrong !== undefined && { late: at(wrong) }),
  };
}
