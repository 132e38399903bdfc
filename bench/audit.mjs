/**
 * Measures how fast `waxseal audit` and `waxseal redact` read, how many handles a second they process, and whether memory stays flat
 * from 10 MB to 2 GB of log. Run `npm run build` first; then `node bench/audit.mjs [--handles 20000] [--most 2000]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { issue, utc } from '../dist/handle/index.js';
import { generateRing, mintingKey, parseRing, toText } from '../dist/keys/index.js';
import { machine, say } from './machine.mjs';
import { median } from './statistics.mjs';

const { values } = parseArgs({ options: { handles: { type: 'string', default: '20000' }, most: { type: 'string', default: '2000' } } });
const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TELL_MEMORY = "data:text/javascript,process.on('exit',()=>process.stderr.write('maxRSS '+process.resourceUsage().maxRSS))";
const ROUNDS = 3;

const now = Math.floor(Date.now() / 1000);
const ringText = toText(await generateRing(now));
const key = mintingKey(await parseRing(ringText), now);

/** Makes 64 KiB of a server's log without a handle. */
const PLAIN = Buffer.from(
  `${Array.from({ length: 400 }, (_, at) =>
    JSON.stringify({ level: 30, time: 1_785_240_000_000 + at, tool: 'get_task_status', outcome: 'ok', ms: at / 7 }),
  ).join('\n')}\n`,
);

/** Makes a line of a log: a result with the handle of a new task. */
async function lineWithHandle(at) {
  const state = { topic: `topic ${at} of many, each of its own`, depth: 2, status: 'running', results: [] };
  const { handle, claims } = await issue({ kind: 'research@1', state, now, lifetime: 86_400 }, key);
  const info = { id: claims.jti, kind: claims.kind, revision: claims.rev, expires_at: utc(claims.exp) };
  const message = {
    jsonrpc: '2.0',
    id: at,
    result: { content: [{ type: 'text', text: `handle: ${handle}` }], structuredContent: { handle, handle_info: info } },
  };
  return Buffer.from(`${JSON.stringify({ time: now * 1000 + at, message })}\n`);
}

/** Runs a command on a log that is generated while the command reads it. */
async function run(args, chunks, withRing = true) {
  const env = { PATH: process.env.PATH ?? '', ...(withRing && { WAXSEAL_KEYS: ringText }) };
  const child = spawn(process.execPath, ['--import', TELL_MEMORY, MAIN, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    told += text;
  });
  child.stdout.resume();
  const ended = once(child, 'close');
  let started = performance.now();
  let [bytes, isFirst] = [0, true];
  for (const chunk of chunks) {
    bytes += chunk.length;
    if (!child.stdin.write(chunk)) await once(child.stdin, 'drain');
    // Once the process has read more than fits into a pipe, it has started.
    if (isFirst && bytes > 200_000) [started, isFirst] = [performance.now(), false];
  }
  child.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`waxseal ${args.join(' ')} ended with ${code}: ${told}`);
  return { seconds: (performance.now() - started) / 1000, bytes, megabytesInMemory: Number(/maxRSS (\d+)/.exec(told)?.[1]) / 1000 };
}

function* plain(megabytes) {
  for (let written = 0; written < megabytes * 1e6; written += PLAIN.length) yield PLAIN;
}

/** Makes a log in which one line of a hundred has a handle. The log repeats 1,000 handles. */
function* sprinkled(megabytes, lines) {
  let [written, at] = [0, 0];
  while (written < megabytes * 1e6) {
    const line = lines[at % 1000];
    written += PLAIN.length + 4 * line.length;
    yield PLAIN;
    for (let more = 0; more < 4; more += 1) yield lines[at++ % 1000];
  }
}

const medianOf = async (measure) => {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await measure());
  return median(times);
};

say(`Reading logs. ${machine()}. Medians of ${ROUNDS} runs, each a process of its own that reads from a pipe.`);
const lines = await Promise.all(Array.from({ length: Number(values.handles) }, (_, at) => lineWithHandle(at)));

say();
say(`${'lines without handles, MB a second'.padEnd(52)}${'audit'.padStart(9)}${'redact'.padStart(9)}`);
const speeds = [];
for (const command of ['audit', 'redact']) {
  speeds.push(
    await medianOf(async () => {
      const { bytes, seconds } = await run([command], plain(400));
      return bytes / 1e6 / seconds;
    }),
  );
}
say(`${'400 MB'.padEnd(52)}${speeds.map((speed) => speed.toFixed(0).padStart(9)).join('')}`);

say();
say(`${'lines with a handle each, all different, a second'.padEnd(52)}${'opened'.padStart(9)}${'not'.padStart(9)}${'redact'.padStart(9)}`);
const rates = [];
for (const [command, withRing] of [
  ['audit', true],
  ['audit', false],
  ['redact', false],
]) {
  rates.push(await medianOf(async () => lines.length / (await run([command], lines, withRing)).seconds));
}
say(`${`${lines.length} handles`.padEnd(52)}${rates.map((rate) => rate.toFixed(0).padStart(9)).join('')}`);

say();
say(`${'resident memory at most, MB; 1,000 different handles'.padEnd(52)}${'audit'.padStart(9)}${'redact'.padStart(9)}`);
for (const size of [10, 200, 2000].filter((size) => size <= Number(values.most))) {
  const peaks = [];
  for (const command of ['audit', 'redact']) peaks.push((await run([command], sprinkled(size, lines))).megabytesInMemory);
  say(`${`${size} MB of log`.padEnd(52)}${peaks.map((peak) => peak.toFixed(0).padStart(9)).join('')}`);
}
function* oneLine(megabytes) {
  const chunk = Buffer.alloc(65_536, 'x');
  for (let written = 0; written < megabytes * 1e6; written += chunk.length) yield chunk;
}
const peaks = [];
for (const command of ['audit', 'redact']) peaks.push((await run([command], oneLine(Number(values.most)))).megabytesInMemory);
say(`${`${values.most} MB in one line`.padEnd(52)}${peaks.map((peak) => peak.toFixed(0).padStart(9)).join('')}`);
