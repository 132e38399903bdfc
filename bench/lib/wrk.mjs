import { fileURLToPath } from 'node:url';
import { requireProgram } from './require-program.mjs';
import { run } from './run.mjs';

const SCRIPT = fileURLToPath(new URL('chains.lua', import.meta.url));

/**
 * Puts load on a server with wrk, which takes a tenth of the CPU time of a load generator in JavaScript. `chains.lua`
 * passes the handles from call to call.
 *
 * @returns `right` and `failed`, the numbers of calls; `broken`, the number of broken connections; `seconds`; `p50` and
 *   `p99` in milliseconds; and `example`, the first failure
 */
export async function wrk({ url, connections, seconds }) {
  await requireProgram('wrk', 'wrk');
  const printed = await run('wrk', ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', SCRIPT, url]);
  const [, result] = /^RESULT (.+)$/m.exec(printed) ?? [];
  if (result === undefined) throw new Error(`wrk printed no result:\n${printed}`);
  return { ...JSON.parse(result), example: /^EXAMPLE (.*)$/m.exec(printed)?.[1] ?? '' };
}
