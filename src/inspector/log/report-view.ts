/** Shows the report on a log: findings and tasks with a filter, and the lineage of the chosen task. */
import { type AuditReport, conclusionOn, type TaskReport, unreadLines } from '../../audit/index.ts';
import { counted } from '../../scan/words.ts';
import { type Child, el, facts, fill, time } from '../ui/dom.ts';
import { listbox } from '../ui/listbox.ts';
import { findingItem, positionText } from './finding-view.ts';
import { revisionDetails, taskFacts, taskItem } from './task-view.ts';
import { treeView } from './tree-view.ts';

/** How many tasks, and how many findings, the page lists at most. The filter finds the others. */
const MOST_LISTED = 200;

type Findings = AuditReport['findings'];

export function showReport(container: HTMLElement, report: AuditReport): void {
  const filter = el('input', {
    id: 'filter',
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
    placeholder: 'id, fingerprint, kind, key or right',
  });
  const which = el(
    'select',
    { id: 'which' },
    el('option', { value: 'all' }, 'all tasks'),
    el('option', { value: 'findings' }, 'tasks with findings'),
    el('option', { value: 'forks' }, 'tasks with forks'),
  );
  const matches = el('p', { role: 'status', class: 'hint' });
  const [findingList, taskList, lineage, details] = [el('div'), el('div'), el('div'), el('div')];
  const findingsOf = findingsByTask(report);

  function showTask(task: TaskReport, fingerprint?: string): void {
    const view = treeView(task, findingsOf(task), (chosen) => {
      const revision = task.revisions.find((candidate) => candidate.fingerprint === chosen);
      if (revision !== undefined) fill(details, ...revisionDetails(revision, findingsOf(task), report.now));
    });
    fill(lineage, el('h2', {}, 'Lineage'), taskFacts(task, report.now), view.element);
    view.choose(fingerprint ?? task.revisions[0]?.fingerprint ?? '', { focus: fingerprint !== undefined });
  }

  function list(): void {
    const { tasks, findings } = select(report, findingsOf, filter.value, which.value);
    const tasksById = new Map(tasks.map((task) => [task.id, task]));
    const items = tasks.slice(0, MOST_LISTED).map((task) => ({ key: task.id, content: taskItem(task, findingsOf(task)) }));
    const chooser = listbox('Tasks', items, (id) => {
      const task = tasksById.get(id);
      if (task !== undefined) showTask(task);
    });
    const findingItems = findings.slice(0, MOST_LISTED).map((finding) =>
      findingItem(finding, () => {
        const task = tasksById.get(finding.task ?? '');
        if (task === undefined) return;
        chooser.choose(task.id);
        showTask(task, finding.fingerprints[0]);
      }),
    );
    const isCut = Math.max(tasks.length, findings.length) > MOST_LISTED;
    const numbers = `${counted(tasks.length, 'task')} and ${counted(findings.length, 'finding')}`;
    fill(
      matches,
      isCut ? `${numbers}; the page lists the first ${MOST_LISTED} of each. Use the filter to find the others.` : `${numbers}.`,
    );
    fill(findingList, ...findingItems);
    fill(taskList, tasks.length > 0 && chooser.element);
    fill(lineage, el('p', { class: 'hint' }, 'No task to show.'));
    fill(details);
    chooser.choose(tasks[0]?.id ?? '');
  }

  filter.addEventListener('input', list);
  which.addEventListener('change', list);
  fill(
    container,
    el(
      'section',
      { class: 'panel', 'aria-labelledby': 'report-title' },
      el('h2', { id: 'report-title' }, 'Report'),
      ...summary(report),
      el('div', { class: 'row' }, field('Filter', filter), field('Show', which)),
      matches,
      findingList,
      ...unopened(report),
    ),
    report.tasks.length > 0 &&
      el(
        'div',
        { class: 'columns' },
        el('section', { class: 'panel', 'aria-labelledby': 'tasks-title' }, el('h2', { id: 'tasks-title' }, 'Tasks'), taskList),
        el('section', { class: 'panel', 'aria-label': 'Lineage' }, lineage, details),
      ),
  );
  list();
}

