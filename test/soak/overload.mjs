/**
 * Puts ten times the sustainable load on a server. Run `npm run build` first, then:
 *
 *     node test/soak/overload.mjs [--rounds 5] [--seconds 5] [--connections 2000] [--times 10]
 *
 * Each round measures single calls, then the load that the server can sustain, then an overload. Each condition is a
 * ratio of two figures of one run, because a slow machine changes both figures alike. Other programs can only make a
 * round slower, so the best round counts. The time that a process waits for a core is subtracted.
 *
 * The script exits with 1 if a ratio does not hold, or if the server died, gave a wrong answer, grew without bound, or
 * did not recover. A last part tests the rate limit during an overload.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brokenChains } from './chains.mjs';
import { Load } from './load.mjs';
import { Patient } from './patient.mjs';
import { folder, limitTime, serve, waxseal } from './programs.mjs';
import { conclude, quantile, say, table } from './report.mjs';

/** The warm-up, in seconds. A process becomes several times faster in its first seconds. */
const WARM_S = 8;

/** How long a round measures single calls, and the sustained load, in seconds. */
const ALONE_S = 1.5;
const SUSTAIN_S = 4;
const SUSTAIN_CONNECTIONS = 16;

/** A caller must reach the rate limit within this time, in seconds. */
const LIMITED_S = 15;

/** The least ratio of calls answered during an overload to the calls that the server can sustain. */
const LEAST_ANSWERED = 0.6;
/** The largest ratio of the p99 during an overload to the median without load. */
const SLOWEST_TO_MEDIAN = 20;

/** The bounds that must hold, in MiB and milliseconds. */
const SLOWEST_HEALTH_MS = 1_000;
const MOST_MEMORY = 1024;
const RECOVERY_MS = 5_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '2000' },
    times: { type: 'string', default: '10' },
  },
});
const [rounds, seconds, connections, times] = [values.rounds, values.seconds, values.connections, values.times].map(Number);

limitTime(rounds * (seconds + 30) + 180);
const ring = join(folder, 'ring.jwks');
await waxseal(['keys', 'generate', '--out', ring]);
const failures = [];
const expect = (holds, failure) => holds || failures.push(failure);

const shedding = await start('no rate limit', ['--rate-limit', '0']);
say(`warming up for ${WARM_S} s`);
await shedding.calm.run({ port: shedding.server.port, pid: shedding.server.pid, connections: SUSTAIN_CONNECTIONS, seconds: WARM_S });
const measured = [];
for (let round = 1; round <= rounds; round += 1) {
  const alone = await sustained(shedding, { connections: 1, seconds: ALONE_S });
  const most = await sustained(shedding, { connections: SUSTAIN_CONNECTIONS, seconds: SUSTAIN_S });
  const ratesAndTimes = { median: quantile(alone.accepted, 0.5), sustained: most.rate };
  say(`round ${round}: ${most.rate.toFixed(0)} calls/s sustained, ${ratesAndTimes.median.toFixed(1)} ms alone`);
  measured.push({ ...ratesAndTimes, ...(await overload(shedding, { seconds, rate: most.rate * times })) });
}
const shed = await end(shedding, { verified: true });

const { sustained: rate } = measured.at(-1);
const limiting = await start('rate limit', ['--rate-limit', String(Math.round(rate))]);
const limited = await overload(limiting, {
  seconds: LIMITED_S,
  rate: rate * times,
  isLimited: true,
  until: ({ limited }) => limited > 2_000,
});
// These tasks are not read again: beyond the rate limit, a caller gets only refusals for the rest of a minute.
const limit = await end(limiting, { verified: false });

const columns = [...measured, { ...limited, sustained: Number.NaN, median: Number.NaN }];
table(`${times} times the load that is sustained`, rowsOf(columns));
const best = (of) => Math.max(...measured.map(of));
const least = (of) => Math.min(...measured.map(of));
const ratios = {
  answered: best(answeredRate) / best(({ sustained }) => sustained),
  slowest: least(slowest) / least(({ median }) => median),
  health: quantile(
    measured.flatMap(({ health }) => health).sort(([a], [b]) => a - b),
    0.99,
  ),
};
table('What must hold, by the best rounds', [
  ['', 'measured', 'bound'],
  ['answered to sustained, at least', ratios.answered.toFixed(2), LEAST_ANSWERED],
  ['p99 of answers to the median without load, at most', ratios.slowest.toFixed(1), SLOWEST_TO_MEDIAN],
  ['p99 of /healthz of all rounds, at most, ms', ratios.health.toFixed(0), SLOWEST_HEALTH_MS],
  ['tasks whose handles were verified as a chain', shed.tasks + limit.tasks, ''],
]);
expect(ratios.answered >= LEAST_ANSWERED, `answered only ${ratios.answered.toFixed(2)} of what is sustained`);
expect(ratios.slowest <= SLOWEST_TO_MEDIAN, `p99 of answers is ${ratios.slowest.toFixed(1)} times the median without load`);
expect(ratios.health <= SLOWEST_HEALTH_MS, `p99 of /healthz is ${ratios.health.toFixed(0)} ms`);
conclude(failures, `${times} times the sustainable load: alive, quick, memory bounded, every accepted answer right`);

/** Starts a server, a client process that measures it, and two client processes that overload it. */
async function start(name, args) {
  const onLine = ({ level, msg }) => level >= 50 && failures.push(`${name}: the server logged: ${msg}`);
  const server = await serve(['--keys', ring, ...args], { onLine });
  const [calm, load] = [await new Load(1).number(0), await new Load(2).number(1e7)];
  return { name, server, calm, load, patient: new Patient(server) };
}

