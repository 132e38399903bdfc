import { access, cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { reasonOf } from '../../node/files.ts';
import { UsageError } from '../io/output.ts';
import { VERSION } from '../io/version.ts';
import { PLACES, type Place, PROJECT_FILES } from './places.ts';

/** The folder `deploy/` of this package, with the files for new projects. */
const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));

/** New projects depend on this version of zod, which the kit also uses. */
const ZOD = '^4.6.7';

export function initCommand(): Command {
  const places = Object.entries(PLACES).map(([name, { title }]) => `  ${name.padEnd(8)}${title}`);
  return new Command('init')
    .description('write a small project with example tools, ready for the place that will host it')
    .argument('[dir]', 'the folder for the project; the command makes it if it is missing, and changes no file in it', '.')
    .addOption(new Option('--for <place>', 'the place that will host the project').choices(Object.keys(PLACES)).default('node'))
    .addHelpText('after', `\nPlaces:\n${places.join('\n')}`)
    .action(async (dir: string, options: { for: string }) => {
      const place = PLACES[options.for] as Place;
      if (dir === '') throw new UsageError('the folder for the project has an empty name. For the current folder, write: waxseal init .');
      const folder = resolve(dir);
      await writeProject(folder, place).catch((error) => {
        throw error instanceof UsageError ? error : unwritable(folder, error);
      });
      process.stdout.write(nextSteps(dir, place));
    });
}

/** @throws {UsageError} if one of the files exists. Then no file is written. */
async function writeProject(folder: string, place: Place): Promise<void> {
  const files = { ...PROJECT_FILES, ...place.files };
  const there = await Promise.all(
    [...Object.keys(files), 'package.json'].map(async (path) => ((await exists(join(folder, path))) ? [path] : [])),
  );
  if (there.flat().length > 0) {
    throw new UsageError(
      `nothing was written, because ${folder} already has ${there.flat().join(', ')}. Name another folder: waxseal init DIR`,
    );
  }
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(DEPLOY, source), join(folder, path), { errorOnExist: true, force: false });
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(packageOf(folder, place), null, 2)}\n`, { flag: 'wx' });
}

function unwritable(folder: string, error: unknown): UsageError {
  const reason = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'a file has this name' : reasonOf(error);
  return new UsageError(`cannot write to the folder ${folder}: ${reason}. Name another folder: waxseal init DIR`);
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

/** Makes a package name that npm accepts: lower case, and no character that a URL must escape. */
function nameOf(folder: string): string {
  return (
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'mcp-server'
  );
}

function nextSteps(dir: string, { start, url, deploy }: Place): string {
  const enter = relative('.', dir) === '' ? [] : [`cd ${/^[\w./-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", "'\\''")}'`}`];
  const lines = (commands: readonly string[]) => commands.map((command) => `  ${command}\n`).join('');
  const unpublished = `If npm does not find waxseal, this version is not published. Run "npm pack" in a clone of its repository, copy the tarball into the project, and install it there: npm install ./waxseal-${VERSION}.tgz`;
  const connect = url === undefined ? '' : `Then connect an MCP client to ${url}\n`;
  return `Next:\n${lines([...enter, 'npm install', ...start])}${unpublished}\n${connect}To deploy it:\n${lines(deploy)}`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
