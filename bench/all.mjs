/**
 * Runs all benches that keep results, and computes the capacity from them. `node bench/all.mjs` takes about 40 minutes,
 * with `--quick` about two.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });

const measured = ['servers', 'codecs', 'tokens', 'wallet', 'revocations', 'growth', 'cold-start', 'workers'];
// The capacity is computed from kept results, and a quick run keeps none.
for (const name of values.quick ? measured : [...measured, 'capacity']) {
  const script = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  const [code] = await once(spawn(process.execPath, [script, ...(values.quick ? ['--quick'] : [])], { stdio: 'inherit' }), 'exit');
  if (code !== 0) {
    process.stderr.write(`bench/${name}.mjs failed\n`);
    process.exitCode = 1;
  }
}
