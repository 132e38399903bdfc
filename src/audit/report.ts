/** Makes the report of an audit, as plain data that can be written as JSON or drawn on a page. */

import { keyStateAt, type Ring } from '../keys/index.ts';
import { counted } from '../scan/words.ts';
import { bySeverity, type Finding, strayFindings, taskFindings } from './findings.ts';
import type { Entry, Ledger, OpeningOutcome } from './ledger.ts';
import { groupBy, lineageOf, type Revision } from './lineage.ts';
import { byAppearance, type LogPosition, toLogPosition } from './order/order.ts';
import type { Unread } from './unread.ts';

/** How much an audit has read. */
export interface AmountRead {
  readonly sources: number;
  readonly lines: number;
  /** The length of the text that was read, in UTF-16 code units. */
  readonly characters: number;
  /** The number of places at which the logs contain a handle. */
  readonly mentions: number;
}

/** The report of an audit. The report contains no handle and no state. Times are in seconds since 1970. */
export interface AuditReport {
  readonly version: 1;
  /** The time of the report. The `state` of each task is its state at this time. */
  readonly now: number;
  /**
   * Whether a ring was given. If false, the report describes tasks by the values beside their handles in the log.
   * Anybody can write such values.
   */
  readonly verified: boolean;
  /** How much was read, how many different handles were found, and how many of them were opened. */
  readonly read: AmountRead & { readonly handles: number; readonly opened: number };
  readonly unread: Unread;
  /** Notes on the report, each in one or more sentences. */
  readonly notes: readonly string[];
  readonly tasks: readonly TaskReport[];
  /**
   * The number of handles for each kind of protocol value. Protocol values are request states and cursors. They belong
   * to no task.
   */
  readonly protocol_values: readonly { readonly kind: string; readonly handles: number }[];
  /** The handles about which only the header is known. */
  readonly unopened: readonly UnopenedReport[];
  /** The findings, the most severe first. */
  readonly findings: readonly FindingReport[];
}

/** The part of a report about one task. */
export interface TaskReport {
  readonly id: string;
  readonly kind: string;
  readonly expires_at: number;
  /** Whether the newest handle of the task has expired at the time `now` of the report. */
  readonly state: 'live' | 'expired';
  readonly first: LogPosition;
  readonly last: LogPosition;
  /** The revisions of the task, in their order. */
  readonly revisions: readonly RevisionReport[];
}

/** The part of a report about one handle of a task. */
export interface RevisionReport {
  readonly fingerprint: string;
  readonly revision: number;
  readonly kind: string;
  /** The fingerprint of the handle that this revision replaces. */
  readonly previous?: string;
  /** Whether the logs contain the handle that this revision replaces. */
  readonly previous_seen: boolean;
  /**
   * Whether the handle was made for another holder. It then has fewer rights or a nearer deadline than the replaced
   * handle.
   */
  readonly delegated: boolean;
  readonly rights?: readonly string[];
  readonly issued_at?: number;
  readonly expires_at: number;
  readonly kid: string;
  /** The length of the handle, in characters. */
  readonly length: number;
  readonly compressed: boolean;
  /** The number of places at which the logs contain the handle. */
  readonly seen: number;
  /** The number of requests that present the handle. */
  readonly presented: number;
  readonly first: LogPosition;
  readonly last: LogPosition;
}

/** The part of a report about a handle whose task is unknown. */
export interface UnopenedReport extends Pick<RevisionReport, 'fingerprint' | 'kid' | 'length' | 'compressed' | 'seen' | 'first' | 'last'> {
  readonly outcome: Exclude<OpeningOutcome, 'opened'>;
}

/** A finding, with its place in the logs. */
export interface FindingReport extends Omit<Finding, 'position'> {
  readonly where: LogPosition;
}

/** Everything that an audit knows when it makes its report. */
export interface AuditState {
  readonly ring: Ring | undefined;
  readonly ledger: Ledger;
  readonly progress: AmountRead;
  readonly unread: Pick<Unread, 'incomplete' | 'broken' | 'packed'>;
}

/**
 * Makes the report step by step. Each step handles one task or a part of the report.
 *
 * @param now seconds since 1970
 */
