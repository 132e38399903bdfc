/** Counts refused handles by step, procedure and changed layer. */
import { LAYER_NAMES } from './cases.mjs';
import { OPENED, PROCEDURES, STEPS, takes } from './steps.mjs';

const ROWS = [...STEPS, { number: OPENED, name: 'opened', code: '', reasons: [] }];

export function newCounts() {
  const byLayer = () => Object.fromEntries(LAYER_NAMES.map((name) => [name, new Array(OPENED + 1).fill(0)]));
  return Object.fromEntries(PROCEDURES.map((procedure) => [procedure, byLayer()]));
}

export function addCounts(total, counts) {
  for (const procedure of PROCEDURES)
    for (const layer of LAYER_NAMES) for (const [step, count] of counts[procedure][layer].entries()) total[procedure][layer][step] += count;
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const byProcedure = (total, procedure, step) => sum(LAYER_NAMES.map((layer) => total[procedure][layer][step]));
const byLayer = (total, layer, step) => sum(PROCEDURES.map((procedure) => total[procedure][layer][step]));

/** The steps of each procedure that no case has reached. */
export function missedIn(total) {
  return PROCEDURES.flatMap((procedure) =>
    ROWS.filter(({ number }) => takes(procedure, number) && byProcedure(total, procedure, number) === 0).map(
      ({ number, name }) => `${number} ${name} (${procedure})`,
    ),
  );
}

export function tableOf(total) {
  const names = [...PROCEDURES, ...LAYER_NAMES];
  const line = (step, answer, cells) =>
    `${step.padEnd(23)}${answer.padEnd(46)}${cells.map((cell, at) => String(cell || '·').padStart(Math.max(names[at].length, 6) + 2)).join('')}`;
  const rows = ROWS.map(({ number, name, code, reasons }) =>
    line(`${String(number).padStart(2)} ${name}`, reasons.length === 0 ? code : `${code} (${reasons.join(', ')})`, [
      ...PROCEDURES.map((procedure) => byProcedure(total, procedure, number)),
      ...LAYER_NAMES.map((layer) => byLayer(total, layer, number)),
    ]),
  );
  return [line('step', 'answer', names), ...rows].join('\n');
}
