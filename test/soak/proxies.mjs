/**
 * Restarts three replicas behind a proxy under load, 3.5 s apart. No request may fail. Each proxy runs with its file of
 * `deploy/proxies/`, with other ports. Run `npm run build` first; then `node test/soak/proxies.mjs [nginx haproxy
 * caddy] [--rounds 2] [--connections 16]`.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { folder, limitTime, serve as startReplica, waxseal } from './programs.mjs';

/** The time between the stops of two replicas, in milliseconds. */
const APART_MS = 3_500;

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '2' }, connections: { type: 'string', default: '16' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const proxies = positionals.length > 0 ? positionals : ['nginx', 'haproxy', 'caddy'];

/** The proxies, each with its file, a function that sets the ports in it, and its command. */
const PROXIES = {
  nginx: {
    file: 'nginx.conf',
    // The file is written for nginx's folder conf.d. The template puts it into a main configuration.
    configure: (text, port) => `
daemon off; worker_processes 1; pid ${join(folder, 'nginx.pid')}; ${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(folder, name)};`).join(' ')}
  ${text.replace('listen 80', `listen 127.0.0.1:${port}`)}
}`,
    start: (file) => ['nginx', ['-c', file, '-e', join(folder, 'nginx-error.log')]],
  },
  haproxy: {
    file: 'haproxy.cfg',
    configure: (text, port) => text.replace('bind :80', `bind 127.0.0.1:${port}`),
    start: (file) => ['haproxy', ['-db', '-f', file]],
  },
  caddy: {
    file: 'Caddyfile',
    configure: (text, port) => `{\n\tadmin off\n\tauto_https off\n}\n${text.replace(/^:80/m, `:${port}`)}`,
    start: (file) => ['caddy', ['run', '--adapter', 'caddyfile', '--config', file]],
  },
};

limitTime(60 + proxies.length * (30 + rounds * 20));
const ring = join(folder, 'ring.jwks');
await waxseal(['keys', 'generate', '--out', ring]);
let [passed, failed] = [0, 0];
for (const name of proxies) {
  const { counts, started } = await measure(name);
  const lost = Object.entries(counts).filter(([outcome]) => outcome !== 'ok');
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `${name}: ${total} requests, ${started} restarts ${APART_MS / 1000} s apart, ${lost.length === 0 ? 'none failed' : `failed: ${lost.map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`}\n`,
  );
  if (lost.length === 0 && total > 0) passed += 1;
  else failed += 1;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

async function measure(name) {
  const { file, configure, start: command } = PROXIES[name];
  const ports = await freePorts(4);
  const port = ports[3];
  const args = (at) => [
    '--keys',
    ring,
    '--port',
    String(ports[at]),
    '--allow-anonymous',
    '--trust-proxy',
    '127.0.0.1',
    '--allowed-hosts',
    'mcp.example.com',
  ];
  const replicas = await Promise.all([0, 1, 2].map((at) => startReplica(args(at))));
  const config = join(folder, file);
  const text = readFileSync(new URL(`../../deploy/proxies/${file}`, import.meta.url), 'utf8');
  writeFileSync(
    config,
    configure(
      text.replace(/127\.0\.0\.1:300([123])/g, (_, number) => `127.0.0.1:${ports[number - 1]}`),
      port,
    ),
  );
  const [program, flags] = command(config);
  const proxy = spawn(program, flags, {
    stdio: ['ignore', 'ignore', process.env.DEBUG ? 'inherit' : 'ignore'],
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  process.once('exit', () => proxy.kill('SIGKILL'));
  try {
    await ready(port);
    const load = offer(port, Number(values.connections));
    let started = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const at of [0, 1, 2]) {
        const next = pause(APART_MS);
        await replicas[at].stop();
        replicas[at] = await startReplica(args(at));
        started += 1;
        await next;
      }
    }
    return { counts: await load.stop(), started };
  } finally {
    proxy.kill('SIGKILL');
    await Promise.all(replicas.map(({ stop }) => stop()));
  }
}

/** Starts callers. Each starts, extends and reads tasks over one open connection. */
function offer(port, connections) {
  const counts = { ok: 0 };
  let isOver = false;
  const caller = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const call = async (tool, args) => {
      const { outcome, result } = await post(port, agent, tool, args).catch((error) => ({ outcome: error.code ?? error.message }));
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      return result?.structuredContent.handle;
    };
    while (!isOver) {
      const handle = await call('start_research_task', { topic: 'does a restart show' });
      if (handle === undefined) continue;
      const next = await call('record_findings', { handle, findings: ['not yet'] });
      await call('get_task_status', { handle: next ?? handle });
    }
    agent.destroy();
  };
  const callers = Promise.all(Array.from({ length: connections }, caller));
  return {
    stop: async () => {
      isOver = true;
      await callers;
      return counts;
    },
  };
}

/**
 * Makes one call through the proxy.
 *
 * @returns `outcome` and `result`. `outcome` is `ok`, the HTTP status, or the code of the tool's error.
 */
function post(port, agent, tool, args) {
  const params = {
    name: tool,
    arguments: args,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'waxseal-soak', version: '1.0.0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
  const headers = {
    host: 'mcp.example.com',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': tool,
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/mcp', method: 'POST', agent, headers }, async (answer) => {
      try {
        let text = '';
        for await (const part of answer.setEncoding('utf8')) text += part;
        if (answer.statusCode !== 200) return resolve({ outcome: `status ${answer.statusCode}` });
        const { result } = JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? text);
        resolve(result.isError ? { outcome: result.structuredContent.error.code } : { outcome: 'ok', result });
      } catch (error) {
        reject(error);
      }
    });
    sent.once('error', reject);
    sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
  });
}

async function ready(port) {
  const agent = new Agent();
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { outcome } = await post(port, agent, 'start_research_task', { topic: 'is it up' }).catch(() => ({}));
    if (outcome === 'ok') break;
    if (performance.now() > deadline) throw new Error('the proxy did not start within 30 s');
    await pause(50);
  }
  // After this time, the proxy has found that every replica is healthy.
  await pause(1_500);
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer()
            .once('error', reject)
            .listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
