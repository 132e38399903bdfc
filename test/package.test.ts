/**
 * Tests the package as users get it: packed from a clean checkout, installed into an empty project, and used from
 * there.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect, startScript } from './examples/support.ts';
import { emptyFolder, ringFile } from './support/folders.ts';

const run = promisify(execFile);

/** The text files in the package. */
const PAPERS = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> };
const EXPORTS = Object.keys(exports).map((path) => `waxseal${path.slice(1)}`);

let checkout: string;
let project: string;
let installed: string;
beforeAll(async () => {
  checkout = emptyFolder();
  for (const name of [...PAPERS, 'tsconfig.json', 'tsconfig.build.json', 'src', 'deploy'])
    cpSync(name, join(checkout, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
  // A checkout can have private files, and built files whose source no longer exists. The package must contain none of
  // them.
  for (const name of ['keys/development.jwks', 'ring.jwks', 'test/some.test.ts', 'bench/some.mjs', '.env', 'dist/kit/gone.js']) {
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    writeFileSync(join(checkout, name), '');
  }
  project = emptyFolder();
  await run('npm', ['pack', '--pack-destination', project], { cwd: checkout });
  const [tarball = ''] = readdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], { cwd: project });
  installed = join(project, 'node_modules/waxseal');
});

/** Returns the paths of all files in a folder, relative to the folder. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

describe('the package', () => {
  it('contains only the built src/, the templates of deploy/ and the documents', () => {
    // The inspector's source is built into inspector.html, and the source of the WebAssembly into stops.wasm.ts.
    const built = filesIn(join(checkout, 'src'))
      .filter((file) => file.endsWith('.ts') && !/^(?:inspector|scan\/sieve\/wasm)\//.test(file))
      .flatMap((file) => ['.js', '.d.ts'].map((ending) => `dist/${file.replace(/\.ts$/, ending)}`));
    const packed = filesIn(installed).filter((file) => !file.endsWith('.map'));
    const templates = filesIn('deploy').map((file) => `deploy/${file}`);
    expect(packed.sort()).toEqual([...built, ...templates, 'dist/inspector/inspector.html', ...PAPERS].sort());
  });

  it('has every source map that its files name, and the maps contain the source', () => {
    const files = filesIn(installed);
    const textOf = (file: string) => readFileSync(join(installed, file), 'utf8');
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const [, map] = /^\/\/# sourceMappingURL=(.*)$/m.exec(textOf(file)) ?? [];
      if (map !== undefined) expect(files).toContain(join(dirname(file), map));
    }
    for (const file of files.filter((name) => name.endsWith('.map'))) {
      expect(JSON.parse(textOf(file)), file).toHaveProperty('sourcesContent');
    }
  });

  it('has the command waxseal, and can be imported by every name that it exports', async () => {
    const script = `for (const name of ${JSON.stringify(EXPORTS)}) console.log(Object.keys(await import(name)).length > 0)`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: project });
    expect(stdout.trim().split('\n')).toEqual(EXPORTS.map(() => 'true'));
    expect(EXPORTS).toEqual(expect.arrayContaining(['waxseal', 'waxseal/handle', 'waxseal/keys', 'waxseal/server', 'waxseal/fetch']));
    expect((await run(join(project, 'node_modules/.bin/waxseal'), ['--help'])).stdout).toContain('Usage: waxseal');
  });

  it('writes a project with waxseal init, and the project runs with the commands that init prints', async () => {
    const { stdout } = await run(join(project, 'node_modules/.bin/waxseal'), ['init', 'mine'], { cwd: project });
    expect(stdout).toContain('\n  cd mine\n  npm install\n  node server.js\n');
    // This link has the same effect as npm install from a registry that has this version.
    symlinkSync(join(project, 'node_modules'), join(project, 'mine/node_modules'));
    const server = await startScript('server.js', (await ringFile()).path, join(project, 'mine'));
    const { call } = await connect(server.url);
    const { handle } = await call('start_counter');
    expect((await call('add', { handle, by: 42 })).text).toMatch(/^The counter is at 42\./);
    expect((await call('start_research_task', { topic: 'a first try' })).fields['status']).toBe('running');
  });

  it('runs the server of ten lines that its README shows', async () => {
    const example = /\n## Your own tools\n[\s\S]*?```js\n([\s\S]*?)```/.exec(readFileSync(join(installed, 'README.md'), 'utf8'))?.[1] ?? '';
    expect(example.trimEnd().split('\n')).toHaveLength(10);
    const script = join(project, 'counter.js');
    writeFileSync(script, example);
    const { call } = await connect((await startScript(script, (await ringFile()).path)).url);
    const { handle } = await call('start_counter');
    const added = await call('add', { handle, by: 41 });
    const { text, fields } = await call('add', { handle: added.handle, by: 1 });
    expect(text).toMatch(/^The counter is at 42\.\nhandle \(revision 3,/);
    // Some hosts show the model the text, and others only the structured content. So the message is in both.
    expect(fields).toMatchObject({ message: 'The counter is at 42.', handle_info: { revision: 3 } });
  });

  it('has types that compile in strict mode together with the types of its dependencies, and the examples compile with these types', async () => {
    mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
    symlinkSync(resolve('node_modules/@types/node'), join(project, 'node_modules/@types/node'));
    cpSync('examples', join(project, 'examples'), { recursive: true });
    const imports = EXPORTS.map((name, place) => `import * as all${place} from '${name}';`);
    writeFileSync(
      join(project, 'all.ts'),
      `${imports.join('\n')}\nexport const all = [${EXPORTS.map((_name, place) => `all${place}`)}];\n`,
    );
    const compilerOptions = {
      ...{ module: 'nodenext', moduleResolution: 'nodenext', target: 'es2023', types: ['node'] },
      ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, allowJs: true, checkJs: true, noEmit: true },
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['all.ts', 'counter.js', 'examples'] }));
    const { stdout } = await run(resolve('node_modules/.bin/tsc'), ['-p', project]).catch((failed: { stdout: string }) => failed);
    expect(stdout).toBe('');
  });
});
