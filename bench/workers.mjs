/**
 * Compares one process of a server with several on the same cores, which the load generator also uses. The SDK's recipe
 * with tasks in a `Map` is measured, too; each of its processes has only its own tasks. Run `npm run build` first; then
 * `node bench/workers.mjs [--workers 2] [--rounds 7] [--seconds 6] [--connections 32] [--quick]`. The exit code is 1 if
 * several workers answer less than 1.25 times as many calls as one.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { recipeWithMap, waxseal } from './lib/compared-servers.mjs';
import { withFolder, withRunning } from './lib/folder.mjs';
import { progress, report } from './lib/report.mjs';
import { ringFile } from './lib/ring.mjs';
import { startServer } from './lib/server-process.mjs';
import { wrk } from './lib/wrk.mjs';
import { median, shuffled } from './statistics.mjs';

/** The minimum ratio: the calls that several workers answer, divided by the calls that one answers. */
const LEAST_GAIN = 1.25;

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '2' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '32' },
    quick: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const workers = Number(values.workers);
const rounds = Number(values.rounds ?? (quick ? 3 : 7));
const seconds = Number(values.seconds ?? (quick ? 2 : 6));
const connections = Number(values.connections);

const { table, line, save } = report('workers', { quick });
line('# Workers');
const samples = await withFolder((folder) => withRunning((running) => measureAll(running, folder)));
const gain = show(samples);
save();
if (gain < LEAST_GAIN) {
  line(`${workers} workers answer only ${gain.toFixed(2)} times as many calls as one worker. Expected: ${LEAST_GAIN} times or more.`);
  process.exitCode = 1;
}

async function measureAll(running, folder) {
  const ring = await ringFile(folder);
  const several = (server) => ({ ...server, name: `${server.name}, ${workers} processes` });
  const ours = waxseal(ring);
  const clustered = fileURLToPath(new URL('servers/clustered.mjs', import.meta.url));
  const all = [
    { ...ours, name: 'waxseal, 1 process' },
    several({ ...ours, args: [...ours.args, '--workers', String(workers)] }),
    { ...recipeWithMap, name: 'recipe, Map, 1 process' },
    several({ name: 'recipe, Map', args: [clustered, String(workers), 'recipe.mjs', 'map'] }),
  ];
  const samples = new Map();
  for (const server of all) {
    const started = await startServer(server, folder);
    running.push(started);
    samples.set(started, []);
  }
  for (const { url } of samples.keys()) await wrk({ url, connections, seconds });
  for (let round = 1; round <= rounds; round += 1) {
    progress(`workers: round ${round} of ${rounds}`);
    for (const server of shuffled([...samples.keys()])) samples.get(server).push(await wrk({ url: server.url, connections, seconds }));
  }
  return samples;
}

/** Prints the table. @returns the median ratio of Waxseal: the calls of several workers, divided by those of one */
function show(samples) {
  const rateOf = ({ right, seconds: took }) => right / took;
  const gains = [];
  let before;
  const rows = [...samples].map(([{ name }, own], at) => {
    const middle = (figure) => median(own.map(figure));
    // Each ratio compares two servers within one round: other work of the machine then affects both alike.
    const ratio = at % 2 === 0 ? 1 : median(own.map((sample, round) => rateOf(sample) / rateOf(before[round])));
    if (at % 2 === 1) gains.push(ratio);
    before = own;
    const failed = own.reduce((sum, sample) => sum + sample.failed, 0) / own.reduce((sum, sample) => sum + sample.failed + sample.right, 0);
    const example = own.find((sample) => sample.example !== '')?.example ?? '';
    if (example !== '') progress(`${name}: e.g. ${example}`);
    const figures = [middle(rateOf).toFixed(0), at % 2 === 0 ? '' : ratio.toFixed(2), `${(failed * 100).toFixed(1)} %`];
    return [name, ...figures, middle(({ p50 }) => p50).toFixed(2), middle(({ p99 }) => p99).toFixed(2)];
  });
  const header = ['server', 'right answers/s', 'ratio to 1 process', 'calls that failed', 'p50 (ms)', 'p99 (ms)'];
  table(`${connections} connections by wrk, medians of ${rounds} rounds of ${seconds} s`, header, rows);
  return gains[0];
}
