/**
 * Measures how the cost of a call grows with the size of the state, the size of the ring, and the numbers of tools, of
 * tasks ever started, and of replicas. Run `npm run build` first; then `node bench/growth.mjs [--rounds 11] [--quick]`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { identity } from '../dist/cli/io/server.js';
import { issue } from '../dist/handle/index.js';
import { mintingKey } from '../dist/keys/index.js';
import { serverOf, toolset } from '../dist/kit/index.js';
import { researchTask } from '../dist/research/index.js';
import { waxseal } from './lib/compared-servers.mjs';
import { withFolder, withRunning } from './lib/folder.mjs';
import { grown } from './lib/growth.mjs';
import { heapUsed } from './lib/heap.mjs';
import { callThrough, researchHandler, wholeTask } from './lib/in-process.mjs';
import { load } from './lib/load.mjs';
import { manyTools } from './lib/many-tools.mjs';
import { startNginx } from './lib/nginx.mjs';
import { plot } from './lib/plot.mjs';
import { progress, report, resultsFolder } from './lib/report.mjs';
import { requireProgram } from './lib/require-program.mjs';
import { findings, STEPS } from './lib/research-mix.mjs';
import { ringFile, ringOf } from './lib/ring.mjs';
import { startServer } from './lib/server-process.mjs';
import { stateOf } from './lib/states.mjs';
import { median, shuffled } from './statistics.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 3 : 11));
const turn = { rounds, turnMs: quick ? 50 : 250 };
const STATE_SIZES = [100, 512, 1_024, 2_048, 4_096, 10_240];
const RING_SIZES = [1, 5, 10, 25, 50];
const TOOL_COUNTS = [5, 50, 200, 500];
const TASKS_STARTED = quick ? [100, 1_000, 5_000] : [1_000, 10_000, 100_000, 1_000_000];
const REPLICAS = [1, 2];
/** How many tasks start at once. */
const PARALLEL = 16;

const { table, line, save } = report('growth', { quick });
const now = () => Math.floor(Date.now() / 1000);
const environmentOf = (ring) => ({ ring: () => ring, now });

// The bench needs nginx only for its last measurement, but if nginx is missing, the bench should end at once.
await requireProgram('nginx', 'nginx');
line('# Growth\n');
line(
  'The bench calls the fetch handler in its own process, one call at a time. Only the table of the replicas measures calls over HTTP. CPU is the CPU time of all threads.',
);
await byState();
await byRing();
await byTools();
await byTasks();
await withFolder((folder) => withRunning((running) => byReplicas(running, folder)));
save();

/** Measures two calls: `get_task_status` only opens a handle, and `record_findings` also seals one. */
async function byState() {
  const ring = await ringOf();
  const handler = researchHandler(environmentOf(ring));
  const calls = { get_task_status: {}, record_findings: { findings: findings.slice(0, 1) } };
  for (const [name, input] of Object.entries(calls)) {
    progress(`growth: state, ${name}`);
    const sizes = [];
    for (const size of STATE_SIZES) {
      const birth = { kind: researchTask.id, state: stateOf(size), now: now(), lifetime: researchTask.lifetime };
      const { handle } = await issue(birth, mintingKey(ring, now()), { compress: researchTask.visible });
      sizes.push({ size, calls: 1, work: () => answered(handler, { name, input }, handle) });
    }
    await show(`${name} by the size of the state`, 'state (bytes of JSON)', `growth-state-${name}`, await grown(sizes, turn), {
      log: true,
    });
  }
}

async function byRing() {
  progress('growth: ring');
  const sizes = [];
  for (const size of RING_SIZES) {
    const handler = researchHandler(environmentOf(await ringOf(size)));
    sizes.push(mix(size, handler));
  }
  await show('An average call of the task, by the size of the ring', 'pairs of keys in the ring', 'growth-ring', await grown(sizes, turn));
}

async function byTools() {
  progress('growth: tools');
  const environment = environmentOf(await ringOf());
  const sizes = TOOL_COUNTS.map((size) => {
    const tools = toolset(manyTools(size));
    return mix(
      size,
      createMcpHandler(() => serverOf(tools, environment, identity)),
    );
  });
  await show('An average call of the task, by the number of tools', 'tools', 'growth-tools', await grown(sizes, turn));
}

/**
 * Measures the numbers of tasks in ascending order. They cannot take turns, as other sizes do, because a server cannot go
 * back to fewer tasks.
 */
