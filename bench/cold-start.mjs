/**
 * Measures the time from the start of a process to its first response to a tool call, for Waxseal and for the SDK's
 * recipe on Fastify. It also measures the time to import the fetch handler. Run `npm run build` first; then `node
 * bench/cold-start.mjs [--rounds 21] [--quick]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { recipeWithMap, waxseal } from './lib/compared-servers.mjs';
import { withFolder } from './lib/folder.mjs';
import { progress, report } from './lib/report.mjs';
import { bodyOf, checked, headersOf, STEPS } from './lib/research-mix.mjs';
import { ringFile } from './lib/ring.mjs';
import { run } from './lib/run.mjs';
import { median, quantile, shuffled } from './statistics.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 3 : 21));
const HEADER = ['', 'median (ms)', 'least', 'p95'];

const { table, line, save } = report('cold-start', { quick });
line('# Cold start');
await withFolder(async (folder) => {
  const ring = await ringFile(folder);
  const served = await measure({
    'waxseal serve': () => firstAnswer(waxseal(ring)),
    'the recipe on a bare Fastify': () => firstAnswer(recipeWithMap),
    'node with an empty program': () => toItsEnd(),
  });
  const ratios = served['waxseal serve'].map((ms, round) => ms / served['the recipe on a bare Fastify'][round]);
  table(`From the start of a process to the response to its first tool call, ${rounds} rounds`, HEADER, rowsOf(served));
  line(`waxseal serve takes ${median(ratios).toFixed(2)} times as long as the recipe.`);
});
const imported = await measure({
  'waxseal/fetch': () => importTime(new URL('../dist/server/app/fetch.js', import.meta.url).href),
  '@modelcontextprotocol/server alone': () => importTime(import.meta.resolve('@modelcontextprotocol/server')),
});
table(`The time to import a package in a new process, ${rounds} rounds`, HEADER, rowsOf(imported));
save();

/** Measures the subjects in turns. The first round only warms up the file cache. @returns milliseconds by name */
async function measure(subjects) {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    progress(`cold start: round ${round} of ${rounds}`);
    for (const name of shuffled(Object.keys(subjects))) {
      const ms = await subjects[name]();
      if (round > 0) times[name].push(ms);
    }
  }
  return times;
}

async function firstAnswer({ name, args }) {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const url = await urlOf(child, name);
    const [start] = STEPS;
    const response = await fetch(url, { method: 'POST', headers: { ...headersOf(start), connection: 'close' }, body: bodyOf(start) });
    checked(start, response.status, await response.text());
    return performance.now() - started;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

function urlOf(child, name) {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${printed}`)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
      const url = /serves MCP at (http:[^\s"]+)/.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

async function toItsEnd() {
  const started = performance.now();
  await run(process.execPath, ['--input-type=module', '--eval', '']);
  return performance.now() - started;
}

async function importTime(href) {
  const script = `const started = performance.now(); await import(${JSON.stringify(href)}); process.stdout.write(String(performance.now() - started));`;
  return Number(await run(process.execPath, ['--input-type=module', '--eval', script]));
}

function rowsOf(times) {
  return Object.entries(times).map(([name, own]) => {
    const sorted = Float64Array.from(own).sort();
    return [name, median(own).toFixed(0), sorted[0].toFixed(0), quantile(sorted, 0.95).toFixed(0)];
  });
}
