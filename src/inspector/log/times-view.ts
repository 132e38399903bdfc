/**
 * Draws the timeline of a task beside its tree, with one row for each revision. The details of a revision give its
 * times as text.
 */
import { utc } from '../../handle/index.ts';
import { el, svg } from '../ui/dom.ts';
import { placesIn, type Times } from './times.ts';
import { ROW, type Row } from './tree.ts';

/** Draws the times of the revisions on one page of the tree. Returns undefined if no time is known. */
export function drawTimes(rows: readonly Row[], times: Times): HTMLElement | undefined {
  if (times.axis === undefined) return undefined;
  // A margin on both sides keeps the marks at the ends fully visible.
  const x = (place: number) => `${(4 + place * 92).toFixed(2)}%`;
  const marks = rows.flatMap(({ revision, forked }, row) => {
    const y = row * ROW + ROW / 2;
    const { issued, first, last, expires, late } = placesIn(times, revision);
    const line = (from: number | undefined, to: number | undefined, kind: string) =>
      from !== undefined && to !== undefined && from !== to ? [svg('line', { class: kind, x1: x(from), x2: x(to), y1: y, y2: y })] : [];
    const upright = (place: number | undefined, kind: string, half: number) =>
      place === undefined ? [] : [svg('line', { class: kind, x1: x(place), x2: x(place), y1: y - half, y2: y + half })];
    const dot = (place: number | undefined, kind: string) =>
      place === undefined ? [] : [svg('circle', { class: kind, cx: x(place), cy: y, r: 4 })];
    return [
      svg('line', { class: 'base', x1: x(0), x2: x(1), y1: y, y2: y }),
      svg('text', { class: 'row-name', x: 0, y: y - 10 }, `rev ${revision.revision}${forked ? ', fork' : ''}`),
      ...line(first, last, `span${forked ? ' forked' : ''}`),
      ...upright(issued, 'issued', 9),
      ...upright(expires, 'expires', 9),
      ...dot(first, 'seen'),
      ...(last === first ? [] : dot(last, 'seen')),
      ...(late === undefined ? [] : [cross(x(late), y)]),
    ];
  });
  const { start, end } = times.axis;
  const ends = [utc(Math.floor(start)), end === start ? '' : utc(Math.floor(end))];
  return el(
    'div',
    { class: 'times', 'aria-hidden': 'true' },
    el('div', { class: 'axis' }, ...ends.map((text) => el('span', {}, text))),
    svg('svg', { width: '100%', height: rows.length * ROW, focusable: 'false' }, ...marks),
  );
}

/** Makes the legend of the timeline. If times are missing, a sentence says what the timeline cannot show. */
export function timesLegend({ axis, areSeen, late }: Times): HTMLElement {
  if (axis === undefined)
    return el(
      'p',
      { class: 'hint' },
      'No line of the log gives a time for this task. The page therefore draws no timeline, and the order between logs is unknown.',
    );
  const sign = (...drawn: SVGElement[]) =>
    svg('svg', { class: 'times', width: 18, height: 18, 'aria-hidden': 'true', focusable: 'false' }, ...drawn);
  const upright = (kind: string) => sign(svg('line', { class: kind, x1: 9, x2: 9, y1: 1, y2: 17 }));
  return el(
    'div',
    {},
    el(
      'ul',
      { class: 'legend', 'aria-label': 'Signs of the timeline' },
      el('li', {}, upright('issued'), 'issued, according to the handle'),
      areSeen &&
        el(
          'li',
          {},
          sign(svg('line', { class: 'span', x1: 2, x2: 16, y1: 9, y2: 9 }), svg('circle', { class: 'seen', cx: 9, cy: 9, r: 4 })),
          'seen in the log for the first and the last time',
        ),
      el('li', {}, upright('expires'), 'expires'),
      late.size > 0 && el('li', {}, sign(cross('50%', 9)), 'used after a newer revision, or after the expiry'),
    ),
    !areSeen &&
      el(
        'p',
        { class: 'hint' },
        'No line of the log gives a time for this task. The timeline shows only the times in the handles, and the order between logs is unknown.',
      ),
  );
}

/** Draws a cross. The cross is a nested SVG element, because a path cannot have a position in percent. */
function cross(x: string, y: number): SVGElement {
  return svg('svg', { x, y, overflow: 'visible' }, svg('path', { class: 'late', d: 'M-6 -6L6 6M-6 6L6 -6' }));
}
