/**
 * Puts load on a server: `node load-process.mjs '{"url":…,"connections":…,"seconds":…}'`. `"requests"` can replace
 * `"seconds"`. With `"only":"start"`, tasks are started and not finished. It prints JSON: the number of answered
 * requests, the seconds, and the latencies in milliseconds (p50, p99). If a response is wrong, it exits with 1.
 */
import autocannon from 'autocannon';
import { quantile } from '../statistics.mjs';
import { bodyOf, checked, headersOf, STEPS } from './research-mix.mjs';

const { url, connections, seconds, requests: amount, only } = JSON.parse(process.argv[2]);
const steps = only === 'start' ? STEPS.slice(0, 1) : STEPS;

let failure;
const latencies = [];
let lastAt = 0;

const run = autocannon({
  url,
  connections,
  ...(amount === undefined ? { duration: seconds } : { amount }),
  // Each connection has one request at a time, because each request needs the handle from the previous response.
  pipelining: 1,
  requests: steps.map(requestFor),
  excludeErrorStats: true,
  bailout: 1,
});
const startedAt = performance.now();
// Autocannon itself records whole milliseconds, and many latencies are shorter.
run.on('response', (_client, _status, _bytes, milliseconds) => {
  latencies.push(milliseconds);
  lastAt = performance.now();
});
const { errors, timeouts, non2xx, resets } = await run;
if (failure === undefined && errors + timeouts + non2xx + resets > 0) {
  failure = `${errors} errors, ${timeouts} timeouts, ${non2xx} answers other than 200, ${resets} unfinished tasks`;
}
if (failure === undefined && latencies.length === 0) failure = 'the server answered no request';
if (failure !== undefined) {
  process.stderr.write(`${failure}\n`);
  process.exit(1);
}
const sorted = Float64Array.from(latencies).sort();
const result = { requests: sorted.length, seconds: (lastAt - startedAt) / 1000, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
process.stdout.write(JSON.stringify(result));

/** Autocannon's request for a step of a task. Each connection has its own `context`, new for every task. */
function requestFor(step) {
  const request = { method: 'POST', headers: headersOf(step) };
  const onResponse = (status, body, context) => {
    try {
      context.handle = checked(step, status, body, context.handle);
    } catch (error) {
      failure ??= error.message;
      run.stop();
    }
  };
  if (step === STEPS[0]) return { ...request, body: bodyOf(step), onResponse };
  // Without a handle, autocannon starts the next task, and the program reports a failure at its end.
  const setupRequest = (made, { handle }) => handle !== undefined && { ...made, body: bodyOf(step, handle) };
  return { ...request, setupRequest, onResponse };
}
