/** Installs hosts outside the project, because some take hundreds of megabytes. */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import envPaths from 'env-paths';

const run = promisify(execFile);

/** Half of the hosts need Node 24. */
const NODE = '24.21.0';

const CACHE = envPaths('waxseal-hosts', { suffix: '' }).cache;

/** Returns the folder of a Node that is new enough for every host. */
export async function nodeFolder() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return dirname(process.execPath);
  const { stdout } = await run('npx', ['--yes', '-p', `node@${NODE}`, 'node', '-p', 'process.execPath']);
  return dirname(stdout.trim());
}

/**
 * Installs a host, if these versions are not installed.
 *
 * @param packages exact versions by name
 * @returns the host's folder
 */
export async function installed({ name, place = name, packages, program }, node) {
  const folder = join(CACHE, place);
  const manifest = `${JSON.stringify({ private: true, type: 'module', dependencies: packages }, null, 2)}\n`;
  const done = join(folder, 'installed.json');
  if (!existsSync(done) || readFileSync(done, 'utf8') !== manifest) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), manifest);
    // npm chooses package versions that suit the Node that npm itself runs on. This must be the host's Node.
    const env = { ...process.env, PATH: `${node}${delimiter}${process.env.PATH}` };
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, env, maxBuffer: 1e8 });
    writeFileSync(done, manifest);
  }
  // Node resolves a program's packages from the program's own folder.
  if (program !== undefined) copyFileSync(program, join(folder, basename(program)));
  return folder;
}
