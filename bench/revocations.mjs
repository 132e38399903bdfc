/**
 * Measures how much longer opening a handle takes with 10,000 revocations in the ring. Two rings of the same keys take
 * turns: one with and one without revocations. Run `npm run build` first; then `node bench/revocations.mjs [--rounds
 * 31] [--quick]`.
 */
import { parseArgs } from 'node:util';
import { issue, open } from '../dist/handle/index.js';
import { isRevoked, MAX_REVOCATIONS, mintingKey, openingKey, parseRing } from '../dist/keys/index.js';
import { costOf, countFor } from './lib/cost.mjs';
import { progress, report } from './lib/report.mjs';
import { ringDocument } from './lib/ring.mjs';
import { median, shuffled } from './statistics.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 3 : 31));
/** How long one ring is measured before the other has its turn, in milliseconds. */
const TURN_MS = quick ? 20 : 100;

const now = Math.floor(Date.now() / 1000);
const document = await ringDocument();
const name = (at) => at.toString(36).padStart(16, '0');
const half = Array.from({ length: MAX_REVOCATIONS / 2 }, (_, at) => at);
const revocations = {
  tasks: half.map((at) => ({ jti: name(at), until: now + 86_400 })),
  subjects: half.map((at) => ({ sub: `${name(at)}AAAAAA`, until: now + 86_400 })),
};
const subject = 'BBBBBBBBBBBBBBBBBBBBBA';
const subjects = await Promise.all([
  subjectOf('no revocations', document),
  subjectOf(`${MAX_REVOCATIONS.toLocaleString('en')} revocations`, { ...document, revocations }),
]);
for (let round = 0; round <= rounds; round += 1) {
  progress(`revocations: round ${round} of ${rounds}`);
  for (const one of shuffled(subjects)) {
    const { cpu } = await costOf(one.count, 1, one.call);
    // The first round only warms up the code.
    if (round > 0) one.samples.push(cpu);
  }
}

const { table, line, save } = report('revocations', { quick });
line('# Revocations\n');
line('The CPU time of opening a fresh handle of an authenticated caller. Each round gives a ratio, and the table shows their median.');
const [bare, full] = subjects;
table(
  `Medians of ${rounds} rounds`,
  ['ring', 'open, CPU (µs)', 'ratio to no revocations'],
  subjects.map(({ name: ring, samples }) => [
    ring,
    median(samples).toFixed(2),
    `${median(samples.map((sample, round) => sample / bare.samples[round])).toFixed(3)} ×`,
  ]),
);
save();
if (full.samples.length !== bare.samples.length) throw new Error('the two rings do not have the same number of samples');

async function subjectOf(name, ringText) {
  const ring = await parseRing(JSON.stringify(ringText));
  const { handle } = await issue({ kind: 'bench@1', state: {}, now, lifetime: 3_600, subject }, mintingKey(ring, now));
  const expected = {
    findKey: (kid) => openingKey(ring, kid, now),
    now,
    subject,
    kinds: new Map([['bench@1', (state) => state]]),
    needs: [],
    isRevoked: (claims) => isRevoked(ring.revocations, claims, now),
  };
  const call = () => open(handle, expected);
  return { name, call, samples: [], count: await countFor(TURN_MS, call) };
}