async function byTasks() {
  const handler = researchHandler(environmentOf(await ringOf()));
  const rows = [];
  const heaps = [];
  let started = 0;
  for (const size of TASKS_STARTED) {
    progress(`growth: ${size.toLocaleString('en')} tasks started`);
    const startMore = async () => {
      while (started < size) {
        started += 1;
        await wholeTask(handler, STEPS.slice(0, 1));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, startMore));
    rows.push(...(await grown([mix(size, handler)], turn)).rows);
    heaps.push((heapUsed() / 1024 / 1024).toFixed(1));
  }
  const [first, last] = [rows[0], rows.at(-1)];
  const ratio = { cpu: last.cpu / first.cpu, latency: last.latency / first.latency };
  const title = 'An average call of the task, by the number of tasks ever started';
  await show(title, 'tasks started before', 'growth-tasks', { rows, ratio }, { log: true, more: { 'heap (MiB)': heaps } });
}

async function byReplicas(running, folder) {
  const file = await ringFile(folder);
  const keep = async (starting) => {
    const started = await starting;
    running.push(started);
    return started;
  };
  const setups = [];
  for (const size of REPLICAS) {
    const servers = [];
    for (let replica = 1; replica <= size; replica += 1)
      servers.push(await keep(startServer(waxseal(file, `waxseal ${replica} of ${size}`), folder)));
    const { url } = await keep(
      startNginx(
        servers.map((server) => server.url),
        folder,
      ),
    );
    setups.push({ size, servers, url, samples: [] });
  }
  for (let round = 0; round <= Math.min(rounds, 5); round += 1) {
    progress(`growth: replicas, round ${round}`);
    for (const setup of shuffled(setups)) {
      const sample = await loaded(setup);
      if (round > 0) setup.samples.push(sample);
    }
  }
  const figures = setups.map(({ size, samples }) => {
    const middle = (figure) => median(samples.map((sample) => sample[figure]));
    return { size, rate: middle('rate'), p50: middle('p50'), p99: middle('p99'), cpu: middle('cpu') };
  });
  const header = ['replicas', 'requests/s', 'p50 (ms)', 'p99 (ms)', 'CPU a request, without nginx (ms)'];
  const rows = figures.map(({ size, rate, p50, p99, cpu }) => [size, rate.toFixed(0), p50.toFixed(2), p99.toFixed(2), cpu.toFixed(3)]);
  table('Replicas behind nginx, round robin, 16 connections', header, rows);
  line('Each call of a task can reach another replica. nginx and the load generator share the cores with the replicas.');
  await plot(join(resultsFolder(quick), 'growth-replicas.svg'), {
    title: 'CPU time of a call by the number of replicas behind nginx',
    x: 'replicas',
    y: 'CPU time a call (ms)',
    series: { 'CPU time': figures.map(({ size, cpu }) => [size, cpu]) },
  });
}

async function loaded({ servers, url }) {
  const usage = async () => (await Promise.all(servers.map((server) => server.usage()))).reduce((sum, cpuMs) => sum + cpuMs, 0);
  const before = await usage();
  const { requests, seconds, p50, p99 } = await load({ url, connections: 16, seconds: quick ? 1 : 4 });
  return { rate: requests / seconds, p50, p99, cpu: ((await usage()) - before) / requests };
}

function mix(size, handler) {
  return { size, calls: STEPS.length, work: () => wholeTask(handler) };
}

async function answered(handler, call, handle) {
  const { status, body } = await callThrough(handler, call, handle);
  const result = status === 200 ? JSON.parse(body).result : undefined;
  if (result === undefined || result.isError) throw new Error(`${call.name} failed: ${status} ${body}`);
}

/** Prints a table, and draws a plot. @param more the values of more columns, by the column's title */
async function show(title, x, file, { rows, ratio }, { log = false, more = {} } = {}) {
  const header = [x, 'CPU a call (ms)', 'latency (ms)', ...Object.keys(more)];
  const cells = rows.map(({ size, cpu, latency }, at) => [
    size.toLocaleString('en'),
    cpu.toFixed(3),
    latency.toFixed(3),
    ...Object.values(more).map((column) => column[at]),
  ]);
  table(title, header, cells);
  line(`The ratio of the last row to the first row: CPU ${ratio.cpu.toFixed(2)}, latency ${ratio.latency.toFixed(2)}.`);
  const series = {
    'CPU time': rows.map(({ size, cpu }) => [size, cpu]),
    latency: rows.map(({ size, latency }) => [size, latency]),
  };
  await plot(join(resultsFolder(quick), `${file}.svg`), { title, x, y: 'a call (ms)', log, series });
}
