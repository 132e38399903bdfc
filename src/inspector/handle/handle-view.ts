/** Shows the diagnosis of a handle. */
import type { Diagnosis, Expected, StepOutcome } from '../../audit/index.ts';
import { type Claims, type HandleParts, VERIFICATION_STEPS } from '../../handle/index.ts';
import { counted } from '../../scan/words.ts';
import { byId, type Child, el, facts, fill, moment, say, time } from '../ui/dom.ts';
import { procedures } from './procedures.ts';
import { timeline } from './timeline.ts';

const MARKS: Readonly<Record<StepOutcome['outcome'], string>> = { passed: '✓', failed: '✗', 'not judged': '?', 'not reached': '·' };

/** Shows a diagnosis. @param diagnosis undefined if there is no handle */
export function showDiagnosis(diagnosis: Diagnosis | undefined, expected: Expected): void {
  const { failedAt, claims, parts, fingerprint } = diagnosis ?? {};
  const verdict = byId('verdict', HTMLElement);
  verdict.className = failedAt !== undefined ? 'refused' : claims !== undefined ? 'authentic' : '';
  say(verdict, diagnosis === undefined ? 'Nothing yet: paste or drop a handle.' : verdictOn(diagnosis));
  fill(
    byId('findings', HTMLElement),
    ...(diagnosis === undefined
      ? []
      : [
          ...(parts === undefined ? [] : publicFacts(parts, fingerprint)),
          ...(claims === undefined ? [] : claimed(claims, expected.now)),
          el('h3', {}, 'Steps of verification'),
          stepList(diagnosis),
          el('p', { class: 'hint' }, 'As of ', time(expected.now), '.'),
          procedures(),
        ]),
  );
}

function verdictOn({ steps, failedAt, code, reason, claims }: Diagnosis): string {
  const step = failedAt === undefined ? undefined : VERIFICATION_STEPS[failedAt - 1];
  if (step !== undefined) {
    const answer = reason === undefined ? code : `${code}, ${reason}`;
    return `${claims === undefined ? 'Refused' : 'Authentic, but refused'} at step ${failedAt} of ${VERIFICATION_STEPS.length}, ${step.name} (${answer}). ${steps[(failedAt ?? 0) - 1]?.note ?? ''}`;
  }
  if (claims === undefined) return 'This text has the form of a handle. Open a ring to verify the handle.';
  const passed = steps.filter(({ outcome }) => outcome === 'passed').length;
  return `Authentic: ${passed} steps passed, ${steps.length - passed} not judged.`;
}

function publicFacts({ header, length, ciphertextLength }: HandleParts, fingerprint: string | undefined): Child[] {
  return [
    el('h3', {}, 'What anyone can see'),
    facts({
      Key: el('code', {}, header.kid),
      Length: counted(length, 'character'),
      Encrypted: counted(ciphertextLength, 'byte'),
      Compressed: header.zip === undefined ? 'no' : 'yes',
      Fingerprint: el('code', {}, fingerprint),
    }),
  ];
}

function claimed({ jti, kind, rev, iat, exp, prv, sub, aud, scp, st }: Claims, now: number): Child[] {
  return [
    el('h3', {}, 'Claims'),
    timeline({ iat, exp }, now),
    facts({
      Issued: moment(iat, now),
      Expires: now < exp ? moment(exp, now) : el('span', { class: 'bad' }, 'expired: ', moment(exp, now)),
      Id: el('code', {}, jti),
      Kind: el('code', {}, kind),
      Revision: String(rev),
      Replaces: prv === undefined ? 'nothing: this handle started the task' : el('code', {}, prv),
      Caller: sub === undefined ? 'anyone who holds the handle' : el('code', {}, sub),
      Deployment: aud === undefined ? 'any deployment that has the key and has no name' : el('code', {}, JSON.stringify(aud)),
      Rights: scp === undefined ? 'all' : el('span', {}, el('span', { class: 'warn' }, 'narrowed to '), el('code', {}, scp.join(', '))),
    }),
    el('h3', { id: 'state-title' }, 'State'),
    el('pre', { tabindex: 0, role: 'region', 'aria-labelledby': 'state-title' }, JSON.stringify(st, null, 2)),
  ];
}

function stepList({ steps }: Diagnosis): HTMLElement {
  return el(
    'ol',
    { class: 'steps', 'aria-label': 'Steps of verification' },
    ...VERIFICATION_STEPS.map(({ name, claim }, index) => {
      const { outcome, note } = steps[index] ?? { outcome: 'not reached' as const };
      return el(
        'li',
        { 'data-outcome': outcome },
        el('span', { class: 'number', 'aria-hidden': 'true' }, String(index + 1)),
        el('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[outcome]),
        el('span', {}, el('span', { class: 'name' }, name), ' ', el('span', { class: 'outcome' }, outcome)),
        el('p', { class: 'note' }, note ?? claim),
      );
    }),
  );
}
