/** Makes the elements that describe a task or a revision. */
import type { AuditReport, RevisionReport, TaskReport } from '../../audit/index.ts';
import { counted } from '../../scan/words.ts';
import { type Child, el, facts, moment } from '../ui/dom.ts';
import { positionText, severityTag } from './finding-view.ts';

type Findings = AuditReport['findings'];

/** Makes the content of a task's item in the list of tasks. */
export function taskItem({ id, kind, revisions, state }: TaskReport, findings: Findings): Child[] {
  const types = new Map(findings.map((finding) => [finding.type, finding]));
  return [
    el('code', {}, id),
    ' ',
    el('span', { class: 'tags' }, ...Array.from(types.values(), (finding) => severityTag(finding, finding.type))),
    el('div', { class: 'hint' }, `${kind} · ${counted(revisions.length, 'handle')} · ${state}`),
  ];
}

/** Makes the list of facts about a task. The page shows it above the task's lineage. @param now seconds since 1970 */
export function taskFacts({ id, kind, state, expires_at, first, last }: TaskReport, now: number): HTMLElement {
  return facts({
    Id: el('code', {}, id),
    Kind: el('code', {}, kind),
    [state === 'live' ? 'Expires' : 'Expired']: moment(expires_at, now),
    'First seen': positionText(first),
    'Last seen': positionText(last),
  });
}

/** Makes the details of a revision. @param now seconds since 1970 */
export function revisionDetails(revision: RevisionReport, findings: Findings, now: number): Child[] {
  const about = findings.filter(({ fingerprints }) => fingerprints.includes(revision.fingerprint));
  const { previous, previous_seen, rights, delegated, issued_at } = revision;
  const began = revision.revision === 1 && 'nothing: this handle started the task';
  return [
    el('h3', {}, `Revision ${revision.revision}`),
    ...about.map((finding) => el('p', {}, severityTag(finding), ' ', finding.message)),
    facts({
      Fingerprint: el('code', {}, revision.fingerprint),
      Replaces: previous === undefined ? began : el('span', {}, el('code', {}, previous), !previous_seen && ' (not in the log)'),
      Kind: el('code', {}, revision.kind),
      Rights: rights === undefined ? 'all' : el('code', {}, rights.join(', ')),
      Delegated: delegated && 'yes: with fewer rights or an earlier expiry than the handle that it was made from',
      Issued: issued_at !== undefined && moment(issued_at, now),
      Expires: moment(revision.expires_at, now),
      Key: el('code', {}, revision.kid),
      Length: `${counted(revision.length, 'character')}${revision.compressed ? ', compressed' : ''}`,
      Seen: `at ${counted(revision.seen, 'place')}, presented at ${revision.presented.toLocaleString('en')} of them`,
      First: positionText(revision.first),
      Last: positionText(revision.last),
    }),
  ];
}
