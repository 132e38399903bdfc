/**
 * The audit of a log: every handle in it, opened and verified offline where there is a ring, in the lineage of its task,
 * and what is wrong with them. Runs anywhere; reads no file and asks nobody.
 */
import type { Ring } from '../keys/index.ts';
import { bySeverity, type Finding, type FindingType, type Severity, strayFindings, taskFindings } from './audit-findings.ts';
import { createLedger, type Entry, isBefore, type Outcome, type Place, type Sighting } from './audit-ledger.ts';
import { readLine } from './audit-line.ts';
import { groupBy, lineageOf, type Revision } from './audit-lineage.ts';
import { type Stretch, stretchesOf } from './audit-stretches.ts';
import { findHandles, HANDLE_PREFIX, LONGEST_HANDLE } from './find.ts';

export { SEVERITIES } from './audit-findings.ts';

export interface AuditOptions {
  /** An inspector ring is enough. Absent: handles are not opened. */
  readonly ring?: Ring | undefined;
  /** The member of a line of JSON that names the caller; dots lead into objects, as in `req.user`. Absent: callers are not compared. */
  readonly callerField?: string | undefined;
}

export interface Audit {
  /**
   * Reads a log to its end; one after the other. Chunks may be cut anywhere.
   *
   * @param source what to call it
   */
  read(source: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<void>;
  /** How far it has come. */
  readonly progress: Progress;
  /** What was found so far. @param now seconds since 1970 */
  report(now: number): AuditReport;
}

export interface Progress {
  /** In UTF-16 code units. */
  readonly characters: number;
  readonly lines: number;
  /** How often a line had a handle. */
  readonly mentions: number;
}

/** A line of a log. */
export interface Where {
  readonly source: string;
  readonly line: number;
  /** Seconds since 1970, where the line tells. */
  readonly time?: number;
}

/** A report as JSON has it. No handle, no state; times in seconds since 1970. */
export interface AuditReport {
  readonly version: 1;
  /** When `state` below was told. */
  readonly now: number;
  /** Whether handles were opened. Otherwise all that is said of tasks is hearsay: what stood beside their handles. */
  readonly verified: boolean;
  readonly read: Progress & { readonly sources: number; readonly handles: number; readonly opened: number };
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
  readonly first: Where;
  readonly last: Where;
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
  readonly first: Where;
  readonly last: Where;
}

export interface UnopenedReport extends Pick<RevisionReport, 'fingerprint' | 'kid' | 'length' | 'compressed' | 'seen' | 'first' | 'last'> {
  readonly outcome: Exclude<Outcome, 'opened'>;
}

export interface FindingReport extends Omit<Finding, 'place'> {
  readonly where: Where;
}

export type { FindingType, Severity };

/** Begins an audit of one or more logs. What it remembers grows with the different handles in them, and with nothing else. */
export function createAudit({ ring, callerField }: AuditOptions = {}): Audit {
  const ledger = createLedger(ring);
  const callerPath = callerField?.split('.');
  let [sources, characters, lines, mentions] = [0, 0, 0, 0];

  /** What stands in a stretch that begins on a line of its source. */
  function* sightingsIn({ text, whole, upTo }: Stretch, source: string, firstLine: number): Generator<Sighting> {
    let [start, line] = [0, firstLine];
    for (let at = text.indexOf(HANDLE_PREFIX); at !== -1 && at < upTo; ) {
      const [count, last] = countLines(text, start, at);
      [start, line] = [last, line + count];
      const place = { source, line, order: lines + line - firstLine };
      const end = whole ? endOfLine(text, at) : text.length;
      if (whole) {
        const { mentions, time, caller } = readLine(text.slice(start, end), callerPath);
        for (const mention of mentions) yield { ...mention, caller, place: time === undefined ? place : { ...place, time } };
      } else {
        const found = [...findHandles(text)].filter(({ index, length }) => index < upTo && length <= LONGEST_HANDLE);
        for (const one of found) yield { found: one, role: 'mentioned', place };
      }
      at = text.indexOf(HANDLE_PREFIX, end);
    }
  }

  return {
    async read(source, chunks) {
      sources += 1;
      let line = 1;
      for await (const stretch of stretchesOf(chunks)) {
        const sightings = [...sightingsIn(stretch, source, line)];
        mentions += sightings.length;
        if (sightings.length > 0) await ledger.add(sightings);
        const read = Math.min(stretch.upTo, stretch.text.length);
        const [count] = countLines(stretch.text, 0, read);
        characters += read;
        lines += count;
        line += count;
      }
    },
    get progress() {
      return { characters, lines, mentions };
    },
    report: (now) => {
      const entries = [...ledger.entries.values()];
      const isProtocol = ({ told }: Entry) => told?.kind.startsWith('waxseal-') ?? false;
      const tasks = [
        ...groupBy(
          entries.filter((entry) => entry.told !== undefined && !isProtocol(entry)),
          ({ told }) => told?.id ?? '',
        ),
      ].map(([id, handles]) => ({ id, lineage: lineageOf(handles) }));
      const findings = [...tasks.flatMap(({ id, lineage }) => taskFindings(id, lineage)), ...strayFindings(ledger)].sort(bySeverity);
      return {
        version: 1,
        now,
        verified: ring !== undefined,
        read: {
          sources,
          characters,
          lines,
          mentions,
          handles: entries.length,
          opened: entries.filter(({ outcome }) => outcome === 'opened').length,
        },
        tasks: tasks.map(({ id, lineage }) => taskReport(id, lineage, now)),
        protocol_values: [...groupBy(entries.filter(isProtocol), ({ told }) => told?.kind ?? '')].map(([kind, { length }]) => ({
          kind,
          handles: length,
        })),
        unopened: entries.filter(({ told }) => told === undefined).map(unopenedReport),
        findings: findings.map(({ place, ...finding }) => ({ ...finding, where: where(place) })),
      };
    },
  };
}

/** How many line breaks there are in a part of a text, and where its last line begins. */
function countLines(text: string, start: number, end: number): [count: number, last: number] {
  let [count, last] = [0, start];
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
    count += 1;
    last = at + 1;
  }
  return [count, last];
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function where({ source, line, time }: Place): Where {
  return { source, line, ...(time !== undefined && { time }) };
}

function taskReport(id: string, lineage: readonly Revision[], now: number): TaskReport {
  const [first, ...rest] = lineage as [Revision, ...Revision[]];
  const newest = rest.reduce((best, next) => (next.delegated && !best.delegated ? best : next), first);
  const earliest = rest.reduce((best, { entry }) => (isBefore(entry.first, best) ? entry.first : best), first.entry.first);
  const latest = rest.reduce((best, { entry }) => (isBefore(best, entry.last) ? entry.last : best), first.entry.last);
  const { kind, expiresAt } = newest.told;
  const revisions = lineage.map(revisionReport);
  return {
    id,
    kind,
    expires_at: expiresAt,
    state: now < expiresAt ? 'live' : 'expired',
    first: where(earliest),
    last: where(latest),
    revisions,
  };
}

function revisionReport({ entry, told, parent, delegated }: Revision): RevisionReport {
  const { fingerprint, kid, length, compressed, seen, presented, first, last } = entry;
  const { revision, kind, previous, rights, issuedAt, expiresAt } = told;
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
    first: where(first),
    last: where(last),
  };
}

function unopenedReport({ fingerprint, kid, length, compressed, seen, first, last, outcome }: Entry): UnopenedReport {
  return {
    fingerprint,
    kid,
    length,
    compressed,
    seen,
    first: where(first),
    last: where(last),
    outcome: outcome as UnopenedReport['outcome'],
  };
}
