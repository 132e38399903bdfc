/**
 * Offers one server ten times the load that it can serve. Run `npm run build` first, then:
 *
 *     node test/soak/overload.mjs [--seconds 30] [--connections 2000] [--times 10]
 *
 * The script measures the capacity of one process, and offers ten times that, first with load shedding alone and then with
 * the default rate limit. It exits with 1 if the process died, gave a wrong answer, grew without bound, or did not recover.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brokenChains } from './chains.mjs';
import { Load } from './load.mjs';
import { Patient } from './patient.mjs';
import { folder, limitTime, serve, waxseal } from './programs.mjs';
import { conclude, quantile, say, table } from './report.mjs';

/** The warm-up before the measurement of the capacity, because a process becomes several times faster in its first seconds. Seconds. */
const WARM_S = 5;
const MEASURE_S = 10;
const MEASURE_CONNECTIONS = 16;

/** How long load is offered at most until the default rate limit, 60,000 requests a minute, is reached. Seconds. */
const LIMITED_S = 12;

/** The bounds that must hold. Memory is in MiB, times are in milliseconds. */
const MOST_MEMORY = 1024;
const SLOWEST_HEALTH_MS = 5_000;
const SLOWEST_ANSWER_MS = 10_000;
const RECOVERY_MS = 5_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    connections: { type: 'string', default: '2000' },
    times: { type: 'string', default: '10' },
  },
});
const [seconds, connections, times] = [values.seconds, values.connections, values.times].map(Number);

limitTime(seconds * 3 + 180);
const ring = join(folder, 'ring.jwks');
await waxseal(['keys', 'generate', '--out', ring]);
const failures = [];

function start(name, args) {
  const onLine = ({ level, msg }) => level >= 50 && failures.push(`${name}: the server logged: ${msg}`);
  return serve(['--keys', ring, ...args], { onLine });
}