function findingsByTask({ findings }: AuditReport): (task: TaskReport) => Findings {
  const byTask = new Map<string, Findings[number][]>();
  for (const finding of findings) {
    if (finding.task === undefined) continue;
    const others = byTask.get(finding.task);
    if (others === undefined) byTask.set(finding.task, [finding]);
    else others.push(finding);
  }
  return ({ id }) => byTask.get(id) ?? [];
}

/**
 * Filters the report. A finding is shown if its task is shown. A finding without a task is shown if its text matches.
 */
function select({ tasks, findings }: AuditReport, findingsOf: (task: TaskReport) => Findings, text: string, which: string) {
  const words = text.trim().toLowerCase();
  const isWanted = (task: TaskReport) =>
    (which !== 'findings' || findingsOf(task).length > 0) && (which !== 'forks' || findingsOf(task).some(({ type }) => type === 'fork'));
  const wanted = tasks.filter((task) => isWanted(task) && (words === '' || textOf(task).includes(words)));
  const ids = new Set(wanted.map(({ id }) => id));
  return {
    tasks: wanted,
    findings: findings.filter(({ type, task, message, fingerprints }) => {
      if (which === 'forks' && type !== 'fork') return false;
      return task === undefined ? [type, message, ...fingerprints].join('\n').toLowerCase().includes(words) : ids.has(task);
    }),
  };
}

const TEXTS = new WeakMap<TaskReport, string>();

/**
 * Returns all text about a task. The filter compares this text with the typed words at every typed character, so the
 * function makes the text of each task only once.
 */
function textOf(task: TaskReport): string {
  const known = TEXTS.get(task);
  if (known !== undefined) return known;
  const { id, kind, revisions } = task;
  const text = [id, kind, ...revisions.flatMap(({ fingerprint, kid, rights = [] }) => [fingerprint, kid, ...rights])]
    .join('\n')
    .toLowerCase();
  TEXTS.set(task, text);
  return text;
}

function summary(report: AuditReport): Child[] {
  const { read, verified, now, protocol_values, notes } = report;
  const unread = unreadLines(report);
  const values = protocol_values.map(({ kind, handles }) => `${handles.toLocaleString('en')} ${kind}`);
  return [
    el('p', { class: 'conclusion' }, conclusionOn(report)),
    facts({
      Read: `${counted(read.lines, 'line')} of ${counted(read.sources, 'log')}`,
      Handles: `${read.handles.toLocaleString('en')} different, ${read.opened.toLocaleString('en')} of them opened`,
      'Not tasks': values.length > 0 && `${values.join(', ')}: values of the MCP protocol`,
      'As of': time(now),
    }),
    !verified &&
      el(
        'p',
        {},
        el('strong', {}, 'Not verified: '),
        'without a ring, the page describes tasks by the values that the log has beside their handles.',
      ),
    unread.length > 0 && el('p', {}, el('strong', {}, 'Not understood: '), `${unread.join('; ')}.`),
    ...notes.map((note) => el('p', {}, el('strong', {}, 'Note: '), note)),
  ];
}

const WHY = { not_opened: 'no ring', unknown_key: 'another ring', revoked_key: 'revoked key', altered: 'altered' } as const;

function unopened({ unopened: handles }: AuditReport): Child[] {
  if (handles.length === 0) return [];
  const head = ['Fingerprint', 'Key', 'Why', 'First seen'].map((name) => el('th', { scope: 'col' }, name));
  const rows = handles.slice(0, MOST_LISTED).map(({ fingerprint, kid, outcome, first }) => {
    const cells = [el('code', {}, fingerprint), el('code', {}, kid), WHY[outcome], positionText(first)];
    return el('tr', {}, ...cells.map((cell) => el('td', {}, cell)));
  });
  return [
    el(
      'details',
      {},
      el('summary', {}, `${counted(handles.length, 'unopened handle')} without a known task`),
      el('table', {}, el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...rows)),
      handles.length > MOST_LISTED && el('p', { class: 'hint' }, `The page lists the first ${MOST_LISTED}.`),
    ),
  ];
}

function field(name: string, control: HTMLElement): HTMLElement {
  return el('div', { class: 'field grow' }, el('label', { for: control.id }, name), control);
}
