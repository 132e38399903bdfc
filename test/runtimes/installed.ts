/** What `run.mjs` has installed outside of the tree: the runtimes, and this package as its users get it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const folder = process.env['WAXSEAL_RUNTIMES'];
if (folder === undefined) throw new Error('these tests are started by: npm run test:runtimes');

/** Where projects are written: their imports are found above them, as if each had been installed. */
export const PROJECTS = join(folder, 'projects');

/** A command of a package. */
export const command = (name: string): string => join(folder, 'node_modules/.bin', name);

/** Where commands of packages are found, for shells. */
export const COMMANDS = join(folder, 'node_modules/.bin');

export const WAXSEAL = join(folder, 'node_modules/waxseal/dist/cli/main.js');

export function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(folder as string, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** A Node of another version, from the registry. @returns its path */
export function nodeOf(major: number): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  return execFileSync('npx', ['--yes', '-p', `node@${major}`, 'node', '--print', 'process.execPath'], { encoding: 'utf8' }).trim();
}

/** Loads a package that is installed there, and that the project does not have. */
export const load: NodeJS.Require = createRequire(join(folder, 'package.json'));
