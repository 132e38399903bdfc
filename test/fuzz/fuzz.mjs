/**
 * Structure-aware fuzzing of `open`. Run `npm run build` first, then:
 *
 *     node test/fuzz/fuzz.mjs --seconds 60 [--seed N] [--workers N]     for a time
 *     node test/fuzz/fuzz.mjs --seed N --case K                         one case again, on node:crypto
 *     node --conditions=browser test/fuzz/fuzz.mjs --seed N --case K    the same on Web Crypto
 *
 * A case is a function of seed and number, whatever the time and the number of workers. Ends with 1 where a violation
 * was found, or where a step of the specification's order was reached by nothing in 30 s or more.
 */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { LAYER_NAMES, makeCase } from './cases.mjs';
import { makeCorpus } from './corpus.mjs';
import { examine, examineAlone } from './oracle.mjs';
import { OPENED, STEPS } from './steps.mjs';

/** Below this a rare step may be missed by chance. */
const ENOUGH_SECONDS = 30;
/** A worker that says nothing for so long is stuck in a call. Generous: the machine may be busy. */
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
  say(`case ${number} of seed ${seed}: ${given.layer} of ${given.sample}, ended at step ${step}`);
  say(`expected: ${JSON.stringify({ ...call, now: String(call.now), kinds: [...kinds.keys()] })}`);
  say(`handle: ${String(given.handle)}`);
  say(`ring: ${JSON.stringify({ keys: corpus.inRing.flatMap(({ jwks }) => jwks) })}`);
  for (const what of violations) say(`VIOLATION ${what}`);
  return violations.length > 0 ? 1 : 0;
}

async function run() {
  const total = Object.fromEntries(LAYER_NAMES.map((name) => [name, new Array(OPENED + 1).fill(0)]));
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let cases = 0;
  let violations = 0;
  let waited = 0;
  say(`seed ${seed}, ${workers} workers, ${seconds} s, Node ${process.versions.node}`);

  const report = (violation) => {
    violations += 1;
    if (violations > MOST_SHOWN) return;
    const { number, what, layer, sample, handle } = violation;
    say(
      `\nVIOLATION ${what}\n  ${layer ?? '?'} of ${sample ?? '?'}; again: node test/fuzz/fuzz.mjs --seed ${seed} --case ${number}\n  ${handle ?? ''}`,
    );
  };
  // Every other worker runs on Web Crypto, which is what `#platform` is under this condition.
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
      for (const name of LAYER_NAMES) for (const [step, count] of message.counts[name].entries()) total[name][step] += count;
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
  const rows = [...STEPS, { number: OPENED, name: 'opened', code: '', reasons: [] }].map(({ number, name, code, reasons }) => {
    const byLayer = LAYER_NAMES.map((layer) => total[layer][number]);
    return {
      number,
      name,
      answer: reasons.length === 0 ? code : `${code} (${reasons.join(', ')})`,
      byLayer,
      sum: byLayer.reduce((a, b) => a + b, 0),
    };
  });
  const widths = LAYER_NAMES.map((name) => Math.max(name.length, 8) + 2);
  say(
    `${'step'.padEnd(24)}${'answer'.padEnd(48)}${'handles'.padStart(10)}${LAYER_NAMES.map((name, at) => name.padStart(widths[at])).join('')}`,
  );
  for (const { number, name, answer, byLayer, sum } of rows) {
    const cells = byLayer.map((count, at) => String(count || '·').padStart(widths[at])).join('');
    say(`${`${String(number).padStart(2)} ${name}`.padEnd(24)}${answer.padEnd(48)}${String(sum).padStart(10)}${cells}`);
  }
  const missed = rows.filter(({ sum }) => sum === 0);
  if (missed.length > 0) say(`\nreached by nothing: ${missed.map(({ number, name }) => `${number} ${name}`).join(', ')}`);
  // A machine that stops for a second makes many calls late at once; said, so that it is not mistaken for nothing.
  if (waited > 0) say(`\n${waited} calls took over a second among others, and were made again alone`);
  say(`\n${violations} violations`);
  return violations > 0 || (missed.length > 0 && seconds >= ENOUGH_SECONDS) ? 1 : 0;
}
