import { fileURLToPath } from 'node:url';
import { requireProgram } from './require-program.mjs';
import { run } from './run.mjs';

const SCRIPT = fileURLToPath(new URL('chains.lua', import.meta.url));

/**
 * Puts load on a server by wrk, which costs the machine a tenth of what a load generator in JavaScript does, and passes
 * handles on from call to call (`chains.lua`).
 *
 * @returns `right` and `failed`: calls that were answered so; `broken`: connections; `seconds`; `p50`, `p99` in ms; `example` of a failure
 */
export async function wrk({ url, connections, seconds }) {
  await requireProgram('wrk', 'wrk');
  const printed = await run('wrk', ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', SCRIPT, url]);
  const [, result] = /^RESULT (.+)$/m.exec(printed) ?? [];
  if (result === undefined) throw new Error(`wrk printed no result:\n${printed}`);
  return { ...JSON.parse(result), example: /^EXAMPLE (.*)$/m.exec(printed)?.[1] ?? '' };
}
