/**
 * Measures how fast `waxseal audit` and `waxseal redact` read logs, how many handles a second they process, and whether
 * memory stays constant from 10 MB to 2 GB. Run `npm run build` first; then `node bench/audit.mjs [--handles 20000]
 * [--most 2000]`. With `--kind TEXT`, it measures only the kinds of lines whose names contain the text.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { issue, utc } from '../dist/handle/index.js';
import { generateRing, mintingKey, parseRing, toText } from '../dist/keys/index.js';
import { machine, say } from './machine.mjs';
import { median } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    handles: { type: 'string', default: '20000' },
    most: { type: 'string', default: '2000' },
    kind: { type: 'string', default: '' },
  },
});
const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TELL_MEMORY = "data:text/javascript,process.on('exit',()=>process.stderr.write('maxRSS '+process.resourceUsage().maxRSS))";
const ROUNDS = 3;
const MEGABYTES = 200;
/** How much is written at a time, in bytes. */
const CHUNK = 65_536;

const now = Math.floor(Date.now() / 1000);
const ringText = toText(await generateRing(now));
const key = mintingKey(await parseRing(ringText), now);

/** Makes bytes that look random, and are the same in every run. */
const bytes = (count, at) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(count / 32) }, (_, block) => createHash('sha256').update(`${at}:${block}`).digest()),
  ).subarray(0, count);
const entry = (at) => ({ level: 30, time: 1_785_240_000_000 + at, tool: 'get_task_status', outcome: 'ok', ms: at / 7 });
const PROSE = 'The quick brown fox asked the lazy dog for lost luggage, and was told to come again on Monday at 08:15. ';

/** The claims of an access token, as an identity provider writes them. */
const claimsOf = (at) =>
  JSON.stringify({
    iss: 'https://login.example.com/tenant/v2.0',
    aud: 'https://mcp.example.com/mcp',
    sub: `auth0|${bytes(12, at).toString('hex')}`,
    iat: 1_785_240_000 + at,
    exp: 1_785_243_600 + at,
    scope: 'openid profile research',
  });
const tokenOf = (at) =>
  [Buffer.from('{"alg":"RS256","typ":"JWT","kid":"mX2p8QeZ1"}'), Buffer.from(claimsOf(at)), bytes(256, at)]
    .map((part) => part.toString('base64url'))
    .join('.');

/** Functions that each write a record without a handle. */
const KINDS = {
  "a server's log in JSON": (at) => JSON.stringify(entry(at)),
  'JSON within JSON': (at) => JSON.stringify({ time: at, msg: JSON.stringify({ jsonrpc: '2.0', id: at, result: entry(at) }) }),
  'plain text': (at) => `2026-11-27T08:00:00.${String(at).padStart(3, '0')}Z INFO  [main] ${PROSE.slice(at % 50)}`,
  'a stack trace': (at) => `    at async Object.handleRequest (/srv/app/node_modules/fastify/lib/route.js:${at}:13)`,
  UUIDs: (at) =>
    `request ${bytes(16, at)
      .toString('hex')
      .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')} done in ${at} ms`,
  'digests in hexadecimal': (at) => `sha256 ${bytes(32, at).toString('hex')} layer ${at}`,
  'bodies in base64': (at) => JSON.stringify({ time: at, body: bytes(600, at).toString('base64'), isBase64Encoded: true }),
  'JSON Web Tokens': (at) =>
    `Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify({ sub: 'anna', iat: at })).toString('base64url')}.${bytes(32, at).toString('base64url')}`,
  'tokens of an identity provider': (at) => `Authorization: Bearer ${tokenOf(at)}`,
  'text in base64': (at) => JSON.stringify({ time: at, body: Buffer.from(claimsOf(at)).toString('base64'), isBase64Encoded: true }),
  'images in base64': (at) => JSON.stringify({ time: at, image: bytes(20_000, at).toString('base64') }),
  'digests in base64': (at) => JSON.stringify({ path: `/srv/data/${at}`, digest: bytes(32, at).toString('base64') }),
  certificates: (at) => rootCertificates[at % rootCertificates.length],
  HTML: (at) => `<tr class="row"><td>${at}</td><td><a href="/tasks/${at}">lost luggage &amp; found</a></td></tr>`,
  'a coloured log': (at) => `\u001b[32mINFO\u001b[39m (4711): \u001b[36mrequest ${at} completed\u001b[39m`,
  'Chinese and Japanese': (at) =>
    `2026-11-27 08:00:00 [信息] 请求 ${at} 已完成，行李已经在机场找到了。お客様の荷物は空港で見つかりました。`,
  'minified JavaScript': (at) => `"use strict";var t=e.createElement("div"),n={id:${at},getUserAuthenticationToken:function(){return t}};`,
  'short lines': (at) => `step ${at}`,
};

