/**
 * Starts the built program. When a script ends for any reason, this module kills its processes by pid, and removes the
 * temporary folder.
 */
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The longest time for a start or an end on a busy machine, in milliseconds. */
const PATIENCE_MS = 30_000;

/** A temporary folder, removed when the script ends. */
export const folder = mkdtempSync(join(tmpdir(), 'waxseal-soak-'));

const children = new Set();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Ends a script with exit code 1 if it takes too long, so that CI does not hang. */
export function limitTime(seconds) {
  setTimeout(() => {
    process.stdout.write(`FAILED: not done after ${seconds} s\n`);
    process.exit(1);
  }, seconds * 1000).unref();
}

/** Runs `waxseal` until it ends. @returns its output */
export async function waxseal(args, env = {}) {
  const { child, printed, ended } = start(args, env);
  child.stdout.setEncoding('utf8').on('data', (text) => printed.push(text));
  const code = await ended;
  if (code !== 0) throw new Error(`waxseal ${args.join(' ')} ended with ${code}: ${printed.join('')}`);
  return printed.join('');
}

/**
 * Starts `waxseal serve` on a free port, and waits until it listens.
 *
 * @param onLine called with each parsed log line
 * @returns `port`, `pid`, `over()` and `stop()`. `over()` returns how the process ended, or undefined. `stop()` stops
 *   the process and waits for its end.
 */
export async function serve(args, { env = {}, onLine = () => {} } = {}) {
  const { child, printed, ended } = start(['serve', '--port', '0', ...args], env);
  let over;
  ended.then((code) => {
    over = code;
  });
  const listening = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      // Most lines report tool calls. Parsing them would cost too much CPU time.
      if (text.includes('"msg":"tool call"') && !text.includes('"level":50')) return;
      const line = JSON.parse(text);
      const port = /serves MCP at http:\/\/[^/]+:(\d+)\/mcp/.exec(line.msg)?.[1];
      if (port !== undefined) resolve(Number(port));
      onLine(line);
    });
  });
  const port = await Promise.race([listening, ended.then(() => undefined), later(PATIENCE_MS)]);
  if (port === undefined) throw new Error(`the server did not start: ${printed.join('')}`);
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, later(PATIENCE_MS)]);
    if (over === undefined) child.kill('SIGKILL');
    return over;
  };
  return { port, pid: child.pid, over: () => over, stop };
}

/** Starts a script of this folder as a process with IPC. */
export function helper(name) {
  const child = fork(fileURLToPath(new URL(name, import.meta.url)));
  keep(child);
  return child;
}

/** Starts `waxseal` with only PATH and the given variables. */
function start(args, env) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  child.stderr.setEncoding('utf8').on('data', (text) => printed.push(text));
  return { child, printed, ended: keep(child) };
}

function keep(child) {
  children.add(child);
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(code ?? signal);
    });
  });
}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
