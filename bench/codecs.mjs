/**
 * Compares how long sealing and opening take: with Waxseal, with the floor (the same format, with as little work as
 * possible), and with other codecs. Run `npm run build` first; then `node bench/codecs.mjs [--rounds 15] [--quick]`.
 */
import { parseArgs } from 'node:util';
import { codecs, requireSound } from './lib/codecs.mjs';
import { costOf, countFor } from './lib/cost.mjs';
import { progress, report } from './lib/report.mjs';
import { stateOf } from './lib/states.mjs';
import { tokensOf } from './lib/tokens.mjs';
import { median, shuffled } from './statistics.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 3 : 15));
/** How long one codec is measured before the next has its turn, in milliseconds. */
const TURN_MS = quick ? 20 : 100;
const PARALLEL = 16;
const SIZES = { '100 B': 100, '1 KB': 1_024, '4 KB': 4_096, '10 KB': 10_240 };

const { table, line, save } = report('codecs', { quick });
line('# Codecs\n');
line(
  `"alone" is the time of a call when calls run one after another. "CPU" is the CPU time of a call on all threads when ${PARALLEL} calls run at one time. The number in brackets is the ratio to the floor, which makes the same format with bare \`node:crypto\` and few checks.`,
);
const all = await codecs();
for (const [size, bytes] of Object.entries(SIZES)) {
  const state = stateOf(bytes);
  await requireSound(all, state);
  const subjects = await Promise.all(all.map((codec) => subjectsOf(codec, state)));
  await measure(subjects.flat(), size);
  table(
    `State of ${size}, medians of ${rounds} rounds`,
    header(),
    subjects.map((own) => row(own, subjects.flat())),
  );
}
save();

function header() {
  const of = (operation) => [`${operation}, alone (µs)`, `${operation}, CPU (µs)`, `${operation}, a second`];
  return ['codec', 'characters', 'tokens', ...of('seal'), ...of('open')];
}

/** Returns the two subjects of the measurement for a codec: sealing and opening. */
async function subjectsOf(codec, state) {
  const text = await codec.seal(state);
  const { name, floor } = codec;
  const make = (operation, call) => ({ name, floor, operation, call, text, samples: [] });
  return [make('seal', () => codec.seal(state)), make('open', () => codec.open(text))];
}

/** Measures the subjects in turns, so that each meets the same noise. The first round only warms up the code. */
async function measure(subjects, size) {
  for (const subject of subjects) subject.count = await countFor(TURN_MS, subject.call);
  for (let round = 0; round <= rounds; round += 1) {
    progress(`codecs: ${size}, round ${round} of ${rounds}`);
    for (const subject of shuffled(subjects)) {
      const alone = await costOf(subject.count, 1, subject.call);
      const together = await costOf(subject.count, PARALLEL, subject.call);
      if (round > 0) subject.samples.push({ alone: alone.time, cpu: together.cpu, rate: together.rate });
    }
  }
}

function row(own, subjects) {
  const [{ name, text }] = own;
  return [name, text.length, tokensOf(text), ...own.flatMap((subject) => figures(subject, subjects))];
}

function figures({ samples, floor, operation }, subjects) {
  const base = subjects.find((candidate) => candidate.name === floor && candidate.operation === operation)?.samples;
  const middle = (figure) => median(samples.map((sample) => sample[figure]));
  const withRatio = (figure) => {
    const ratio = base && median(samples.map((sample, round) => sample[figure] / base[round][figure]));
    return `${middle(figure).toFixed(1)}${ratio === undefined ? '' : ` (${ratio.toFixed(2)} ×)`}`;
  };
  return [withRatio('alone'), withRatio('cpu'), middle('rate').toFixed(0)];
}
