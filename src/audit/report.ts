/** What an audit found, as JSON has it and as a page may draw it. */

import { keyStateAt, type Ring } from '../keys/index.ts';
import { bySeverity, type Finding, strayFindings, taskFindings } from './findings.ts';
import type { Entry, Ledger, OpeningOutcome } from './ledger.ts';
import { groupBy, lineageOf, type Revision } from './lineage.ts';
import { byAppearance, type LogPosition, toLogPosition } from './order.ts';
import type { Unread } from './unread.ts';

/** How much an audit has read. */
export interface AmountRead {
  readonly sources: number;
  readonly lines: number;
  /** In UTF-16 code units. */
  readonly characters: number;
  /** At how many places handles stand. */
  readonly mentions: number;
}

/** A report as JSON has it. No handle, no state; times in seconds since 1970. */
export interface AuditReport {
  readonly version: 1;
  /** When `state` below was told. */
  readonly now: number;
  /** Whether handles were opened. Otherwise all that is said of tasks is hearsay: what stood beside their handles. */
  readonly verified: boolean;
  /** And how many different handles there were, and how many of them were opened. */
  readonly read: AmountRead & { readonly handles: number; readonly opened: number };
  readonly unread: Unread;
  /** What is worth knowing about the report, in sentences. */
  readonly notes: readonly string[];
  readonly tasks: readonly TaskReport[];
  /** Handles that carry no task but what the protocol remembers: by kind, how many. */
  readonly protocol_values: readonly { readonly kind: string; readonly handles: number }[];
  /** Handles of which only the header is known. */
  readonly unopened: readonly UnopenedReport[];
  /** The gravest first. */
  readonly findings: readonly FindingReport[];
}

export interface TaskReport {
  readonly id: string;
  readonly kind: string;
  readonly expires_at: number;
  /** Whether its newest handle would still open. */
  readonly state: 'live' | 'expired';
  readonly first: LogPosition;
  readonly last: LogPosition;
  /** By revision. */
  readonly revisions: readonly RevisionReport[];
}

export interface RevisionReport {
  readonly fingerprint: string;
  readonly revision: number;
  readonly kind: string;
  /** The fingerprint of the handle that it replaces. */
  readonly previous?: string;
  /** Whether the log has that one. */
  readonly previous_seen: boolean;
  /** It was made for somebody else, with fewer rights or a nearer deadline. */
  readonly delegated: boolean;
  readonly rights?: readonly string[];
  readonly issued_at?: number;
  readonly expires_at: number;
  readonly kid: string;
  /** In characters. */
  readonly length: number;
  readonly compressed: boolean;
  /** At how many places. */
  readonly seen: number;
  /** In how many requests. */
  readonly presented: number;
  readonly first: LogPosition;
  readonly last: LogPosition;
}

export interface UnopenedReport extends Pick<RevisionReport, 'fingerprint' | 'kid' | 'length' | 'compressed' | 'seen' | 'first' | 'last'> {
  readonly outcome: Exclude<OpeningOutcome, 'opened'>;
}

export interface FindingReport extends Omit<Finding, 'position'> {
  readonly where: LogPosition;
}

/** What an audit knows. */
export interface AuditState {
  readonly ring: Ring | undefined;
  readonly ledger: Ledger;
  readonly progress: AmountRead;
  readonly unread: Pick<Unread, 'incomplete' | 'broken'>;
}

/** Draws up the report, a task or a part of it at a time. @param now seconds since 1970 */
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
  return {
    version: 1,
    now,
    verified: ring !== undefined,
    read: { ...progress, handles: entries.length, opened: entries.filter(({ outcome }) => outcome === 'opened').length },
    unread: { untold: ledger.untold, ...unread, unordered },
    notes: ring === undefined ? [] : notesOnKeys(ring, entries, now),
    tasks: taskReports,
    protocol_values: Array.from(protocolValues, ([kind, { length }]) => ({ kind, handles: length })),
    unopened: entries.filter(({ description }) => description === undefined).map(unopenedReport),
    findings: findings.map(({ position, ...finding }) => ({ ...finding, where: toLogPosition(position) })),
  };
}

/** What the kit seals for the protocol's sake (request states, cursors): it is no task, and has no lineage. */
function isProtocolValue({ description }: Entry): boolean {
  return description?.kind.startsWith('waxseal-') ?? false;
}

/** A key that is gone opens nothing any more, and nobody would notice if it were stolen now. */
function notesOnKeys(ring: Ring, entries: readonly Entry[], now: number): string[] {
  const opened = groupBy(
    entries.filter(({ outcome }) => outcome === 'opened'),
    ({ kid }) => kid,
  );
  return ring.entries.flatMap((key) => {
    const count = opened.get(key.kid)?.length ?? 0;
    if (count === 0 || keyStateAt(key, now) !== 'gone') return [];
    return `Key "${key.kid}" is gone: no server takes its handles any more. The ${count} of it here are believed as long as nobody else had the key.`;
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