/** @returns the times of calls in a closed loop, and the number of answers a second */
async function sustained({ server: { port, pid }, calm, patient }, { connections, seconds }) {
  const before = patient.waited();
  const { counts, accepted, seconds: took } = await calm.run({ port, pid, connections, seconds });
  return { accepted, rate: counts.ok / (took - (patient.waited() - before) / 1000) };
}

/** Puts load on a server and watches it. */
async function overload({ name, server, load, patient }, { seconds: long, rate, isLimited = false, until }) {
  let [cpu, waited, health] = [0, 0, Promise.resolve()];
  const onBegin = () => {
    [cpu, waited] = [patient.cpu(), patient.waited()];
    patient.watch();
  };
  const onEnd = () => {
    [cpu, waited] = [patient.cpu() - cpu, patient.waited() - waited];
    health = patient.stopWatching();
  };
  const offered = { port: server.port, pid: server.pid, rate, connections, seconds: long, onBegin, onEnd, until };
  const { counts, accepted, turnedAway, seconds: took } = await load.offer(offered);
  const { took: healthTook, failed } = await health;
  const recovery = server.over() === undefined ? await patient.recovers(RECOVERY_MS, isLimited) : undefined;
  say(`${name}: ${counts.offered} offered, ${counts.ok} answered, ${counts.shed} shed, ${counts.limited} limited`);
  expect(failed.length === 0, `${name}: /healthz failed ${failed.length} times: ${failed[0]}`);
  expect(counts.ok > 0, `${name}: nothing was accepted`);
  expect(counts.shed > 0, `${name}: nothing was shed: this was no overload`);
  expect(!isLimited || counts.limited > 0, `${name}: the rate limit was not reached`);
  expect(recovery !== undefined, `${name}: not served normally within ${RECOVERY_MS} ms after the load`);
  // The time that the server waited for a core is subtracted.
  const own = took - waited / 1000;
  return { counts, accepted, turnedAway, took, own, cpu, health: healthTook.map((ms) => [ms, 1]), recovery, memory: memoryOf(patient) };
}

function memoryOf({ firstMemory, mostMemory, lastMemory }) {
  return [firstMemory, mostMemory, lastMemory].join(' / ');
}

/** Ends a server, and checks its exit and that no task was lost. */
async function end({ name, server, calm, load, patient }, { verified }) {
  if (verified) await load.verify(server.port);
  const [counts, problems] = [load.counts(), [...calm.problems(), ...load.problems()]];
  const tasks = [...(await calm.tasks()), ...(await load.tasks())];
  const broken = await brokenChains(ring, tasks);
  const died = server.over();
  const code = await server.stop();
  expect(died === undefined, `${name}: the process ended with ${died}`);
  expect(code === 0, `${name}: the process ended with ${code} when it was told to stop`);
  expect(patient.mostMemory <= MOST_MEMORY, `${name}: ${patient.mostMemory} MiB of memory`);
  for (const bad of ['wrong', 'error', 'broken', 'late', 'refused', 'reset'])
    expect(counts[bad] === 0, `${name}: ${counts[bad]} calls: ${bad}`);
  expect(broken === 0, `${name}: ${broken} tasks whose handles do not form a chain`);
  failures.push(...problems.map((problem) => `${name}: ${problem}`));
  return { tasks: tasks.length };
}

/** Returns the number of answers a second, without the time in which the server waited for a core. */
function answeredRate({ counts, own }) {
  return counts.ok / own;
}

/** Returns the p99 of accepted answers, in milliseconds. */
function slowest({ accepted }) {
  return quantile(accepted, 0.99);
}

function rowsOf(columns) {
  const spread = (list) => [0.5, 0.99, 1].map((share) => quantile(list, share).toFixed(1)).join(' / ');
  const aSecond = (count, { took }) => `${Math.round(count / took)}/s`;
  const ratio = (value) => (Number.isNaN(value) ? '' : value.toFixed(2));
  const row = (name, cell) => [name, ...columns.map(cell)];
  return [
    ['', ...measured.map((_, at) => `round ${at + 1}`), 'rate limit'],
    row('sustained', ({ sustained: rate }) => (Number.isNaN(rate) ? '' : `${Math.round(rate)}/s`)),
    row('median without load, ms', ({ median }) => ratio(median)),
    row('time, s', ({ took }) => took.toFixed(1)),
    row('of it, the server waited for a core, s', ({ took, own }) => (took - own).toFixed(1)),
    row('offered', (one) => aSecond(one.counts.offered, one)),
    row('held back: every connection was waiting', (one) => aSecond(one.counts.held, one)),
    row('answered 200 and right', (one) => aSecond(one.counts.ok, one)),
    row('503 with Retry-After', (one) => aSecond(one.counts.shed, one)),
    row('429 with Retry-After', (one) => aSecond(one.counts.limited, one)),
    row('200 took, p50 / p99 / max ms', ({ accepted }) => spread(accepted)),
    row('503 and 429 took, p50 / p99 / max ms', ({ turnedAway }) => spread(turnedAway)),
    row('/healthz took, p50 / p99 / max ms', ({ health }) => spread([...health].sort(([a], [b]) => a - b))),
    row('CPU of the server, s', ({ cpu }) => cpu.toFixed(1)),
    row('memory at first / most / after, MiB', ({ memory }) => memory),
    row('served normally again after, ms', ({ recovery }) => recovery ?? 'not'),
    row('answered to sustained', (one) => ratio(answeredRate(one) / one.sustained)),
    row('p99 of answers to the median without load', (one) => ratio(slowest(one) / one.median)),
  ];
}
