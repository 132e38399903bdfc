/**
 * Measures how much time the wallet adds to a call over stdio. The SDK's client calls `waxseal stdio` directly and
 * through `waxseal wallet`, in turns. Run `npm run build` first; then `node bench/wallet.mjs [--calls 400] [--quick]`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { withFolder } from './lib/folder.mjs';
import { report } from './lib/report.mjs';
import { depth, findings, topic } from './lib/research-mix.mjs';
import { ringFile } from './lib/ring.mjs';
import { median, quantile, shuffled } from './statistics.mjs';

const { values } = parseArgs({ options: { calls: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const { quick } = values;
const calls = Number(values.calls ?? (quick ? 60 : 400));
const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const { table, save } = report('wallet', { quick });
await withFolder(async (folder) => {
  const upstream = [process.execPath, MAIN, 'stdio', '--keys', await ringFile(folder)];
  const wallet = (...options) => [process.execPath, MAIN, 'wallet', ...options, '--', ...upstream];
  const hosts = [
    await host('waxseal stdio', upstream),
    await host('wallet, in memory', wallet('--ephemeral')),
    await host('wallet, with its file', wallet('--file', join(folder, 'wallet.json'))),
  ];
  for (let call = 0; call < calls; call += 1) for (const each of shuffled(hosts)) await each.round();
  const [bare] = hosts;
  const added = (each, kind) => (median(each[kind]) - median(bare[kind])).toFixed(2);
  table(
    `A call over stdio (ms), ${calls} of each kind`,
    ['', 'read, median', 'p95', 'added', 'update, median', 'p95', 'added'],
    hosts.map((each) => [each.name, ...figures(each.reads), added(each, 'reads'), ...figures(each.updates), added(each, 'updates')]),
  );
  for (const { client } of hosts) await client.close();
});
save();

function figures(times) {
  return [median(times), quantile(Float64Array.from(times).sort(), 0.95)].map((ms) => ms.toFixed(2));
}

/** A client with its own server. It runs one task after another, with one read and one update in each round. */
async function host(name, [command, ...args]) {
  const client = new Client({ name: 'waxseal-bench', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
  const [reads, updates] = [[], []];
  const timed = async (times, tool, input) => {
    const begun = performance.now();
    const { structuredContent, isError } = await client.callTool({ name: tool, arguments: input });
    times?.push(performance.now() - begun);
    if (isError) throw new Error(`${name}: ${tool} failed`);
    return structuredContent.handle;
  };
  let [handle, recorded] = [await timed(undefined, 'start_research_task', { topic, depth }), 0];
  const round = async () => {
    await timed(reads, 'get_task_status', { handle });
    handle = await timed(updates, 'record_findings', { handle, findings: [findings[recorded % findings.length]] });
    recorded += 1;
    if (recorded % findings.length === 0) handle = await timed(undefined, 'start_research_task', { topic, depth });
  };
  // The first calls only warm up the code.
  for (let call = 0; call < 20; call += 1) await round();
  reads.length = 0;
  updates.length = 0;
  return { name, client, round, reads, updates };
}
