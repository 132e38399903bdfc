/**
 * Measures whether the time to refuse a handle as `rejected` reveals the cause: an unknown key, a bad tag, or an IV
 * with a wrong first or last byte. It measures in its own process, and over HTTP on loopback. Run `npm run build`
 * first; then `node bench/timing.mjs [--samples 20000] [--requests 2000]`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { open } from '../dist/handle/index.js';
import { openingKey, parseRing } from '../dist/keys/index.js';
import { handleOf, NOW, pair, withBadTag, withBitFlipped, withUnknownKid } from './handles.mjs';
import { machine, say } from './machine.mjs';
import { probabilityOfLarger, quantile, shuffled, welch, withoutTail } from './statistics.mjs';

const { values } = parseArgs({ options: { samples: { type: 'string', default: '20000' }, requests: { type: 'string', default: '2000' } } });
const LENGTH = 480;

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'waxseal-bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A handle for each cause, all of one length. Only a holder of the AES secret can make one with a wrong IV. */
function rejectedAt(now) {
  const own = { iat: now, exp: now + 3_600 };
  const good = handleOf(LENGTH, false, { full: 'text', own });
  return {
    'unknown kid': withUnknownKid(good),
    'bad tag': withBadTag(good),
    'IV, first byte': handleOf(LENGTH, false, { full: 'text', own, iv: withBitFlipped(0) }),
    'IV, last byte': handleOf(LENGTH, false, { full: 'text', own, iv: withBitFlipped(11) }),
  };
}

say(`The times of a rejection by its cause, in µs, for handles of ${LENGTH} characters. ${machine()}`);
await inProcess(Number(values.samples));
await overHttp(Number(values.requests));
say(`
A verifier stops at the first step that fails. The time of a refusal therefore tells how many steps a handle passed, even
to a remote caller who calls often enough. From the times of an unknown key and of a bad tag, a caller can learn whether a
key is in the ring; the id of the key is public. Only a holder of the AES secret can make a handle that is refused because
of its IV. If the time also revealed which byte of the IV is wrong, this person could guess an IV byte by byte.`);

async function inProcess(samples) {
  const ring = await parseRing(JSON.stringify({ keys: pair.jwks }));
  const call = { findKey: (kid) => openingKey(ring, kid, NOW), now: NOW, kinds: new Map(), needs: [] };
  const handles = rejectedAt(NOW);
  const times = await interleaved(handles, samples, async (handle) => {
    const error = await open(handle, call).catch((thrown) => thrown);
    if (error.code !== 'rejected') throw new Error(`answered ${error.code}`);
  });
  report(`in the process, ${samples} calls each`, times);
}

async function overHttp(requests) {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-bench-'));
  const now = Math.floor(Date.now() / 1000);
  const life = { iat: now - 60, nbf: now - 60, exp: now + 86_400 };
  writeFileSync(join(folder, 'ring.jwks'), JSON.stringify({ keys: pair.jwks.map((jwk) => ({ ...jwk, ...life })) }), { mode: 0o600 });
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const server = spawn(process.execPath, [main, 'serve', '--port', '0', '--keys', join(folder, 'ring.jwks'), '--log-level', 'info'], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const url = await urlOf(server);
    const times = await interleaved(rejectedAt(now), requests, async (handle) => {
      const answer = await post(url, agent, handle);
      if (!answer.includes('"code":"rejected"')) throw new Error(`answered ${answer}`);
    });
    report(`over HTTP on loopback, one connection, ${requests} requests each`, times);
  } finally {
    agent.destroy();
    server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads the server's address, and goes on reading, so that the pipe does not fill up. */
function urlOf(server) {
  return new Promise((resolve, reject) => {
    let printed = '';
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
    server.stdout.setEncoding('utf8').on('data', (text) => {
      if (printed.length < 100_000) printed += text;
      const url = /Waxseal serves MCP at (http:[^\s"]+)/.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

function post(url, agent, handle) {
  const name = 'get_task_status';
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { handle }, _meta: META } });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': Buffer.byteLength(body),
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': name,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('error', reject).on('end', () => resolve(text));
    });
    sent.on('error', reject).end(body);
  });
}

/** Makes one call for each cause in each turn. The order changes, so that other programs affect all causes alike. */
async function interleaved(handles, samples, run) {
  const names = Object.keys(handles);
  const times = Object.fromEntries(names.map((name) => [name, new Float64Array(samples)]));
  const warmUp = Math.ceil(samples / 10);
  for (let turn = -warmUp; turn < samples; turn += 1) {
    for (const name of shuffled(names)) {
      const started = performance.now();
      await run(handles[name]);
      if (turn >= 0) times[name][turn] = (performance.now() - started) * 1000;
    }
  }
  return times;
}

/**
 * Estimates how many calls it takes to tell two causes apart, which needs t = 4.5. The value of t grows with the square
 * root of the number of calls.
 */
function callsToTell(t, calls) {
  return Math.max(2, Math.ceil(calls * (4.5 / t) ** 2));
}

function report(title, times) {
  say(`\n${title}`);
  say(`${''.padEnd(16)}${['p5', 'median', 'p95'].map((name) => name.padStart(10)).join('')}`);
  for (const [name, values] of Object.entries(times)) {
    const sorted = Float64Array.from(values).sort();
    say(`${name.padEnd(16)}${[0.05, 0.5, 0.95].map((part) => quantile(sorted, part).toFixed(1).padStart(10)).join('')}`);
  }
  const names = Object.keys(times);
  const pairs = names.flatMap((a, at) => names.slice(at + 1).map((b) => [a, b]));
  for (const [a, b] of pairs) {
    const t = welch(withoutTail(times[b]), withoutTail(times[a]));
    const larger = probabilityOfLarger(times[b], times[a]);
    say(
      `${b} compared with ${a}: Welch's t is ${t.toFixed(1)} (without the slowest 5 %). "${b}" is slower in ${(larger * 100).toFixed(1)} % of all pairs of calls. About ${callsToTell(t, times[a].length)} calls for each cause tell the two apart (t = 4.5).`,
    );
  }
}
