/** Runs a host in its own home directory and environment, and ends every process that it started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** The longest time for one conversation, in milliseconds. */
const PATIENCE_MS = 120_000;

/** Variables that turn off telemetry, colours and the search for updates. */
const QUIET = {
  CI: '1',
  NO_COLOR: '1',
  DO_NOT_TRACK: '1',
  NO_UPDATE_NOTIFIER: '1',
  OTEL_SDK_DISABLED: 'true',
  LANGSMITH_TRACING: 'false',
  MASTRA_TELEMETRY_DISABLED: '1',
  MCP_USE_ANONYMIZED_TELEMETRY: 'false',
  OPENAI_AGENTS_DISABLE_TRACING: '1',
  // Some providers read this variable, even if the program passes a key.
  OPENAI_API_KEY: 'none',
};

const folders = [];
const groups = new Set();

process.on('exit', () => {
  for (const pid of groups) end(pid);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Writes a file below a home directory. */
export function writeIn(home, name, text) {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), text);
}

export function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Makes an empty home directory with `waxseal` in its `bin`. */
export function newHome() {
  const home = mkdtempSync(join(tmpdir(), 'waxseal-hosts-'));
  folders.push(home);
  for (const name of ['bin', 'tmp']) mkdirSync(join(home, name));
  symlinkSync(MAIN, join(home, 'bin', 'waxseal'));
  return home;
}

/** @param places folders for `PATH`, in order of search */
export function environment(home, places, more = {}) {
  const PATH = [join(home, 'bin'), ...places, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
  const xdg = { XDG_CONFIG_HOME: '.config', XDG_DATA_HOME: '.local/share', XDG_STATE_HOME: '.local/state', XDG_CACHE_HOME: '.cache' };
  const own = Object.fromEntries(Object.entries(xdg).map(([name, place]) => [name, join(home, place)]));
  return { ...QUIET, PATH, HOME: home, TMPDIR: join(home, 'tmp'), ...own, ...more };
}

/**
 * Runs a program in a home directory until it exits, and ends the processes that it left.
 *
 * @returns `stdout`, `stderr` and `code`: the exit code, the signal, the error of a failed start, or a text if the time
 *   ran out
 */
export async function runIn(home, [command, ...args], env) {
  const child = spawn(command, args, { cwd: home, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      printed[name] += text;
    });
  }
  if (child.pid === undefined) return { code: await new Promise((resolve) => child.once('error', resolve)), ...printed };
  groups.add(child.pid);
  const closed = once(child, 'close');
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(`still running after ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
  });
  const code = await Promise.race([ended, late]);
  clearTimeout(timer);
  end(child.pid);
  groups.delete(child.pid);
  await closed;
  return { code, ...printed };
}

/** Ends a host and the processes that it started. */
function end(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended already.
  }
}