/** Offers load to a server, watches the server, and writes the outcome into a column of the table. */
async function overload(name, { server, seconds: long, rate, isLimited = false, until }) {
  const patient = new Patient(server);
  const load = new Load(2);
  const report = setInterval(() => {
    const { offered, ok, shed, limited } = load.counts();
    say(`${name}: ${offered} offered, ${ok} answered, ${shed} shed, ${limited} limited, ${patient.memory()} MiB`);
  }, 5_000);
  let begun = performance.now();
  let cpuBefore = 0;
  const onBegin = () => {
    say(`${name}: ${connections} connections open, offering ${rate}/s`);
    begun = performance.now();
    cpuBefore = patient.cpu();
    patient.watch();
  };
  await load.offer({ port: server.port, rate, connections, seconds: long, onBegin, until });
  const took = (performance.now() - begun) / 1000;
  const cpu = patient.cpu() - cpuBefore;
  clearInterval(report);
  const { counts, accepted, turnedAway } = structuredClone(load.result());
  const recovery = server.over() === undefined ? await patient.recovers(RECOVERY_MS, isLimited) : undefined;
  const { health } = await patient.stopWatching();
  // A caller that has used up its rate limit cannot read its tasks for a minute.
  if (!isLimited) await load.verify(server.port);
  const tasks = await load.tasks();
  const broken = await brokenChains(ring, tasks);
  const died = server.over();
  const code = await server.stop();

  const after = load.result();
  const expect = (holds, failure) => holds || failures.push(`${name}: ${failure}`);
  expect(died === undefined, `the process ended with ${died}`);
  expect(code === 0, `the process ended with ${code} when it was told to stop`);
  expect(health.failed.length === 0, `/healthz failed ${health.failed.length} times: ${health.failed[0]}`);
  expect(Math.max(...health.took) <= SLOWEST_HEALTH_MS, `/healthz took ${Math.round(Math.max(...health.took))} ms`);
  expect(patient.mostMemory <= MOST_MEMORY, `${patient.mostMemory} MiB of memory`);
  expect(counts.offered / took > 0.8 * rate, `only ${Math.round(counts.offered / took)}/s could be offered, not ${rate}/s`);
  expect(counts.ok > 0, 'nothing was accepted');
  expect(counts.shed + counts.limited + counts.refused + counts.reset > 0, 'nothing was refused: this was no overload');
  for (const bad of ['wrong', 'error', 'broken', 'late']) expect(after.counts[bad] === 0, `${after.counts[bad]} ${bad} answers`);
  expect(quantile(accepted, 1) <= SLOWEST_ANSWER_MS, `an answer took ${quantile(accepted, 1)} ms`);
  expect(broken === 0, `${broken} tasks whose handles are no chain`);
  expect(recovery !== undefined, `not served normally within ${RECOVERY_MS} ms after the load`);
  failures.push(...after.problems.map((problem) => `${name}: ${problem}`));

  const rateOf = (count) => `${Math.round(count / took)}/s`;
  const spread = (list) => [0.5, 0.99, 1].map((q) => quantile(list, q)).join(' / ');
  return {
    counts,
    rows: [
      ['time, s', took.toFixed(1)],
      ['offered', rateOf(counts.offered)],
      ['that is, of what is sustained or was answered', `${(counts.offered / Math.max(sustainable * took, counts.ok)).toFixed(1)} times`],
      ['held back: every connection was waiting', rateOf(counts.held)],
      ['sent', rateOf(counts.offered - counts.held)],
      ['answered 200 and right', rateOf(counts.ok)],
      ['503 with Retry-After', rateOf(counts.shed)],
      ['429 with Retry-After', rateOf(counts.limited)],
      ['connections refused / reset', `${counts.refused} / ${counts.reset}`],
      ['wrong, broken off or no answer', after.counts.wrong + after.counts.error + after.counts.broken + after.counts.late],
      ['200 took, p50 / p99 / max ms', spread(accepted)],
      ['503 and 429 took, p50 / p99 / max ms', spread(turnedAway)],
      ['/healthz took, p50 / p99 / max ms', spread(health.took.map((ms) => [Math.round(ms), 1]).sort(([a], [b]) => a - b))],
      ['/healthz asked / failed', `${health.took.length} / ${health.failed.length}`],
      [
        'CPU of the server, s; ms an answer',
        `${cpu.toFixed(1)}; ${((cpu * 1000) / (counts.ok + counts.shed + counts.limited)).toFixed(2)}`,
      ],
      ['memory at first / most / after, MiB', `${patient.firstMemory} / ${patient.mostMemory} / ${patient.lastMemory}`],
      ['served normally again after, ms', recovery ?? 'not'],
      ['tasks whose handles were verified as a chain', tasks.length],
    ],
  };
}

const first = await start('no rate limit', ['--rate-limit', '0']);
say(`measuring what one process can do, ${MEASURE_CONNECTIONS} connections, ${MEASURE_S} s after ${WARM_S} s to get warm`);
const measure = new Load(1);
const closed = { port: first.port, connections: MEASURE_CONNECTIONS };
await measure.run({ ...closed, seconds: WARM_S });
const warm = measure.counts().ok;
await measure.run({ ...closed, seconds: MEASURE_S });
measure.end();
const sustainable = Math.round((measure.counts().ok - warm) / MEASURE_S);
failures.push(...measure.result().problems.map((problem) => `measuring: ${problem}`));
const rate = sustainable * times;
say(`it can do ${sustainable} calls/s; offering ${rate}/s on ${connections} connections`);

const shedding = await overload('no rate limit', { server: first, seconds, rate });
const second = await start('default rate limit', []);
const limiting = await overload('default rate limit', {
  server: second,
  seconds: LIMITED_S,
  rate,
  isLimited: true,
  until: ({ limited }) => limited > 5_000,
});
const label = [['', '--rate-limit 0', 'default']];
table(`${times} times the load that is sustained (${sustainable}/s)`, [
  ...label,
  ...shedding.rows.map(([name, value], at) => [name, value, limiting.rows[at][1]]),
]);
conclude(failures, `${times} times the sustainable load for ${seconds} s: alive, memory bounded, every accepted answer right`);
