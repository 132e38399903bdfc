/** Draws the lineage of a task: a tree of its revisions, and the times of each revision. */
import type { AuditReport, TaskReport } from '../../audit/index.ts';
import { el, fill, svg } from '../ui/dom.ts';
import { type Listbox, listbox } from '../ui/listbox.ts';
import { timesOf } from './times.ts';
import { drawTimes, timesLegend } from './times-view.ts';
import { forkedIn, layOut, MOST_ROWS, ROW, type Row, type Tree } from './tree.ts';

/** The width of a lane, the column for one branch of the tree, in CSS pixels. */
const LANE = 22;

export interface TreeView {
  readonly element: HTMLElement;
  /** Chooses a revision by its fingerprint. */
  readonly choose: Listbox['choose'];
}

/** Draws a task page by page. @param onChoose called with the fingerprint of the chosen revision */
export function treeView(task: TaskReport, findings: AuditReport['findings'], onChoose: (fingerprint: string) => void): TreeView {
  const forked = forkedIn(task, findings);
  const times = timesOf(task, findings);
  const { length } = task.revisions;
  const [drawn, range] = [el('div', { class: 'tree' }), el('span', { role: 'status', class: 'hint' })];
  const [earlier, later] = [el('button', { type: 'button' }, 'Earlier revisions'), el('button', { type: 'button' }, 'Later revisions')];
  let from = -1;
  let choose: Listbox['choose'] = () => {};

  function showPage(at: number): void {
    if (at === from) return;
    from = at;
    const tree = layOut(task, forked, from);
    const items = tree.rows.map((row) => ({ key: row.revision.fingerprint, content: rowContent(row) }));
    const list = listbox(`Revisions of task ${task.id}`, items, onChoose);
    choose = list.choose;
    // A wide tree scrolls, so it must be possible to reach the tree and scroll it with the keyboard.
    const scrolled = tree.lanes > 6 && { tabindex: 0, role: 'group', 'aria-label': 'Drawing of the tree' };
    fill(drawn, el('div', { class: 'drawing', ...scrolled }, drawTree(tree)), list.element, drawTimes(tree.rows, times));
    fill(
      range,
      `Revisions ${(from + 1).toLocaleString('en')} to ${(from + tree.rows.length).toLocaleString('en')} of ${length.toLocaleString('en')}, in the order of the lineage.`,
    );
    earlier.disabled = from === 0;
    later.disabled = from + MOST_ROWS >= length;
  }

  function turn(rows: number): void {
    showPage(from + rows);
    choose(task.revisions[from]?.fingerprint ?? '');
  }

  earlier.addEventListener('click', () => turn(-MOST_ROWS));
  later.addEventListener('click', () => turn(MOST_ROWS));
  showPage(0);
  return {
    element: el(
      'div',
      {},
      drawn,
      length > MOST_ROWS && el('div', { class: 'row pages' }, earlier, later, range),
      legend(),
      timesLegend(times),
    ),
    choose(fingerprint, options) {
      const at = task.revisions.findIndex((revision) => revision.fingerprint === fingerprint);
      if (at === -1) return;
      showPage(at - (at % MOST_ROWS));
      choose(fingerprint, options);
    },
  };
}

function rowContent({ revision: { revision, fingerprint, delegated, rights, previous, previous_seen }, forked }: Row) {
  const [some, more] = [rights?.slice(0, 3).join(', '), (rights?.length ?? 0) > 3 ? ', …' : ''];
  return [
    el('span', { class: 'revision' }, `rev ${revision}`),
    el(
      'span',
      { class: 'tags' },
      forked && el('span', { class: 'tag high' }, 'fork'),
      delegated && el('span', { class: 'tag plain' }, some === undefined ? 'delegated' : `delegated: ${some}${more}`),
      previous !== undefined && !previous_seen && el('span', { class: 'tag plain' }, 'gap before'),
    ),
    el('code', { class: 'fingerprint' }, fingerprint),
  ];
}

function drawTree({ rows, lanes }: Tree): SVGSVGElement {
  const x = (lane: number) => lane * LANE + LANE / 2;
  const y = (row: number) => row * ROW + ROW / 2;
  const edges = rows.flatMap(({ parent, lane, forked, revision }, row) => {
    const kind = `edge${forked ? ' forked' : ''}${revision.delegated ? ' delegated' : ''}`;
    if (parent === undefined) {
      if (revision.previous === undefined) return [];
      const isGap = !revision.previous_seen;
      return [svg('path', { class: isGap ? 'edge gap' : kind, d: `M${x(lane)} ${y(row) - ROW / 2}V${y(row)}` })];
    }
    const from = rows[parent]?.lane ?? 0;
    const bend = from === lane ? '' : `C${x(from)} ${y(parent) + ROW / 2} ${x(lane)} ${y(parent) + ROW / 2} ${x(lane)} ${y(parent) + ROW}`;
    return [svg('path', { class: kind, d: `M${x(from)} ${y(parent)}${bend}V${y(row)}` })];
  });
  const nodes = rows.map(({ lane, forked, revision }, row) => nodeAt(x(lane), y(row), forked, revision.delegated));
  const [width, height] = [lanes * LANE, rows.length * ROW];
  return svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true', focusable: 'false' }, ...edges, ...nodes);
}

/**
 * Draws a revision: a fork as a diamond, a delegated handle as a square, any other as a circle. The shapes differ for
 * people who see no colours.
 */
function nodeAt(x: number, y: number, forked: boolean, delegated: boolean): SVGElement {
  if (forked) return svg('path', { class: 'node forked', d: `M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z` });
  if (delegated) return svg('rect', { class: 'node delegated', x: x - 6, y: y - 6, width: 12, height: 12 });
  return svg('circle', { class: 'node', cx: x, cy: y, r: 6 });
}

function legend(): HTMLElement {
  const sign = (...drawn: SVGElement[]) => svg('svg', { width: 18, height: 18, 'aria-hidden': 'true', focusable: 'false' }, ...drawn);
  return el(
    'ul',
    { class: 'legend', 'aria-label': 'Signs' },
    el('li', {}, sign(nodeAt(9, 9, false, false)), 'revision'),
    el('li', {}, sign(nodeAt(9, 9, true, false)), 'fork: one of several updates of one handle'),
    el('li', {}, sign(nodeAt(9, 9, false, true)), 'delegated: fewer rights or an earlier expiry'),
    el('li', {}, sign(svg('path', { class: 'edge gap', d: 'M9 0V18' })), 'the replaced handle is not in the log'),
  );
}
