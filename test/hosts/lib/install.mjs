/** Hosts in folders of their own, outside of the project: some are hundreds of megabytes, and none is a dependency. */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import envPaths from 'env-paths';

const run = promisify(execFile);

/** What half of the hosts need. */
const NODE = '24.21.0';

const CACHE = envPaths('waxseal-hosts', { suffix: '' }).cache;

/** The folder of a Node that is new enough for every host. */
export async function nodeFolder() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return dirname(process.execPath);
  const { stdout } = await run('npx', ['--yes', '-p', `node@${NODE}`, 'node', '-p', 'process.execPath']);
  return dirname(stdout.trim());
}

/**
 * Installs a host, unless it is there in the same versions.
 *
 * @param packages exact versions by name
 * @returns the folder
 */
export async function installed({ name, place = name, packages, program }, node) {
  const folder = join(CACHE, place);
  const manifest = `${JSON.stringify({ private: true, type: 'module', dependencies: packages }, null, 2)}\n`;
  const done = join(folder, 'installed.json');
  if (!existsSync(done) || readFileSync(done, 'utf8') !== manifest) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), manifest);
    // With the host's own Node, since npm chooses versions that fit it.
    const env = { ...process.env, PATH: `${node}${delimiter}${process.env.PATH}` };
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, env, maxBuffer: 1e8 });
    writeFileSync(done, manifest);
  }
  // A program finds its packages beside itself.
  if (program !== undefined) copyFileSync(program, join(folder, basename(program)));
  return folder;
}
