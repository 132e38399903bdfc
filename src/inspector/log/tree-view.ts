/** The lineage of a task, drawn: beside each revision its place in the tree. */
import type { AuditReport, TaskReport } from '../../audit/index.ts';
import { counted } from '../../scan/words.ts';
import { el, svg } from '../ui/dom.ts';
import { type Listbox, listbox } from '../ui/listbox.ts';
import { layOut, MOST_ROWS, type Row, type Tree } from './tree.ts';

/** The height of a row in CSS pixels, as the style sheet has it (3rem of 16), and the width of a lane. */
const ROW = 48;
const LANE = 22;

export interface TreeView {
  readonly element: HTMLElement;
  /** Chooses a revision by its fingerprint. */
  readonly choose: Listbox['choose'];
}

/** Draws a task. `onChoose` gets the fingerprint of the revision that is chosen. */
export function treeView(task: TaskReport, findings: AuditReport['findings'], onChoose: (fingerprint: string) => void): TreeView {
  const tree = layOut(task, findings);
  const items = tree.rows.map((row) => ({ key: row.revision.fingerprint, content: rowContent(row) }));
  const list = listbox(`Revisions of task ${task.id}`, items, onChoose);
  // Wide trees are scrolled, and by keys too.
  const scrolled = tree.lanes > 6 && { tabindex: 0, role: 'group', 'aria-label': 'Drawing of the tree' };
  const drawing = el('div', { class: 'drawing', ...scrolled }, drawTree(tree));
  const element = el(
    'div',
    {},
    el('div', { class: 'tree' }, drawing, list.element),
    tree.omitted > 0 &&
      el(
        'p',
        { class: 'hint' },
        `${counted(tree.omitted, 'more revision')} not drawn: at most ${MOST_ROWS} are. waxseal audit --json lists all.`,
      ),
    legend(),
  );
  return { element, choose: list.choose };
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
      const isGap = revision.previous !== undefined;
      return isGap ? [svg('path', { class: 'edge gap', d: `M${x(lane)} ${y(row) - ROW / 2}V${y(row)}` })] : [];
    }
    const from = rows[parent]?.lane ?? 0;
    const bend = from === lane ? '' : `C${x(from)} ${y(parent) + ROW / 2} ${x(lane)} ${y(parent) + ROW / 2} ${x(lane)} ${y(parent) + ROW}`;
    return [svg('path', { class: kind, d: `M${x(from)} ${y(parent)}${bend}V${y(row)}` })];
  });
  const nodes = rows.map(({ lane, forked, revision }, row) => nodeAt(x(lane), y(row), forked, revision.delegated));
  const [width, height] = [lanes * LANE, rows.length * ROW];
  return svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true', focusable: 'false' }, ...edges, ...nodes);
}

/** A fork is a diamond and a delegation a square, so that it does not take colours to tell them apart. */
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
    el('li', {}, sign(nodeAt(9, 9, true, false)), 'fork: cannot all be right'),
    el('li', {}, sign(nodeAt(9, 9, false, true)), 'delegated: may do less, or not as long'),
    el('li', {}, sign(svg('path', { class: 'edge gap', d: 'M9 0V18' })), 'what came before is not in the log'),
  );
}
