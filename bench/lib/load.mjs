import { run } from './run.mjs';

/**
 * Puts load on a server from another process, and waits until that process has ended.
 *
 * @param options `url`, `connections`, and `seconds` or `requests`. With `only: 'start'`, tasks are started and not
 *   finished.
 * @returns `requests`, how many were answered; `seconds`, the time that they took; and the latencies `p50` and `p99` in
 *   milliseconds
 * @throws {Error} if a response is wrong
 */
export async function load(options) {
  return JSON.parse(await run(process.execPath, [new URL('load-process.mjs', import.meta.url).pathname, JSON.stringify(options)]));
}
