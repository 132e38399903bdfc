import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Caller } from './fleet.mjs';
import { Keys } from './keys.mjs';
import { folder, serve } from './programs.mjs';
import { say, table } from './report.mjs';
import { Task } from './task.mjs';

const REPLICAS = 3;

/** The number of concurrent calls. */
const CALLERS = 24;

/**
 * The time from a rotation until its key mints, in seconds. Servers check the file every 2 s, and rounding can add 1 s.
 * The rest is a reserve.
 */
const ACTIVATE_IN = 5;

/**
 * The most rotations in a run. At most 100 entries of a ring can open handles, and no entry ends during the run,
 * because a retired key opens handles for 30 days.
 */
const MOST_ROTATIONS = 95;

/**
 * The calls of a task between its start and its end, in four variants. `status` returns the handle that it gets, so
 * some variants keep an early handle for most of the run. Handles of all earlier keys are thus still presented when the
 * last key of the run mints.
 */
const MIDDLES = [
  ['record', 'status', 'record'],
  ['record', 'status', 'status'],
  ['status', 'record', 'status'],
  ['status', 'status', 'status'],
];

/**
 * Runs thousands of tasks, which last the whole run, on three servers with one ring file. The ring is rotated every few
 * seconds.
 */
export async function rotateRingFile({ seconds, tasks: size, every: wanted }) {
  const every = Math.max(wanted, Math.ceil(seconds / MOST_ROTATIONS));
  const keys = new Keys(join(folder, 'ring.jwks'));
  await keys.generate();
  const since = Date.now() / 1000;
  const taken = new Map();
  const defects = [];
  const replicas = await Promise.all(
    Array.from({ length: REPLICAS }, () =>
      serve(['--keys', keys.path, '--rate-limit', '0'], {
        onLine: ({ time, level, msg, kids }) => {
          if (level >= 50) defects.push(`a server logged: ${msg}`);
          if (msg.startsWith('Key ring read again')) taken.set(kids.at(-1), [...(taken.get(kids.at(-1)) ?? []), time]);
        },
      }),
    ),
  );
  say(`${REPLICAS} servers on one ring file; rotating every ${every} s, each key mints ${ACTIVATE_IN} s later`);

  const counts = { calls: 0, shed: 0, cut: 0 };
  const lost = [];
  const tasks = Array.from({ length: size }, (_, number) => new Task(number));
  const callers = Array.from({ length: CALLERS }, () => new Caller(replicas, counts));

  const move = async (caller, task, name) => {
    const presented = task.handle;
    const failure = await caller.move(task, name);
    if (failure === undefined) keys.count(presented, task.handle);
    else lost.push(`task ${task.number}, its handle of key ${keys.placeOf(presented)} with key ${keys.minting() + 1} minting: ${failure}`);
  };
  /** Makes the calls of tasks (moves) in order, spread evenly over a time. A task never has two calls at once. */
  const makeAll = async (moves, milliseconds = 0) => {
    const began = performance.now();
    const busy = new Map();
    let next = 0;
    await Promise.all(
      callers.map(async (caller) => {
        while (next < moves.length && lost.length < 100) {
          const index = next++;
          const { task, name } = moves[index];
          const early = began + (index / moves.length) * milliseconds - performance.now();
          if (early > 0) await wait(early);
          const turn = (busy.get(task) ?? Promise.resolve()).then(() => move(caller, task, name));
          busy.set(task, turn);
          await turn;
          if (busy.get(task) === turn) busy.delete(task);
        }
      }),
    );
  };

  let over = false;
  const rotating = (async () => {
    for (let at = performance.now(); !over && keys.rotations.length < MOST_ROTATIONS; at += every * 1000) {
      await wait(Math.max(0, at - performance.now()));
      if (!over) await keys.rotate(ACTIVATE_IN);
    }
  })();
  const progress = setInterval(() => {
    say(`${counts.calls} calls, ${keys.rotations.length} rotations, key ${keys.minting() + 1} mints, ${lost.length} handles lost`);
  }, 5_000);

  const began = performance.now();
  await makeAll(tasks.map((task) => ({ task, name: 'start' })));
  const starting = performance.now() - began;
  say(`${size} tasks under way`);
  // Starting all tasks took `starting`, and their last two calls take about twice as long. With half of `starting` as a
  // reserve, that makes 3.5 times `starting`. The rest of the time is for the other moves.
  const middle = tasks.flatMap((task) => MIDDLES[task.number % MIDDLES.length].map(() => task));
  const made = new Map();
  const moves = shuffled(middle).map((task) => {
    const nth = made.get(task) ?? 0;
    made.set(task, nth + 1);
    return { task, name: MIDDLES[task.number % MIDDLES.length][nth] };
  });
  await makeAll(moves, Math.max(10_000, seconds * 1000 - 3.5 * starting));
  say('ending all tasks, in random order');
  const last = keys.minting();
  await makeAll(shuffled(tasks).map((task) => ({ task, name: 'complete' })));
  await makeAll(shuffled(tasks).map((task) => ({ task, name: 'status' })));
  over = true;
  clearInterval(progress);
  await rotating;
  for (const caller of callers) caller.close();
  const codes = await Promise.all(replicas.map((replica) => replica.stop()));

  const delays = keys.rotations.flatMap(({ kid, at }) => (taken.get(kid) ?? []).map((time) => time - at));
  table('Rotation of a ring file', keys.rows(since));
  table('In all', [
    ['', ''],
    ['servers', REPLICAS],
    ['tasks, each completed and its findings verified', tasks.filter(({ ended }) => ended).length],
    ['calls', counts.calls],
    ['rotations', keys.rotations.length],
    ['longest until a server had a new ring, ms', Math.round(Math.max(...delays))],
    ['handles re-issued under a newer key', keys.newer],
    ['handles re-issued under an older key', keys.older],
    ['calls sent again: 503', counts.shed],
    ['calls sent again: no whole answer', counts.cut],
    ['handles lost', lost.length],
  ]);

  const failures = [...lost.slice(0, 10), ...new Set(defects)];
  if (counts.cut > 0) failures.push(`${counts.cut} calls got no whole answer, although no server was stopping`);
  if (keys.older > 0) failures.push(`${keys.older} handles came back under an older key`);
  if (keys.rotations.length < 3) failures.push(`only ${keys.rotations.length} rotations`);
  if (tasks.some(({ ended }) => !ended)) failures.push('not every task was ended');
  if (codes.some((code) => code !== 0)) failures.push(`the servers ended with ${codes.join(', ')}`);
  for (const { kid, late, minted } of keys.list.slice(0, last))
    if (minted > 0 && late === 0) failures.push(`no handle of key ${kid} was presented after it retired`);
  return { failures, rotations: keys.rotations.length, calls: counts.calls };
}

function shuffled(list) {
  const items = [...list];
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [items[at], items[other]] = [items[other], items[at]];
  }
  return items;
}
