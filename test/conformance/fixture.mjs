/** Starts the server under test as a process, and ends it with the run. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));

/** The longest time for the server to start or to stop, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Starts the server on a free port of loopback, with the default configuration.
 *
 * @param way an argument of `server.mjs`
 * @param folder the server's working folder, for its development ring
 * @returns `url`, the server's MCP endpoint, and `stop()`
 */
export async function startFixture(way, folder) {
  // No variable of the user may change the result.
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [SERVER, way], { cwd: folder, env: { PATH, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise((resolve) => child.once('close', resolve)).then(() => process.off('exit', kill));
  const url = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, found] = /serves MCP at (\S+\/mcp)"/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const started = await Promise.race([url, ended, later(PATIENCE_MS)]);
  if (typeof started !== 'string') throw new Error('the server under test did not start');
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, later(PATIENCE_MS)]);
  };
  return { url: started, stop };
}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
