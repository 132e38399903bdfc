/**
 * Measures the cold start of workerd: the time from the start of its process to its first answer to a tool call.
 * Wrangler would add its own start. `run.mjs` installs workerd and prints the result.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { generateRing, toText } from '../../dist/keys/index.js';

const built = (file) => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));

const WORKER = `
import { createFetchHandler } from '${built('server/app/fetch.js')}';
import { researchTools } from '${built('research/index.js')}';
export default createFetchHandler({
  keys: ({ WAXSEAL_KEYS }) => WAXSEAL_KEYS,
  tools: researchTools,
  identity: { name: 'research', version: '1.0.0' },
  allowAnonymous: true,
});
`;

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .research)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const research :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  bindings = [(name = "WAXSEAL_KEYS", fromEnvironment = "WAXSEAL_KEYS")],
  compatibilityDate = "2026-01-01",
);
`;

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'waxseal-runtimes', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const NAME = 'start_research_task';
const CALL = {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': NAME,
    connection: 'close',
  },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: NAME, arguments: { topic: 'how soon' }, _meta: META },
  }),
};

/**
 * Starts workerd several times. The first start warms up the file cache, and does not count.
 *
 * @param installed the folder in which `run.mjs` has installed the runtimes
 * @returns the milliseconds from the start of the process to the first good answer, ascending
 */
export async function workerdStarts(installed, rounds = 11) {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-workerd-'));
  try {
    writeFileSync(join(folder, 'entry.mjs'), WORKER);
    const build = await rolldown({
      input: join(folder, 'entry.mjs'),
      platform: 'browser',
      resolve: { conditionNames: ['workerd', 'worker', 'browser', 'import'] },
    });
    await build.write({ file: join(folder, 'worker.mjs'), format: 'esm', minify: true });
    await build.close();
    writeFileSync(join(folder, 'config.capnp'), CONFIG);
    const ring = toText(await generateRing(Math.floor(Date.now() / 1000)));
    const { default: program } = createRequire(join(installed, 'package.json'))('workerd');
    const times = [];
    for (let round = 0; round <= rounds; round += 1) {
      const took = await firstAnswer(program, join(folder, 'config.capnp'), ring);
      if (round > 0) times.push(took);
    }
    return times.sort((a, b) => a - b);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstAnswer(program, config, ring) {
  const began = performance.now();
  // workerd writes the port to the fourth file descriptor.
  const child = spawn(program, ['serve', '--control-fd=3', config], {
    env: { WAXSEAL_KEYS: ring },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    const [report] = await Promise.race([once(child.stdio[3], 'data'), ended.then(() => [undefined])]);
    if (report === undefined) throw new Error('workerd ended before it listened');
    const { port } = JSON.parse(String(report).split('\n')[0]);
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, CALL);
    const text = await response.text();
    if (response.status !== 200 || !text.includes('handle_info')) throw new Error(`workerd answered ${response.status}: ${text}`);
    return performance.now() - began;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
