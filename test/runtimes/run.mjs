/**
 * `npm run test:runtimes` installs the packed package, and the runtimes that the lock file names, in a folder outside
 * the checkout. Then it runs the tests on each runtime, and prints a table of the results. `--write` also writes
 * docs/hosts.md. Arguments choose hosts by name.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import envPaths from 'env-paths';
import { startVitest } from 'vitest/node';
import { workerdStarts } from './workerd-start.mjs';

const { values, positionals } = parseArgs({ options: { write: { type: 'boolean', default: false } }, allowPositionals: true });
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = envPaths('waxseal-runtimes', { suffix: '' }).cache;
install();
process.env.WAXSEAL_RUNTIMES = folder;
process.chdir(root);
const vitest = await startVitest('test', [], {
  project: ['runtimes'],
  watch: false,
  run: true,
  ...(positionals.length > 0 && { testNamePattern: positionals.join('|') }),
});
const [passed, failed] = print(vitest.state.getTestModules());
await vitest.close();
if (positionals.length === 0) {
  const starts = await workerdStarts(folder);
  const [least, median, most] = [starts[0], starts[Math.floor(starts.length / 2)], starts.at(-1)].map(Math.round);
  process.stdout.write(
    `workerd by itself, from the start of the process to the first good call: ${median} ms (${least} to ${most}, ${starts.length} starts)\n\n`,
  );
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

function install() {
  const lock = readFileSync(join(root, 'test/runtimes/package-lock.json'), 'utf8');
  const npm = (args, cwd) =>
    execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  mkdirSync(folder, { recursive: true });
  const stamp = join(folder, 'installed.json');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, 'test/runtimes', name), join(folder, name));
    npm(['ci'], folder);
    // npm runs no install scripts here, but Bun's script installs the program for this machine.
    execFileSync(process.execPath, ['install.js'], { cwd: join(folder, 'node_modules/bun'), stdio: 'inherit' });
    writeFileSync(stamp, lock);
  }
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.tgz'))) rmSync(join(folder, name));
  npm(['pack', '--pack-destination', folder], root);
  const [tarball] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  npm(['install', '--no-save', '--prefer-offline', `./${tarball}`], folder);
}

/** @returns how many tests passed and how many failed */
function print(modules) {
  const counts = [0, 0];
  const rows = [];
  for (const module of modules) {
    for (const part of module.children) {
      const tests = part.type === 'suite' ? [...part.children.allTests()] : [part];
      const states = tests.map((test) => test.result().state);
      const [good, bad] = [states.filter((state) => state === 'passed').length, states.filter((state) => state === 'failed').length];
      counts[0] += good;
      counts[1] += bad;
      if (good + bad > 0) rows.push(`| ${part.name} | ${good} | ${bad} |`);
    }
    // A module that fails to load has no tests, and counts as one failure.
    if (module.errors().length > 0) counts[1] += 1;
  }
  const table = ['| what was started | passed | failed |', '|---|---:|---:|', ...rows].join('\n');
  process.stdout.write(`\n${table}\n\n`);
  if (values.write) writeFileSync(join(root, 'docs/hosts.md'), page(table));
  return counts;
}

function page(table) {
  const introduction = readFileSync(join(root, 'test/runtimes/hosts-page.md'), 'utf8');
  return introduction.replace('{{date}}', new Date().toISOString().slice(0, 10)).replace('{{table}}', table);
}
