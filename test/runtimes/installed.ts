/** Finds the packages that `run.mjs` installed outside the checkout. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const folder = process.env['WAXSEAL_RUNTIMES'];
if (folder === undefined) throw new Error('start these tests with: npm run test:runtimes');

/** The folder for the projects. Node finds their packages in the parent folder. */
export const PROJECTS = join(folder, 'projects');

export const command = (name: string): string => join(folder, 'node_modules/.bin', name);

/** The folder with the commands of the packages, for `PATH`. */
export const COMMANDS = join(folder, 'node_modules/.bin');

export const WAXSEAL = join(folder, 'node_modules/waxseal/dist/cli/main.js');

export function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(folder as string, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** Returns the path of a Node, which is downloaded if needed. */
export function nodeOf(major: number): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  return execFileSync('npx', ['--yes', '-p', `node@${major}`, 'node', '--print', 'process.execPath'], { encoding: 'utf8' }).trim();
}

/** Loads a package that `run.mjs` has installed. */
export const load: NodeJS.Require = createRequire(join(folder, 'package.json'));