export function* reportInSteps({ ring, ledger, progress, unread }: AuditState, now: number): Generator<void, AuditReport, void> {
  const entries = [...ledger.entries.values()];
  const ofTasks = entries.filter((entry) => entry.description !== undefined && !isProtocolValue(entry));
  yield;
  const tasks: { id: string; lineage: readonly Revision[] }[] = [];
  for (const [id, handles] of groupBy(ofTasks, ({ description }) => description?.id ?? '')) {
    tasks.push({ id, lineage: lineageOf(handles) });
    yield;
  }
  const protocolValues = groupBy(entries.filter(isProtocolValue), ({ description }) => description?.kind ?? '');
  const found: ReturnType<typeof taskFindings>[] = [];
  for (const { id, lineage } of tasks) {
    found.push(taskFindings(id, lineage));
    yield;
  }
  const findings = [...found.flatMap((one) => one.findings), ...strayFindings(ledger)].sort(bySeverity);
  yield;
  const taskReports: TaskReport[] = [];
  for (const { id, lineage } of tasks) {
    taskReports.push(taskReport(id, lineage, now));
    yield;
  }
  const unordered = found.reduce((sum, one) => sum + one.unordered, 0);
  const unopened = entries.filter(({ description }) => description === undefined);
  return {
    version: 1,
    now,
    verified: ring !== undefined,
    read: { ...progress, handles: entries.length, opened: entries.filter(({ outcome }) => outcome === 'opened').length },
    unread: {
      untold: ledger.untold,
      ...unread,
      incomplete: unread.incomplete + ledger.mismended,
      unordered,
      unopened: unopened.filter(({ outcome }) => outcome === 'not_opened').length,
    },
    notes: [...notesOnRepeats(ledger.repeated), ...(ring === undefined ? [] : notesOnKeys(ring, entries, now))],
    tasks: taskReports,
    protocol_values: Array.from(protocolValues, ([kind, { length }]) => ({ kind, handles: length })),
    unopened: unopened.map(unopenedReport),
    findings: findings.map(({ position, ...finding }) => ({ ...finding, where: toLogPosition(position) })),
  };
}

/** Tells whether the handle is a request state or a cursor. The kit seals both as handles. They belong to no task. */
function isProtocolValue({ description }: Entry): boolean {
  return description?.kind.startsWith('waxseal-') ?? false;
}

function notesOnRepeats(repeated: number): string[] {
  return repeated === 0
    ? []
    : [`At ${counted(repeated, 'place')} the logs repeat a call that they also contain elsewhere. Each call counts once.`];
}

/**
 * Makes a note on each key that opened handles but is gone. Nobody would notice if such a key were stolen now, because
 * servers no longer use it.
 */
function notesOnKeys(ring: Ring, entries: readonly Entry[], now: number): string[] {
  const opened = groupBy(
    entries.filter(({ outcome }) => outcome === 'opened'),
    ({ kid }) => kid,
  );
  return ring.entries.flatMap((key) => {
    const count = opened.get(key.kid)?.length ?? 0;
    if (count === 0 || keyStateAt(key, now) !== 'gone') return [];
    return `Key "${key.kid}" is gone: no server accepts its handles any more. The audit opened ${counted(count, 'handle')} with this key. Trust this result only if nobody else had the key.`;
  });
}

function taskReport(id: string, lineage: readonly Revision[], now: number): TaskReport {
  const [first, ...rest] = lineage as [Revision, ...Revision[]];
  const newest = rest.reduce((best, next) => (next.delegated && !best.delegated ? best : next), first);
  const earliest = rest.reduce((best, { entry }) => (byAppearance(entry.first, best) < 0 ? entry.first : best), first.entry.first);
  const latest = rest.reduce((best, { entry }) => (byAppearance(best, entry.last) < 0 ? entry.last : best), first.entry.last);
  const { kind, expiresAt } = newest.description;
  const revisions = lineage.map(revisionReport);
  return {
    id,
    kind,
    expires_at: expiresAt,
    state: now < expiresAt ? 'live' : 'expired',
    first: toLogPosition(earliest),
    last: toLogPosition(latest),
    revisions,
  };
}

function revisionReport({ entry, description, parent, delegated }: Revision): RevisionReport {
  const { fingerprint, kid, length, compressed, seen, presented, first, last } = entry;
  const { revision, kind, previous, rights, issuedAt, expiresAt } = description;
  return {
    fingerprint,
    revision,
    kind,
    ...(previous !== undefined && { previous }),
    previous_seen: parent !== undefined,
    delegated,
    ...(rights !== undefined && { rights }),
    ...(issuedAt !== undefined && { issued_at: issuedAt }),
    expires_at: expiresAt,
    kid,
    length,
    compressed,
    seen,
    presented,
    first: toLogPosition(first),
    last: toLogPosition(last),
  };
}

function unopenedReport({ fingerprint, kid, length, compressed, seen, first, last, outcome }: Entry): UnopenedReport {
  return {
    fingerprint,
    kid,
    length,
    compressed,
    seen,
    first: toLogPosition(first),
    last: toLogPosition(last),
    outcome: outcome as UnopenedReport['outcome'],
  };
}
