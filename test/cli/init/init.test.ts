import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../../../src/cli/io/version.ts';
import { emptyFolder } from '../../support/folders.ts';
import { runProgram } from '../../support/program.ts';

const PLACES = ['node', 'docker', 'worker', 'next', 'lambda', 'deno', 'bun'];
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const TRIED: Readonly<Record<string, string>> = {
  ...JSON.parse(readFileSync('test/runtimes/package.json', 'utf8')).dependencies,
  ...dependencies,
};

/** Tells whether a caret range contains a version, or the lowest version of another caret range. */
function covers(range: string, version = ''): boolean {
  const [[major, minor = 0], [tried, triedMinor = 0]] = [range, version].map((text) => text.replace('^', '').split('.').map(Number)) as [
    number[],
    number[],
  ];
  return range.startsWith('^') && tried === major && triedMinor >= minor;
}

/** All files in a folder, dotfiles included. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

describe('waxseal init', () => {
  test.each(PLACES)('writes a project for %s from deploy/, with tested versions of packages', async (place) => {
    const cwd = emptyFolder();
    const { code, stdout, stderr } = await runProgram(['init', 'my-server', '--for', place], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Next:\n {2}cd my-server\n {2}npm install\n[\s\S]*To deploy it:\n {2}\S/);
    expect(stdout).toContain(`npm install ./waxseal-${VERSION}.tgz`);
    const connects = /\nThen connect an MCP client to http:\/\/127\.0\.0\.1:\d+\/(?:api\/)?mcp\n/;
    if (place === 'lambda') expect(stdout, 'its commands start no server').not.toContain('Then connect');
    else expect(stdout).toMatch(connects);
    const project = join(cwd, 'my-server');
    const sources = filesIn('deploy').map((path) => readFileSync(join('deploy', path), 'utf8'));
    const written = filesIn(project).filter((path) => path !== 'package.json');
    expect(written).toEqual(expect.arrayContaining(['tools.js', '.gitignore']));
    for (const path of written) expect(sources, path).toContain(readFileSync(join(project, path), 'utf8'));
    const made = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    expect(made).toMatchObject({ name: 'my-server', private: true, type: 'module' });
    expect(made.dependencies).toMatchObject({ waxseal: `^${VERSION}`, zod: dependencies.zod });
    const { waxseal: _own, zod: _zod, ...others } = { ...made.dependencies, ...made.devDependencies };
    for (const [name, range] of Object.entries<string>(others)) expect(covers(range, TRIED[name]), `${name} ${range}`).toBe(true);
  });

  test.each(['package.json', 'server.js', '.gitignore'])('writes nothing, and exits with 2, if the folder has a file %s', async (there) => {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, 'taken'));
    writeFileSync(join(cwd, 'taken', there), 'mine');
    const { code, stderr } = await runProgram(['init', 'taken'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^waxseal: nothing was written, because .*taken already has ${there.replace('.', '\\.')}`));
    expect(filesIn(join(cwd, 'taken'))).toEqual([there]);
    expect(readFileSync(join(cwd, 'taken', there), 'utf8')).toBe('mine');
  });

  test.each([
    ['a file', 'file', /^waxseal: cannot write to the folder .*file: a file has this name\. Name another folder: waxseal init DIR\n$/],
    ['a path through a file', 'file/project', /project: a part of its path is not a folder\. Name another folder/],
    ['an empty name, as of an unset variable,', '', /^waxseal: the folder for the project has an empty name\. .*: waxseal init \.\n$/],
  ])('says why %s cannot be the folder', async (_name, dir, says) => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'file'), 'mine');
    expect(await runProgram(['init', dir], { cwd })).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) });
    expect(filesIn(cwd)).toEqual(['file']);
  });

  test('writes into a current folder with other files, and gives the package a name that npm accepts', async () => {
    const cwd = join(emptyFolder(), 'My Server!');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'README.md'), 'mine');
    const { code, stdout } = await runProgram(['init'], { cwd });
    expect({ code, cd: stdout.includes('cd ') }).toEqual({ code: 0, cd: false });
    expect(existsSync(join(cwd, 'server.js'))).toBe(true);
    expect(JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).name).toBe('my-server');
  });

  test('refuses an unknown place, and lists the known places', async () => {
    const { code, stderr } = await runProgram(['init', '--for', 'mainframe'], { cwd: emptyFolder() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/Allowed choices are node, docker, worker, next, lambda, deno, bun/);
  });
});
