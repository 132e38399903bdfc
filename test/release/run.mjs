/** Runs the programs of the release check, and installs its tools. */
import { spawn } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Runs a program. @returns its output @throws {Error} if the exit code is not 0, with the end of the output */
export async function run(command, args, { cwd, env = {} } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((done, failed) => child.once('error', failed).once('close', done));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${`${stdout}${stderr}`.slice(-4_000)}`);
  return { stdout, stderr };
}

export async function clone(from, to) {
  await run('git', ['clone', '--quiet', '--no-local', from, to]);
}

/** Installs the check's tools from their lock file. @returns the folder of their programs */
export async function tools() {
  const folder = join(tmpdir(), 'waxseal-release-tools');
  await mkdir(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) await cp(fileURLToPath(new URL(name, import.meta.url)), join(folder, name));
  await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder });
  return join(folder, 'node_modules/.bin');
}
