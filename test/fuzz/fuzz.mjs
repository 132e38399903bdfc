/**
 * Structure-aware fuzzing of `open`. Run `npm run build` first, then:
 *
 *     node test/fuzz/fuzz.mjs --seconds 60 [--seed N] [--workers N]            runs for a time
 *     node test/fuzz/fuzz.mjs --seed N --case K                                repeats one case, on node:crypto
 *     node --conditions=browser test/fuzz/fuzz.mjs --seed N --case K           repeats one case, on Web Crypto
 *
 * A case depends only on the seed and its number. The script exits with 1 if it finds a violation, or if a run of 30 s
 * or longer does not reach every step of both procedures.
 */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { makeCase } from './cases.mjs';
import { makeCorpus, REVOCATIONS } from './corpus.mjs';
import { examine, examineAlone } from './oracle.mjs';
import { addCounts, missedIn, newCounts, tableOf } from './table.mjs';

/** How long a run must be to reach every step, in seconds. A shorter one may miss a rare step by chance. */
const ENOUGH_SECONDS = 30;
/** The silence after which a worker counts as stuck, in milliseconds. It is long, because the machine may be busy. */
const SILENCE_MS = 20_000;
const MOST_SHOWN = 20;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, workers: { type: 'string' }, case: { type: 'string' } },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const workers = Number(values.workers ?? availableParallelism());
const say = (text) => process.stdout.write(`${text}\n`);

process.exitCode = values.case === undefined ? await run() : await replay(Number(values.case));

async function replay(number) {
  const corpus = await makeCorpus(seed);
  const given = makeCase(corpus, seed, number);
  const { step, violations, slow } = await examine(corpus, given);
  const hang = slow ? await examineAlone(corpus, given) : undefined;
  if (hang !== undefined) violations.push(hang);
  const { kinds, ...call } = given.call;
  const { layer, sample, maker, procedure, handle } = given;
  say(`case ${number} of seed ${seed}: ${layer} of ${sample} by ${maker}, opened as ${procedure}, ended at step ${step}`);
  say(`expected: ${JSON.stringify({ ...call, now: String(call.now), kinds: [...kinds.keys()] })}`);
  say(`handle: ${String(handle)}`);
  say(`ring: ${JSON.stringify({ keys: corpus.rings.replica.pairs.flatMap(({ jwks }) => jwks), revocations: REVOCATIONS })}`);
  for (const what of violations) say(`VIOLATION ${what}`);
  return violations.length > 0 ? 1 : 0;
}

async function run() {
  const total = newCounts();
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let cases = 0;
  let violations = 0;
  let waited = 0;
  say(`seed ${seed}, ${workers} workers, ${seconds} s, Node ${process.versions.node}`);

  const report = (violation) => {
    violations += 1;
    if (violations > MOST_SHOWN) return;
    const { number, what, how = '?', handle = '' } = violation;
    say(`\nVIOLATION ${what}\n  ${how}; again: node test/fuzz/fuzz.mjs --seed ${seed} --case ${number}\n  ${handle}`);
  };
  // Every second worker tests Web Crypto: the condition `browser` makes `#platform` the module for Web Crypto.
  const running = Array.from({ length: workers }, (_, first) => {
    const progress = new SharedArrayBuffer(8);
    const worker = new Worker(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
      workerData: { seed, first, stride: workers, progress },
      execArgv: first % 2 === 0 ? [] : ['--conditions=browser'],
    });
    const state = { worker, heard: performance.now(), progress: new Float64Array(progress) };
    worker.on('error', (error) => report({ number: state.progress[0], what: `a worker ended: ${error.stack}` }));
    worker.on('message', (message) => {
      state.heard = performance.now();
      if (message.violation !== undefined) return report(message.violation);
      cases += message.cases;
      waited += message.waited;
      addCounts(total, message.counts);
    });
    return state;
  });

  const { isTTY } = process.stdout;
  let lastLine = 0;
  while (elapsed() < seconds) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(500, Math.max(1, (seconds - elapsed()) * 1000))));
    const line = `${Math.round(elapsed())} s: ${cases} cases, ${Math.round(cases / elapsed())}/s, ${violations} violations`;
    if (isTTY) process.stdout.write(`\r${line}  `);
    else if (elapsed() - lastLine >= 10) {
      lastLine = elapsed();
      say(line);
    }
    for (const state of running.filter(({ heard }) => performance.now() - heard > SILENCE_MS)) {
      report({ number: state.progress[0], what: `a hang, in this case or one of the ${64 * workers} after it` });
      state.heard = Number.POSITIVE_INFINITY;
    }
  }
  await Promise.all(running.map(({ worker }) => worker.terminate()));
  return conclude({ total, cases, violations, waited, took: elapsed() });
}

function conclude({ total, cases, violations, waited, took }) {
  say(`\n${cases} cases in ${Math.round(took)} s, ${Math.round(cases / took)}/s, seed ${seed}\n`);
  say(tableOf(total));
  const missed = missedIn(total);
  if (missed.length > 0) say(`\nno case reached: ${missed.join(', ')}`);
  // These calls are no violations: if the machine stops for a second, many calls are late at once.
  if (waited > 0) say(`\n${waited} calls took over a second while other calls ran, and were repeated alone`);
  say(`\n${violations} violations`);
  return violations > 0 || (missed.length > 0 && seconds >= ENOUGH_SECONDS) ? 1 : 0;
}
