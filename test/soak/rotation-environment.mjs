import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Caller } from './fleet.mjs';
import { Keys } from './keys.mjs';
import { folder, serve } from './programs.mjs';
import { say, table } from './report.mjs';
import { Task } from './task.mjs';

const REPLICAS = 3;
const CALLERS = 12;

/** The pause between a caller's calls, in milliseconds. It leaves CPU time for starting processes. */
const PAUSE_MS = 10;

/** How long calls continue after the new key begins to mint, in milliseconds. */
const AFTERWARDS_MS = 2_000;

/**
 * Runs three servers with the ring in WAXSEAL_KEYS. A rotation is a rolling restart that must end before the new key
 * mints.
 */
export async function restartWithRotatedRing({ tasks: size }) {
  const keys = new Keys(join(folder, 'environment.jwks'));
  await keys.generate();
  const since = Date.now() / 1000;
  const defects = [];
  const start = () =>
    serve(['--rate-limit', '0'], {
      env: { WAXSEAL_KEYS: readFileSync(keys.path, 'utf8') },
      onLine: ({ level, msg }) => {
        if (level >= 50) defects.push(`a server logged: ${msg}`);
      },
    });
  const replicas = [];
  const began = performance.now();
  for (let place = 0; place < REPLICAS; place += 1) replicas.push(await start());
  // All replicas must restart before the new key mints. The calls load the machine, so a restart takes longer than the
  // first start took.
  const activateIn = Math.ceil(((performance.now() - began) / 1000) * 3) + 3;
  say(`${REPLICAS} servers with the ring in WAXSEAL_KEYS; the new key mints ${activateIn} s after its rotation`);

  const counts = { calls: 0, shed: 0, cut: 0 };
  const lost = [];
  const move = async (caller, task, name) => {
    const presented = task.handle;
    const failure = await caller.move(task, name);
    if (failure === undefined) keys.count(presented, task.handle);
    else lost.push(`task ${task.number}, its handle of key ${keys.placeOf(presented)}: ${failure}`);
  };
  const callers = Array.from({ length: CALLERS }, () => new Caller(replicas, counts));
  const tasks = Array.from({ length: size }, (_, number) => new Task(number));
  /** Each caller has its own tasks, so that no task gets two calls at once. */
  const all = (work) =>
    Promise.all(
      callers.map((caller, nth) =>
        work(
          caller,
          tasks.filter(({ number }) => number % CALLERS === nth),
        ),
      ),
    );
  const each = (name) =>
    all(async (caller, own) => {
      for (const task of own) await move(caller, task, name);
    });

  await each('start');
  say(`${size} tasks under way`);
  let over = false;
  const moving = all(async (caller, own) => {
    while (!over && lost.length < 100) {
      const task = own[Math.floor(Math.random() * own.length)];
      await move(caller, task, Math.random() < 0.5 ? 'record' : 'status');
      await wait(PAUSE_MS);
    }
  });

  const { nbf } = await keys.rotate(activateIn);
  const codes = [];
  for (const [place, replica] of replicas.entries()) {
    // The callers share the object `replica`. While it has no port, they see a replica that does not answer.
    codes.push(await replica.stop());
    replica.port = undefined;
    Object.assign(replica, await start());
    say(`replica ${place + 1} of ${REPLICAS} restarted with the rotated ring; ${counts.shed + counts.cut} calls sent to another so far`);
  }
  const restarted = Date.now() / 1000;
  await wait(Math.max(0, nbf * 1000 - Date.now()) + AFTERWARDS_MS);
  over = true;
  await moving;
  await each('complete');
  await each('status');
  for (const caller of callers) caller.close();
  codes.push(...(await Promise.all(replicas.map((replica) => replica.stop()))));

  table('Rolling restart with WAXSEAL_KEYS', keys.rows(since));
  table('In all', [
    ['', ''],
    ['servers, each restarted once', REPLICAS],
    ['tasks, each completed and its findings verified', tasks.filter(({ ended }) => ended).length],
    ['calls', counts.calls],
    ['all restarted before the new key minted, s', (nbf - restarted).toFixed(1)],
    ['handles re-issued under a newer key', keys.newer],
    ['handles re-issued under an older key', keys.older],
    ['calls sent to another: 503', counts.shed],
    ['calls sent to another: no whole answer', counts.cut],
    ['handles lost', lost.length],
  ]);

  const failures = [...lost.slice(0, 10), ...new Set(defects)];
  if (restarted > nbf)
    failures.push(`the restarts took until ${(restarted - nbf).toFixed(1)} s after the new key minted: the machine was too slow`);
  if (keys.newer === 0) failures.push('no handle was re-issued under the new key');
  if (keys.older > 0) failures.push(`${keys.older} handles came back under an older key`);
  if (counts.shed + counts.cut === 0) failures.push('no restart was noticed by any caller');
  if (tasks.some(({ ended }) => !ended)) failures.push('not every task was ended');
  if (codes.some((code) => code !== 0)) failures.push(`the servers ended with ${codes.join(', ')}`);
  return { failures, tasks: size, calls: counts.calls };
}
