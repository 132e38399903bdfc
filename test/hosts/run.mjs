/**
 * Runs real hosts from npm, with a scripted model and a real `waxseal serve`. Run `npm run build` first, then:
 *
 *     node test/hosts/run.mjs [--quick] [--keep] [NAME …]
 *
 * The program prints a line for each step of each host, and exits with 1 if a step failed.
 *
 * - `--quick` leaves out the hosts that take minutes to install.
 * - `--keep` writes the measurements of the hosts without a failure to `test/hosts/results.json`, and makes
 *   `docs/clients.md` from that file.
 *
 * The hosts are installed in the user's cache directory, in the versions of `hosts.mjs`. The program talks only to the
 * npm registry and to loopback.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { folder, serve, waxseal } from '../soak/programs.mjs';
import { say } from '../soak/report.mjs';
import { HOSTS } from './hosts.mjs';
import { converse } from './lib/conversation.mjs';
import { installed, nodeFolder } from './lib/install.mjs';
import { measure } from './lib/measure.mjs';
import { scripts } from './model/script.mjs';
import { startModel } from './model/server.mjs';
import { handlesIn } from './model/sight.mjs';
import { pageOf } from './page.mjs';

/**
 * The steps of each host, each with a script and a way to the server. In the last step, the server writes each handle
 * only once (`--handle-in`).
 */
const STEPS = [
  ['whole', 'direct'],
  ['slip', 'direct'],
  ['long', 'direct'],
  ['whole', 'wallet'],
  ['slip', 'wallet'],
  ['long', 'wallet'],
  ['whole', 'once'],
];

const TITLES = { whole: 'a whole task', slip: 'wrong handles', long: 'a long handle' };
const WAYS = { direct: '', wallet: ' through the wallet', once: ' with --handle-in' };

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, keep: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !HOSTS.some((host) => host.name === name));
if (unknown.length > 0) {
  process.stderr.write(`no such host: ${unknown.join(', ')}\nhosts: ${HOSTS.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
const hosts = HOSTS.filter(({ name, slow }) => (positionals.length === 0 ? !(values.quick && slow) : positionals.includes(name)));

const ring = join(folder, 'ring.jwks');
await waxseal(['keys', 'generate', '--out', ring]);
const servers = {};
for (const view of ['both', 'text', 'structured']) servers[view] = await serve(['--keys', ring, '--handle-in', view]);
const model = await startModel();
const node = await nodeFolder();
const tried = [];
for (const host of hosts) tried.push(await tryHost(host));
await model.stop();
for (const { stop } of Object.values(servers)) await stop();

const steps = tried.flatMap((host) => host.steps);
const failed = steps.filter(({ passed }) => !passed).length;
if (values.keep) keep();
process.stdout.write(`${steps.length - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

async function tryHost(host) {
  const place = await installed(host, node);
  const done = [];
  for (const [script, way] of host.hides === undefined ? STEPS : STEPS.slice(0, 1)) {
    const handleIn = way !== 'once' ? 'both' : done[0].success === 'structured content' ? 'structured' : 'text';
    done.push({ script, way, handleIn, ...(await tryStep(host, script, way, { place, handleIn })) });
  }
  const { name, title, packages, api, file, hides } = host;
  const date = new Date().toISOString().slice(0, 10);
  return {
    name,
    title,
    date,
    waxseal: version,
    packages,
    api,
    file,
    hides: hides !== undefined,
    connect: snippetsOf(host),
    steps: done,
  };
}

async function tryStep(host, script, way, { place, handleIn }) {
  const session = model.session(scripts[script]);
  const situation = { folder: place, node, url: `http://127.0.0.1:${servers[handleIn].port}/mcp`, way: way === 'wallet' ? way : 'direct' };
  const { ending, printed } = await converse(host, situation, session);
  const passed = host.hides === undefined ? ending === 'done' : host.hides.test(ending);
  const measured = measure(session);
  const words = passed ? wordsFor(measured) : [ending, ...session.complaints].join('; ');
  say(`${host.name.padEnd(20)} ${(TITLES[script] + WAYS[way]).padEnd(32)} ${passed ? 'passed' : 'FAILED'}  ${words}`);
  return { passed, ...measured, prints: handlesIn(printed).length > 0 };
}

function wordsFor({ success, error, copies, longest, read, written }) {
  const shows = `shows ${success}${error === undefined ? '' : `, of an error ${error}`}`;
  return `${shows}; ${copies} a result, up to ${longest} characters; tokens: ${read} read, ${written} written`;
}

/** Returns the host's configuration as in this run, but with the default port of `waxseal serve`. */
function snippetsOf({ connect, snippet }) {
  const url = 'http://127.0.0.1:3000/mcp';
  return connect === undefined ? { both: snippet } : { direct: connect.direct(url), wallet: connect.throughWallet(url) };
}

/** A host that did not run, or failed, keeps its previous results. */
function keep() {
  const file = new URL('results.json', import.meta.url);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).hosts : [];
  const good = tried.filter((host) => host.steps.every(({ passed }) => passed));
  const kept = HOSTS.flatMap(({ name }) => [...good, ...before].find((host) => host.name === name) ?? []);
  writeFileSync(file, `${JSON.stringify({ hosts: kept }, null, 2)}\n`);
  writeFileSync(new URL('../../docs/clients.md', import.meta.url), pageOf({ hosts: kept }));
  say('kept: test/hosts/results.json, docs/clients.md');
}
