/** The server that the suite is run against, as a process of its own: it ends with whoever started it, by its pid. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));

/** How long it may take to start or to end. Milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Starts it on a free port of loopback, with the configuration that a server has by default.
 *
 * @param way which of the ways to a server
 * @param folder where it works: its development ring is made there
 * @returns where it serves MCP, and what ends it
 */
export async function startFixture(way, folder) {
  // Of our environment it sees only PATH, so that no variable of ours changes what is measured.
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
  if (typeof started !== 'string') throw new Error('the server that is to be tested did not start');
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, later(PATIENCE_MS)]);
  };
  return { url: started, stop };
}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
