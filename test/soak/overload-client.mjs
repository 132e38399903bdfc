/**
 * A process that puts load on a server. Its parent process sends it orders over IPC. Each connection runs one task at a
 * time, so that every answer can be compared with the earlier answers of its task.
 *
 * Measured times do not include the time for which the server or this process waited for a core.
 *
 * Two orders put load on the server:
 *
 * - `closed`: each connection sends a call after the answer to the previous call. This measures the server's capacity.
 * - `open`: calls begin at a fixed rate. If every connection waits for an answer, the next call is only counted and not
 *   sent. In practice, a proxy before the server would refuse such a call.
 */
import { Connection, NoAnswer } from './connection.mjs';
import { waitForCore } from './core.mjs';
import { HEALTH, meaningOf } from './mcp.mjs';
import { Task } from './task.mjs';

/** An open loop sends the due calls at this interval, in milliseconds. */
const TICK_MS = 5;

/** A task with this number of findings is completed and read. Then another begins. */
const FINDINGS = 8;

/**
 * The number of connections that are opened together. All connections are opened before the load, because real callers
 * are already connected when demand grows. Under load, Node accepts only one connection in each turn of its event loop.
 */
const OPENING = 12;

/** Times are in tenths of a millisecond. Times above LONGEST (20 s) count as LONGEST. */
const TICKS_PER_MS = 10;
const LONGEST = 200_000;

/** The wait for an answer, in milliseconds; much longer than any answer may take. */
const PATIENCE_MS = 15_000;

const MOST_REPORTED = 5;

/** All calls, counted by outcome. */
const counts = { offered: 0, held: 0, ok: 0, shed: 0, limited: 0, refused: 0, reset: 0, broken: 0, late: 0, error: 0, wrong: 0 };
const problems = [];
const ended = [];
/**
 * The accepted and the refused calls (503 and 429) since the last order `closed` or `open` began, counted by how long the
 * answer took.
 */
const accepted = new Uint32Array(LONGEST + 1);
const turnedAway = new Uint32Array(LONGEST + 1);
let lines = [];
let number = 0;
let enough = false;
const waited = waitForCore(process.pid);
let serverWaited = () => 0;

const orders = {
  closed,
  open,
  verify,
  enough: async () => {
    enough = true;
  },
  number: async ({ first }) => {
    number = first;
  },
  tasks: async () => process.send({ tasks: tasks().map(({ handle, previous }) => ({ handle, previous })) }),
};

process.on('disconnect', () => process.exit());
process.on('message', async ({ order, ...options }) => {
  await orders[order](options);
  process.send({ done: order, counts, problems });
});
setInterval(() => process.send({ counts }), 1_000).unref();

/**
 * Starts to measure the calls of one order.
 *
 * @returns a function that ends the measurement and returns the result
 */
function measure() {
  const [began, before] = [performance.now(), { ...counts }];
  accepted.fill(0);
  turnedAway.fill(0);
  return () => {
    const own = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count - before[name]]));
    const seconds = (performance.now() - began) / 1000;
    process.send({ measured: { counts: own, seconds, accepted: pairs(accepted), turnedAway: pairs(turnedAway) } });
  };
}

function connectAll({ port, pid, connections }) {
  serverWaited = waitForCore(pid);
  const line = () => ({ connection: new Connection({ port }, { patience: PATIENCE_MS }), task: new Task(number++) });
  lines = Array.from({ length: connections }, line);
}

async function closed({ seconds, ...options }) {
  connectAll(options);
  const conclude = measure();
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    lines.map(async (line) => {
      while (performance.now() < until) await call(line);
    }),
  );
  conclude();
  finish();
}

async function open({ rate, seconds, ...options }) {
  connectAll(options);
  await openAll();
  process.send({ done: 'opened' });
  const free = [...lines];
  const inFlight = new Set();
  const give = (line) => {
    const sent = call(line).then(() => {
      free.push(line);
      inFlight.delete(sent);
    });
    inFlight.add(sent);
  };
  const conclude = measure();
  const began = performance.now();
  let offered = 0;
  for (let past = 0; !enough && past < seconds * 1000; past = performance.now() - began) {
    for (const due = Math.floor((past / 1000) * rate); offered < due; offered += 1) {
      counts.offered += 1;
      const line = free.shift();
      if (line === undefined) counts.held += 1;
      else give(line);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  conclude();
  await Promise.all(inFlight);
  finish();
}

/** Opens all connections. A failure is counted, and the first call opens the connection again. */
async function openAll() {
  const unopened = [...lines];
  const openThem = async () => {
    for (let line = unopened.pop(); line !== undefined; line = unopened.pop()) {
      const { is } = await outcome(line.connection, HEALTH, ({ status }) => ({ is: status === 200 ? 'opened' : 'wrong' }));
      if (is !== 'opened') counts[is] += 1;
    }
  };
  await Promise.all(Array.from({ length: OPENING }, openThem));
}

/** Reads every task once more. The state must be what the server has acknowledged. */
async function verify({ port }) {
  const unread = tasks();
  const connections = Array.from({ length: 16 }, () => new Connection({ port }, { patience: PATIENCE_MS }));
  await Promise.all(
    connections.map(async (connection) => {
      for (let task = unread.pop(); task !== undefined; task = unread.pop()) await send(connection, task, 'status');
      connection.close();
    }),
  );
}

function tasks() {
  return ended.filter(({ handle }) => handle !== undefined);
}

/** Returns pairs: a time in milliseconds, and the number of answers that took this time. */
function pairs(times) {
  return [...times.entries()].filter(([, count]) => count > 0).map(([ticks, count]) => [ticks / TICKS_PER_MS, count]);
}

async function call(line) {
  if (line.task.ended) {
    ended.push(line.task);
    line.task = new Task(number++);
  }
  await send(line.connection, line.task, moveOf(line.task));
}

/** Chooses the next move of a task. While a task runs, two of three moves make a new handle. */
function moveOf(task) {
  if (task.handle === undefined) return 'start';
  if (task.completed) return 'status';
  if (task.size >= FINDINGS) return 'complete';
  return Math.random() < 1 / 3 ? 'status' : 'record';
}

async function send(connection, task, move) {
  const [began, mine, theirs] = [performance.now(), waited(), serverWaited()];
  const { is, why, result } = await outcome(connection, task.request(move));
  // The wait for a core is subtracted. The server and this process may wait at the same time, so only the longer wait
  // counts.
  const held = Math.max(waited() - mine, serverWaited() - theirs);
  const took = Math.min(LONGEST, Math.max(0, Math.round((performance.now() - began - held) * TICKS_PER_MS)));
  if (is === 'ok') accepted[took] += 1;
  if (is === 'shed' || is === 'limited') turnedAway[took] += 1;
  const fault = is === 'ok' ? task.take(move, result) : why;
  counts[is === 'ok' && fault !== undefined ? 'wrong' : is] += 1;
  if (fault !== undefined && problems.length < MOST_REPORTED) problems.push(`${is}: ${fault}`);
}

async function outcome(connection, request, meaning = meaningOf) {
  try {
    return meaning(await connection.exchange(request));
  } catch (error) {
    if (error instanceof NoAnswer) return { is: error.kind };
    throw error;
  }
}

function finish() {
  for (const { connection, task } of lines) {
    connection.close();
    ended.push(task);
  }
  lines = [];
}
