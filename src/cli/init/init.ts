import { access, cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { UsageError } from '../io/output.ts';
import { VERSION } from '../io/server.ts';
import { PLACES, type Place, PROJECT_FILES } from './places.ts';

/** Where the files are that projects are written from: those that this package is deployed with. */
const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));

/** The zod that a project's own schemas are made with: the kit's. */
const ZOD = '^4.6.7';

/** `waxseal init`: writes a project with a tool of its own, for a place to host it. */
export function initCommand(): Command {
  const places = Object.entries(PLACES).map(([name, { title }]) => `  ${name.padEnd(8)}${title}`);
  return new Command('init')
    .description('write a small project with a tool of its own, ready to run where it is to be hosted')
    .argument('[dir]', 'the folder, which is made; one that exists keeps its files', '.')
    .addOption(new Option('--for <place>', 'where it is to run').choices(Object.keys(PLACES)).default('node'))
    .addHelpText('after', `\nPlaces:\n${places.join('\n')}`)
    .action(async (dir: string, options: { for: string }) => {
      const place = PLACES[options.for] as Place;
      await writeProject(resolve(dir), place);
      process.stdout.write(nextSteps(dir, place));
    });
}

/** @throws {UsageError} where a file is there already: then nothing is written */
async function writeProject(folder: string, place: Place): Promise<void> {
  const files = { ...PROJECT_FILES, ...place.files };
  const there = await Promise.all(
    [...Object.keys(files), 'package.json'].map(async (path) => ((await exists(join(folder, path))) ? [path] : [])),
  );
  if (there.flat().length > 0) {
    throw new UsageError(
      `nothing was written, since ${folder} has ${there.flat().join(', ')} already. Name another folder: waxseal init DIR`,
    );
  }
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(DEPLOY, source), join(folder, path), { errorOnExist: true, force: false });
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(packageOf(folder, place), null, 2)}\n`, { flag: 'wx' });
}

function packageOf(folder: string, { scripts, dependencies, devDependencies }: Place) {
  return {
    name: nameOf(folder),
    private: true,
    type: 'module',
    scripts,
    dependencies: { waxseal: `^${VERSION}`, zod: ZOD, ...dependencies },
    ...(devDependencies && { devDependencies }),
  };
}

/** What npm takes for a name: lower case, and nothing that a URL would have to escape. */
function nameOf(folder: string): string {
  return (
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'mcp-server'
  );
}

function nextSteps(dir: string, { start, deploy }: Place): string {
  const enter = relative('.', dir) === '' ? [] : [`cd ${/^[\w./-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", "'\\''")}'`}`];
  const lines = (commands: readonly string[]) => commands.map((command) => `  ${command}\n`).join('');
  return `Next:\n${lines([...enter, 'npm install', ...start])}To deploy it:\n${lines(deploy)}`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
