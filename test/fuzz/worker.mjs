/** A worker thread that runs cases until it is stopped, and reports the outcomes. */
import { parentPort, workerData } from 'node:worker_threads';
import { makeCase } from './cases.mjs';
import { makeCorpus } from './corpus.mjs';
import { examine, examineAlone } from './oracle.mjs';
import { newCounts } from './table.mjs';

const { seed, first, stride, progress } = workerData;

/** How many cases run at once. Several can, because Web Crypto uses other threads. */
const AT_ONCE = 64;
const REPORT_EVERY_MS = 500;

/**
 * Shared memory with a case's number: that of the first case of the newest batch. The supervisor reports this number if
 * this thread fails or no longer answers.
 */
const underWay = new Float64Array(progress);

// Writing the whole stack takes a third of the time of a refusal. The first line of it suffices here.
Error.stackTraceLimit = 1;

// An unhandled rejection in `open` would end a server's process, so it counts as a violation.
for (const event of ['unhandledRejection', 'uncaughtException']) {
  process.on(event, (error) => parentPort.postMessage({ violation: { number: underWay[0], what: `${event}: ${error?.stack ?? error}` } }));
}

const corpus = await makeCorpus(seed);
let counts = newCounts();
let cases = 0;
/** The number of calls that took too long while other calls ran, and were then repeated alone. */
let waited = 0;
let reported = performance.now();

for (let number = first; ; number += stride * AT_ONCE) {
  underWay[0] = number;
  const done = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => runCase(number + index * stride)));
  for (const { given } of done.filter(({ slow }) => slow)) {
    const what = await examineAlone(corpus, given);
    waited += 1;
    if (what !== undefined) violate(given, what);
  }
  if (performance.now() - reported > REPORT_EVERY_MS) {
    parentPort.postMessage({ counts, cases, waited });
    [counts, cases, waited, reported] = [newCounts(), 0, 0, performance.now()];
    // The thread receives messages and unhandled rejections only between two turns of the event loop.
    await new Promise(setImmediate);
  }
}

async function runCase(number) {
  const given = { number, ...makeCase(corpus, seed, number) };
  const { step, violations, slow } = await examine(corpus, given);
  cases += 1;
  if (step !== undefined) counts[given.procedure][given.layer][step] += 1;
  for (const what of violations) violate(given, what);
  return { given, slow };
}

function violate({ number, handle, layer, maker, procedure, sample }, what) {
  const how = `${layer} of ${sample} by ${maker}, opened as ${procedure}`;
  parentPort.postMessage({ violation: { number, what, how, handle: typeof handle === 'string' ? handle : String(handle) } });
}
