/**
 * Compares servers: Waxseal, the SDK's recipe with tasks in a `Map` or in Redis, and Waxseal without sealing. Run `npm
 * run build` first; then `node bench/servers.mjs [--rounds 9] [--seconds 5] [--tasks 100000] [--quick]`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { recipeWithMap, recipeWithRedis, unsealed, waxseal } from './lib/compared-servers.mjs';
import { withFolder, withRunning } from './lib/folder.mjs';
import { load } from './lib/load.mjs';
import { startRedis } from './lib/redis.mjs';
import { progress, report } from './lib/report.mjs';
import { ringFile } from './lib/ring.mjs';
import { startServer } from './lib/server-process.mjs';
import { median, shuffled } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    tasks: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 3 : 9));
const seconds = Number(values.seconds ?? (quick ? 1 : 5));
const tasks = Number(values.tasks ?? (quick ? 2_000 : 100_000));
const CONNECTIONS = [1, 16, 64];
const MIB = 1024 * 1024;

const { table, line, save } = report('servers', { quick });
line('# Servers');
await withFolder(async (folder) => {
  for (const connections of CONNECTIONS)
    throughputTable(connections, await withRunning((running) => throughput(running, folder, connections)));
  memoryTable(await withRunning((running) => memory(running, folder)));
});
save();

/** Starts all servers anew, because tasks left in a store would affect the next measurement. */
async function startAll(running, folder) {
  const keep = async (starting) => {
    const started = await starting;
    running.push(started);
    return started;
  };
  const redis = await keep(startRedis(folder));
  const withRedis = await keep(startServer(recipeWithRedis(redis.url), folder));
  return [
    await keep(startServer(waxseal(await ringFile(folder)), folder)),
    await keep(startServer(recipeWithMap, folder)),
    { ...withRedis, redis },
    await keep(startServer(unsealed, folder)),
  ];
}

async function throughput(running, folder, connections) {
  const servers = await startAll(running, folder);
  const samples = new Map(servers.map((server) => [server, []]));
  for (const { url } of servers) await load({ url, connections, seconds: Math.max(1, seconds / 2) });
  for (let round = 1; round <= rounds; round += 1) {
    progress(`servers: ${connections} connections, round ${round} of ${rounds}`);
    for (const server of shuffled(servers)) samples.get(server).push(await measured(server, connections));
  }
  return samples;
}

async function measured(server, connections) {
  const [cpu, redisCpu] = [await server.usage(), await server.redis?.usage()];
  const { requests, seconds: took, p50, p99 } = await load({ url: server.url, connections, seconds });
  const used = (await server.usage()) - cpu;
  const usedByRedis = server.redis === undefined ? 0 : (await server.redis.usage()) - redisCpu;
  return { rate: requests / took, p50, p99, cpu: used / requests, redisCpu: usedByRedis / requests };
}

function throughputTable(connections, samples) {
  const ours = [...samples.values()][0];
  const rows = [...samples].map(([{ name, redis }, own]) => {
    const middle = (figure) => median(own.map((sample) => sample[figure]));
    // Each ratio compares two servers within one round: other work of the machine then affects both alike.
    const ratio = median(ours.map(({ rate }, round) => rate / own[round].rate));
    const cpu = middle('cpu').toFixed(3);
    return [
      name,
      middle('rate').toFixed(0),
      ratio.toFixed(2),
      middle('p50').toFixed(2),
      middle('p99').toFixed(2),
      redis === undefined ? cpu : `${cpu} + ${middle('redisCpu').toFixed(3)} in Redis`,
    ];
  });
  const header = ['server', 'requests/s', 'waxseal / server', 'p50 (ms)', 'p99 (ms)', 'CPU a request (ms)'];
  table(`${connections} connection${connections === 1 ? '' : 's'}, medians of ${rounds} rounds of ${seconds} s`, header, rows);
}

/** Measures memory before and after many tasks. A tenth as many tasks run first, so that all code is loaded. */
async function memory(running, folder) {
  const servers = await startAll(running, folder);
  const rows = [];
  for (const server of servers) {
    progress(`servers: memory of ${server.name}`);
    const start = (requests) => load({ url: server.url, connections: 16, requests, only: 'start' });
    await start(Math.ceil(tasks / 10));
    const before = await held(server);
    await start(tasks);
    const after = await held(server);
    rows.push([server.name, ...columns(before.server, after.server)]);
    if (server.redis !== undefined) rows.push(['  and its Redis', ...columns(before.redis, after.redis)]);
  }
  return rows;
}

async function held(server) {
  // After this wait, all requests and the timers of their connections have ended.
  await wait(quick ? 200 : 6_000);
  return { server: await server.memory(), redis: await server.redis?.memory() };
}

function columns(before, after) {
  const mib = (bytes) => (bytes / MIB).toFixed(1);
  return [
    mib(before.rss),
    mib(after.rss),
    mib(after.rss - before.rss),
    mib(before.heapUsed),
    mib(after.heapUsed),
    ((after.heapUsed - before.heapUsed) / tasks).toFixed(0),
  ];
}

function memoryTable(rows) {
  const header = ['server', 'resident before', 'after', 'growth', 'heap before', 'after', 'growth a task (B)'];
  table(`Memory (MiB), after ${tasks.toLocaleString('en')} unfinished tasks, garbage collected`, header, rows);
}
