/** Draws line plots as SVG. Their background is white, so they are readable on light and dark pages. */
import { writeFileSync } from 'node:fs';
import { parse, View, Warn } from 'vega';

/**
 * @param file the path
 * @param plot `title`; `x` and `y`, the titles of the axes with their units; `log`, whether the x axis is logarithmic;
 *   and `series`, the points [x, y] of each line by its name
 */
export async function plot(file, options) {
  const view = new View(parse(specification(options)), { renderer: 'none', logLevel: Warn });
  writeFileSync(file, `${await view.toSVG()}\n`);
  view.finalize();
}

/** The colours of the lines. The lines also differ in their dashes, for people who do not see colours. */
const COLOURS = ['#1b4f8f', '#b5480f'];
const DASHES = [[], [6, 4]];

function specification({ title, x, y, log = false, series }) {
  const names = Object.keys(series);
  const values = names.flatMap((name) => series[name].map(([at, value]) => ({ at, value, name })));
  const ticks = [...new Set(values.map(({ at }) => at))];
  const place = { x: { scale: 'x', field: 'at' }, y: { scale: 'y', field: 'value' } };
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    width: 560,
    height: 300,
    padding: 16,
    background: 'white',
    title: { text: title, anchor: 'start', offset: 12 },
    config: {
      text: { font: 'sans-serif' },
      axis: { labelFont: 'sans-serif', titleFont: 'sans-serif', labelFontSize: 11, titleFontSize: 12 },
    },
    data: [{ name: 'points', values }],
    scales: [
      {
        name: 'x',
        type: log ? 'log' : 'linear',
        domain: { data: 'points', field: 'at' },
        range: 'width',
        zero: false,
        padding: 16,
      },
      { name: 'y', domain: { data: 'points', field: 'value' }, range: 'height', zero: true, nice: true },
      { name: 'colour', type: 'ordinal', domain: names, range: COLOURS },
      { name: 'dash', type: 'ordinal', domain: names, range: DASHES },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: x, values: ticks, format: ',d', labelOverlap: true },
      { orient: 'left', scale: 'y', title: y, grid: true, gridColor: '#dddddd' },
    ],
    legends:
      names.length > 1 ? [{ stroke: 'colour', strokeDash: 'dash', symbolType: 'stroke', orient: 'bottom', direction: 'horizontal' }] : [],
    marks: [
      {
        type: 'group',
        from: { facet: { name: 'line', data: 'points', groupby: 'name' } },
        marks: [
          {
            type: 'line',
            from: { data: 'line' },
            encode: {
              enter: {
                ...place,
                stroke: { scale: 'colour', field: 'name' },
                strokeDash: { scale: 'dash', field: 'name' },
                strokeWidth: { value: 2 },
              },
            },
          },
          {
            type: 'symbol',
            from: { data: 'line' },
            encode: { enter: { ...place, fill: { scale: 'colour', field: 'name' }, size: { value: 40 } } },
          },
        ],
      },
    ],
  };
}
