/**
 * Computes the capacity for a million tasks a day, from the results of the other benches. `node bench/capacity.mjs`
 * measures nothing itself, and writes `bench/results/capacity.md`.
 */
import { generateRing } from '../dist/keys/index.js';
import { report } from './lib/report.mjs';
import { kept } from './lib/results.mjs';

const DAY_S = 86_400;
const TASKS_A_DAY = 1_000_000;
const CALLS_A_TASK = 10;
/** The calls in the busiest second, divided by those in an average second. */
const PEAK = 3;
/** The fraction of each core that the plan uses. */
const PLANNED = 0.6;
/** The maximum number of handles of one key (docs/handle-format.md, section 10). */
const KEY_BOUND = 2 ** 32;

const servers = kept('servers', '16 connections');
const memory = kept('servers', 'Memory');
const tokens = kept('tokens', 'A whole task of ten calls');
const cpuOf = (server) => Number.parseFloat(servers.rows.get(server).get('CPU a request (ms)')) / 1000;

const calls = (TASKS_A_DAY * CALLS_A_TASK) / DAY_S;
const { table, line, save } = report('capacity', { quick: false });
line('# Capacity\n');
line(`Computed by \`node bench/capacity.mjs\` from the results in [servers](servers.md) and [tokens](tokens.md): ${servers.machine}.`);
line(
  `A million tasks a day, with ${CALLS_A_TASK} calls each, are ${calls.toFixed(0)} calls in an average second, and ${(calls * PEAK).toFixed(0)} calls in the busiest second.`,
);

table(
  'A million tasks a day',
  [
    '',
    'CPU a call (ms)',
    'cores, average',
    `cores to plan (${PEAK} × the average, each core used to ${PLANNED * 100} %)`,
    'memory a process (MiB)',
    'memory that tasks hold (MiB)',
  ],
  [
    planned('waxseal', 'waxseal'),
    planned('recipe, Map', 'recipe, Map (one process, which has all tasks)'),
    planned('recipe, Redis', 'recipe, Redis (without Redis itself)'),
  ],
);

/** The row of a server. The memory of a million unfinished tasks is extrapolated from 100,000. */
function planned(server, name) {
  const cpu = cpuOf(server);
  const held = memory.rows.get(server === 'recipe, Redis' ? 'and its Redis' : server);
  const heldMib = Math.max(0, (Number(held.get('growth a task (B)')) * TASKS_A_DAY) / 2 ** 20);
  const resident = memory.rows.get(server).get('resident before');
  return [
    name,
    (cpu * 1000).toFixed(2),
    (cpu * calls).toFixed(2),
    ((cpu * calls * PEAK) / PLANNED).toFixed(1),
    resident,
    heldMib.toFixed(0),
  ];
}

const longest = Number(tokens.rows.get('waxseal').get('characters, longest'));
const gigabytes = (characters) => ((characters * TASKS_A_DAY * CALLS_A_TASK) / 1e9).toFixed(1);
table(
  'Traffic of handles, if each is as long as the longest in a task of ten calls',
  ['', 'characters', 'GB a day, to the server', 'GB a day, back (text and structured content)'],
  [['waxseal', longest, gigabytes(longest), gigabytes(2 * longest)]],
);

table(
  'How long a key lasts, until it has made 2^32 handles',
  ['handles a second', 'days', 'rotate'],
  [1, 100, 10_000].map((rate) => {
    const days = KEY_BOUND / rate / DAY_S;
    return [
      rate,
      days.toFixed(days < 10 ? 1 : 0),
      days > 2 * 365
        ? 'every year (the default)'
        : days > 30
          ? `every ${Math.floor(days / 2)} days`
          : `every ${Math.floor((days * 24) / 2)} hours`,
    ];
  }),
);

const now = Math.floor(Date.now() / 1000);
const pair = JSON.stringify(await generateRing(now)).length;
const revocation = JSON.stringify({ jti: 'AAECAwQFBgcICQoL', until: now }).length + 1;
table(
  'The traffic of sending a ring to 1,000 replicas',
  ['what', 'bytes', 'to all replicas (MB)'],
  [
    ['a ring of one key', pair, ((pair * 1000) / 1e6).toFixed(1)],
    ['a ring of four keys', pair * 4, ((pair * 4 * 1000) / 1e6).toFixed(1)],
    ['10,000 revocations', revocation * 10_000, ((revocation * 10_000 * 1000) / 1e6).toFixed(0)],
  ],
);
line(
  "\nA secret manager or a mounted Secret delivers the ring's file, and each replica reads a changed file within seconds. A replica that has not yet read a revocation still opens the revoked handles.",
);
save();
