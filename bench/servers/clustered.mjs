/**
 * Runs another server of this folder in several processes on one port. Example: `node clustered.mjs 2 recipe.mjs map`.
 */
import cluster from 'node:cluster';

const [count, script] = process.argv.splice(2, 2);
if (cluster.isPrimary) {
  cluster.setupPrimary({ args: [count, script, ...process.argv.slice(2)] });
  for (let number = 0; number < Number(count); number += 1) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGKILL');
    process.exit(0);
  });
} else {
  await import(new URL(script, import.meta.url).href);
}
