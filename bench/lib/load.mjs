import { run } from './run.mjs';

/**
 * Puts load on a server, from a process of its own, and waits for its end.
 *
 * @param options `url`, `connections`, and `seconds` or `requests`; `only: 'start'` starts tasks and leaves them
 * @returns the number of answered `requests`, the `seconds` they took, and the latencies `p50` and `p99` in milliseconds
 * @throws {Error} at the first wrong response
 */
export async function load(options) {
  return JSON.parse(await run(process.execPath, [new URL('load-process.mjs', import.meta.url).pathname, JSON.stringify(options)]));
}
