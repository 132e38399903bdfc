/** What is said of findings, and of places in logs. */
import type { AuditReport, TaskReport } from '../../audit/index.ts';
import { type Child, el, time } from '../ui/dom.ts';

type Finding = AuditReport['findings'][number];

/** A finding, with a button that shows the task that it is about, where it is about one. */
export function findingItem(finding: Finding, onShow: () => void): Child {
  const { type, message, where, task, verified } = finding;
  const button = el('button', { type: 'button', 'aria-label': `Show the ${type.replaceAll('_', ' ')} in task ${task}` }, 'Show');
  button.addEventListener('click', onShow);
  return el(
    'div',
    { class: 'finding' },
    el(
      'p',
      {},
      severityTag(finding),
      ' ',
      message,
      el('br'),
      el('span', { class: 'hint' }, placeOf(where), task !== undefined && ` · task ${task}`, !verified && ' · not verified'),
    ),
    task !== undefined && button,
  );
}

/** How grave a finding is, said and coloured. */
export function severityTag({ severity, type }: Finding, text = `${severity}: ${type}`): HTMLElement {
  return el('span', { class: `tag ${severity}` }, text.replaceAll('_', ' '));
}

/** A line of a log. */
export function placeOf({ source, line, time: moment }: TaskReport['first']): HTMLElement {
  const where = `${source.length > 60 ? `…${source.slice(-59)}` : source}:${line}`;
  return moment === undefined ? el('span', {}, where) : el('span', {}, where, ' (', time(moment), ')');
}
