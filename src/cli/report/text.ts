/** Writes a report for people, line by line: the whole report may be too long for one string. */
import {
  type AuditReport,
  conclusionOn,
  type FindingReport,
  type LogPosition,
  type RevisionReport,
  type TaskReport,
  unreadLines,
} from '../../audit/index.ts';
import { groupBy } from '../../audit/lineage.ts';
import { utc } from '../../handle/index.ts';
import { counted } from '../../scan/words.ts';
import { megabytes } from '../io/progress.ts';

/** The maximum number of findings to show of one type. */
const SHOWN = 50;

/** The tasks, their lineages, the handles that were not opened, and at the end the findings. */
export function* textLines(report: AuditReport): Generator<string> {
  const { read, verified, tasks, protocol_values } = report;
  yield `Read ${counted(read.lines, 'line')} (${megabytes(read.characters)}): ${counted(read.handles, 'different handle')}, ${verified ? `${read.opened} opened and verified` : 'none opened, because no ring was named (--keys)'}.`;
  if (tasks.length > 0) {
    yield '';
    if (!verified) yield 'Unverified: this table shows the values that the log has beside the handles.';
    yield row('TASK', 'KIND', 'REVISIONS', 'FIRST SEEN', 'LAST SEEN', 'EXPIRES', 'STATE');
    for (const { id, kind, revisions, first, last, expires_at, state } of tasks) {
      yield row(id, kind, String(revisions.length), moment(first), moment(last), utc(expires_at), state);
    }
  }
  for (const task of tasks) yield* lineage(task);
  yield* unopened(report);
  if (protocol_values.length > 0) yield '';
  for (const { kind, handles } of protocol_values)
    yield `${counted(handles, 'handle')} of kind ${kind}: a value of the protocol, not a task.`;
  yield* readingLines(report);
  yield* findingLines(report);
}

/** What the audit did not understand, and its notes. */
function* readingLines(report: AuditReport): Generator<string> {
  const unread = unreadLines(report);
  if (unread.length > 0) yield* ['', 'Not understood:', ...unread.map((line) => `  ${line}`)];
  if (report.notes.length > 0) yield '';
  for (const note of report.notes) yield `Note: ${note}`;
}

const WIDTHS = [16, 16, 9, 20, 20, 20, 0];

function row(...cells: string[]): string {
  return cells
    .map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0))
    .join('  ')
    .trimEnd();
}

function moment({ source, line, time }: LogPosition): string {
  return time === undefined ? `${source}:${line}` : utc(Math.floor(time));
}

function* lineage({ id, kind, revisions }: TaskReport): Generator<string> {
  yield '';
  yield `${id} ${kind}`;
  const successors = groupBy(revisions, ({ previous, previous_seen }) => (previous_seen ? previous : undefined));
  // Without a ring, the predecessors are unknown. Then all revisions are roots, in the order of the log.
  const stack = (successors.get(undefined) ?? []).map((revision) => ({ revision, indent: '  ', mark: '' })).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { revision, indent, mark } = next;
    yield `${indent}${mark}${describe(revision)}`;
    const children = successors.get(revision.fingerprint) ?? [];
    const below = mark === '' ? indent : `${indent}${mark === '└─ ' ? '   ' : '│  '}`;
    const branches = children.map((child, at) => ({
      revision: child,
      indent: below,
      mark: children.length === 1 ? '' : at === children.length - 1 ? '└─ ' : '├─ ',
    }));
    stack.push(...branches.reverse());
  }
}

function describe({ revision, fingerprint, previous, previous_seen, delegated, rights, seen, presented, first }: RevisionReport): string {
  return [
    `${revision}  ${fingerprint}  first in ${first.source}:${first.line}${first.time === undefined ? '' : ` at ${utc(Math.floor(first.time))}`}`,
    seen > 1 && `at ${seen} places`,
    presented > 0 && `presented ${presented === 1 ? 'once' : `${presented} times`}`,
    delegated && 'delegated',
    rights && `rights: ${rights.join(', ')}`,
    previous !== undefined && !previous_seen && `replaces ${previous}, not in the log`,
  ]
    .filter(Boolean)
    .join('; ');
}

const WHY = {
  not_opened: 'not opened',
  unknown_key: 'not of this ring',
  revoked_key: 'key revoked',
  altered: 'altered or forged',
} as const;

/** A table of the handles that were not opened. Only their headers and lengths are known. */
function* unopened({ unopened: handles }: AuditReport): Generator<string> {
  if (handles.length === 0) return;
  yield '';
  yield row('KEY', 'WHY', 'HANDLES', 'CHARACTERS');
  for (const group of groupBy(handles, ({ kid, outcome }) => `${kid} ${outcome}`).values()) {
    const [kid = '', outcome = 'not_opened'] = [group[0]?.kid, group[0]?.outcome];
    const shortest = group.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
    const longest = group.reduce((most, { length }) => Math.max(most, length), 0);
    yield row(kid, WHY[outcome], String(group.length), shortest === longest ? String(longest) : `${shortest} to ${longest}`);
  }
}

/**
 * Ends a report with unverified findings. An unverified fork, for example, has medium severity, so the exit code is
 * usually 0, which might seem to say that nothing is wrong.
 */
const VERIFY =
  'Unverified findings have a lower severity, because anyone can write the values beside a handle: to verify them, name a ring with the keys of the handles (--keys).';

function* findingLines(report: AuditReport): Generator<string> {
  const { findings, read } = report;
  if (read.handles > 0) yield '';
  const shown = new Map<string, number>();
  for (const finding of findings) {
    const before = shown.get(finding.type) ?? 0;
    shown.set(finding.type, before + 1);
    if (before < SHOWN) yield* findingText(finding);
  }
  for (const [type, total] of shown) if (total > SHOWN) yield `… and ${total - SHOWN} more of type ${type}; --json has all of them.`;
  yield findings.some(({ verified }) => !verified) ? `${conclusionOn(report)} ${VERIFY}` : conclusionOn(report);
}

function* findingText({ severity, type, verified, task, handles, fingerprints, where, message }: FindingReport): Generator<string> {
  const about = task === undefined ? counted(handles, 'handle') : `task ${task}`;
  const named = `${fingerprints.join(', ')}${handles > fingerprints.length ? ', …' : ''}`;
  yield `${severity.padEnd(6)}  ${type.padEnd(17)}  ${where.source}:${where.line}  ${about}${verified ? '' : ' (unverified)'}`;
  yield `        ${message}${named === '' ? '' : ` [${named}]`}`;
}
