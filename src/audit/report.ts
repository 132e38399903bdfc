/** What an audit found, as JSON has it and as a page may draw it. */
import { bySeverity, type Finding, strayFindings, taskFindings } from './findings.ts';
import { type Entry, isBefore, type Ledger, type LogPosition, type OpeningOutcome, type OrderedPosition } from './ledger.ts';
import { groupBy, lineageOf, type Revision } from './lineage.ts';

/** How much an audit has read. */
export interface AmountRead {
  readonly sources: number;
  readonly lines: number;
  /** In UTF-16 code units. */
  readonly characters: number;
  /** How often a line had a handle. */
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
  /** In how many lines. */
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

/** Draws up the report. @param verified whether there was a ring @param now seconds since 1970 */
export function reportOn(ledger: Ledger, progress: AmountRead, verified: boolean, now: number): AuditReport {
  const entries = [...ledger.entries.values()];
  const ofTasks = entries.filter((entry) => entry.description !== undefined && !isProtocolValue(entry));
  const tasks = Array.from(
    groupBy(ofTasks, ({ description }) => description?.id ?? ''),
    ([id, handles]) => ({ id, lineage: lineageOf(handles) }),
  );
  const protocolValues = groupBy(entries.filter(isProtocolValue), ({ description }) => description?.kind ?? '');
  const findings = [...tasks.flatMap(({ id, lineage }) => taskFindings(id, lineage)), ...strayFindings(ledger)].sort(bySeverity);
  return {
    version: 1,
    now,
    verified,
    read: { ...progress, handles: entries.length, opened: entries.filter(({ outcome }) => outcome === 'opened').length },
    tasks: tasks.map(({ id, lineage }) => taskReport(id, lineage, now)),
    protocol_values: Array.from(protocolValues, ([kind, { length }]) => ({ kind, handles: length })),
    unopened: entries.filter(({ description }) => description === undefined).map(unopenedReport),
    findings: findings.map(({ position, ...finding }) => ({ ...finding, where: withoutOrder(position) })),
  };
}

/** What the kit seals for the protocol's sake (request states, cursors): it is no task, and has no lineage. */
function isProtocolValue({ description }: Entry): boolean {
  return description?.kind.startsWith('waxseal-') ?? false;
}

function withoutOrder({ source, line, time }: OrderedPosition): LogPosition {
  return { source, line, ...(time !== undefined && { time }) };
}

function taskReport(id: string, lineage: readonly Revision[], now: number): TaskReport {
  const [first, ...rest] = lineage as [Revision, ...Revision[]];
  const newest = rest.reduce((best, next) => (next.delegated && !best.delegated ? best : next), first);
  const earliest = rest.reduce((best, { entry }) => (isBefore(entry.first, best) ? entry.first : best), first.entry.first);
  const latest = rest.reduce((best, { entry }) => (isBefore(best, entry.last) ? entry.last : best), first.entry.last);
  const { kind, expiresAt } = newest.description;
  const revisions = lineage.map(revisionReport);
  return {
    id,
    kind,
    expires_at: expiresAt,
    state: now < expiresAt ? 'live' : 'expired',
    first: withoutOrder(earliest),
    last: withoutOrder(latest),
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
    first: withoutOrder(first),
    last: withoutOrder(last),
  };
}

function unopenedReport({ fingerprint, kid, length, compressed, seen, first, last, outcome }: Entry): UnopenedReport {
  return {
    fingerprint,
    kid,
    length,
    compressed,
    seen,
    first: withoutOrder(first),
    last: withoutOrder(last),
    outcome: outcome as UnopenedReport['outcome'],
  };
}
