/** Makes the elements that show findings and lines of logs. */
import type { FindingReport, LogPosition } from '../../audit/index.ts';
import { type Child, el, time } from '../ui/dom.ts';

/** Makes the element that shows a finding, with a button that shows the finding's task. */
export function findingItem(finding: FindingReport, onShow: () => void): Child {
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
      el('span', { class: 'hint' }, positionText(where), task !== undefined && ` · task ${task}`, !verified && ' · not verified'),
    ),
    task !== undefined && button,
  );
}

export function severityTag({ severity, type }: FindingReport, text = `${severity}: ${type}`): HTMLElement {
  return el('span', { class: `tag ${severity}` }, text.replaceAll('_', ' '));
}

/** Makes the text for a line of a log: the log's name, the line's number, and the line's time. */
export function positionText({ source, line, time: moment }: LogPosition): HTMLElement {
  const where = `${source.length > 60 ? `…${source.slice(-59)}` : source}:${line}`;
  return moment === undefined ? el('span', {}, where) : el('span', {}, where, ' (', time(moment), ')');
}