/**
 * Makes lines. A log repeats them, so there are many: a processor soon knows a short log by heart, and then reads it
 * faster than any real log.
 */
function linesOf(write, least = 8_388_608) {
  const lines = [];
  for (let [at, length] = [0, 0]; length < least; at += 1) {
    lines.push(write(at));
    length += lines.at(-1).length + 1;
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

const PLAIN = linesOf(KINDS["a server's log in JSON"], CHUNK);

/** A result with the handle of a new task, as a line of a log. */
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

/** Runs a command on a log that is generated meanwhile, and discards the output. */
async function run(args, chunks, withRing = true) {
  const env = { PATH: process.env.PATH ?? '', ...(withRing && { WAXSEAL_KEYS: ringText }) };
  const child = spawn(process.execPath, ['--import', TELL_MEMORY, MAIN, ...args], { env, stdio: ['pipe', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    told += text;
  });
  const ended = once(child, 'close');
  let started = performance.now();
  let [bytes, isFirst] = [0, true];
  for (const chunk of chunks) {
    bytes += chunk.length;
    if (!child.stdin.write(chunk)) await once(child.stdin, 'drain');
    // The process has started once it has read more than fits into a pipe. The measured time excludes the start.
    if (isFirst && bytes > 200_000) [started, isFirst] = [performance.now(), false];
  }
  child.stdin.end();
  const [code] = await ended;
  // Random base64 can look like a piece of a handle. Then `redact` exits with 3.
  if (code !== 0 && code !== 3) throw new Error(`waxseal ${args.join(' ')} ended with ${code}: ${told}`);
  return { seconds: (performance.now() - started) / 1000, bytes, megabytesInMemory: Number(/maxRSS (\d+)/.exec(told)?.[1]) / 1000 };
}

/** Runs `redact` on a file, and discards the output. @returns megabytes a second, by the time of the whole process */
async function redactFile(file, bytes) {
  const out = await open(devNull, 'w');
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, 'redact', file], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', out.fd, 'ignore'],
  });
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - started) / 1000;
  await out.close();
  if (code !== 0 && code !== 3) throw new Error(`waxseal redact ${file} ended with ${code}`);
  return bytes / 1e6 / seconds;
}

async function writeLog(file, chunk, megabytes) {
  const log = await open(file, 'w');
  let bytes = 0;
  for (const part of repeated(chunk, megabytes)) {
    await log.writeFile(part);
    bytes += part.length;
  }
  await log.close();
  return bytes;
}

function* repeated(lines, megabytes) {
  let written = 0;
  for (let at = 0; written < megabytes * 1e6; at = at + CHUNK < lines.length ? at + CHUNK : 0) {
    const part = lines.subarray(at, at + CHUNK);
    written += part.length;
    yield part;
  }
}

/** Makes a log with a handle in about one line of 170. The log repeats 1,000 handles. */
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

say(`Reading logs. ${machine()}. Medians of ${ROUNDS} runs. Each run is a process that reads a pipe, or a file where the column says so.`);
const lines = await Promise.all(Array.from({ length: Number(values.handles) }, (_, at) => lineWithHandle(at)));

say();
say(`${'lines without handles, MB a second'.padEnd(52)}${'audit'.padStart(9)}${'redact'.padStart(9)}${'redact, a file'.padStart(16)}`);
const folder = await mkdtemp(join(tmpdir(), 'waxseal-bench-'));
const file = join(folder, 'a.log');
for (const [name, write] of Object.entries(KINDS).filter(([name]) => name.includes(values.kind))) {
  const chunk = linesOf(write);
  const size = await writeLog(file, chunk, MEGABYTES);
  const speeds = [];
  for (const command of ['audit', 'redact']) {
    speeds.push(
      await medianOf(async () => {
        const { bytes, seconds } = await run([command], repeated(chunk, MEGABYTES));
        return bytes / 1e6 / seconds;
      }),
    );
  }
  const fromFile = await medianOf(() => redactFile(file, size));
  say(
    `${`${MEGABYTES} MB of ${name}`.padEnd(52)}${speeds.map((speed) => speed.toFixed(0).padStart(9)).join('')}${fromFile.toFixed(0).padStart(16)}`,
  );
}
await rm(folder, { recursive: true });
if (values.kind !== '') process.exit();

say();
say(`${'lines a second, each line with another handle'.padEnd(52)}${'opened'.padStart(9)}${'unopened'.padStart(9)}${'redact'.padStart(9)}`);
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
say(`${'peak resident memory, MB; 1,000 different handles'.padEnd(52)}${'audit'.padStart(9)}${'redact'.padStart(9)}`);
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
