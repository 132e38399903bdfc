/** Runs Redis for one bench. It writes nothing to disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createClient } from 'redis';
import { freePort } from './free-port.mjs';
import { requireProgram } from './require-program.mjs';

/** @returns its `url`; `usage()`, its CPU time in milliseconds; `memory()`, its memory in bytes; and `stop()` */
export async function startRedis(folder) {
  await requireProgram('redis-server', 'redis-server');
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  // Without this listener, a refused connection would end the bench. The client tries again until Redis accepts it.
  const client = createClient({ url, socket: { reconnectStrategy: 50 } }).on('error', () => {});
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`redis-server ended with ${code}`)));
  await Promise.race([client.connect(), failed]).catch((error) => {
    client.destroy();
    throw error;
  });
  // From here on, an exit of redis-server is no failure, because `stop` causes it.
  failed.catch(() => {});
  const info = async (section) => Object.fromEntries((await client.info(section)).split('\r\n').map((line) => line.split(':')));
  return {
    url,
    usage: async () => {
      const { used_cpu_user, used_cpu_sys } = await info('cpu');
      return (Number(used_cpu_user) + Number(used_cpu_sys)) * 1000;
    },
    memory: async () => {
      const { used_memory_rss, used_memory } = await info('memory');
      return { rss: Number(used_memory_rss), heapUsed: Number(used_memory) };
    },
    stop: async () => {
      client.destroy();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
