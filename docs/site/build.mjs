/**
 * `npm run docs [-- --out DIR]`: builds the documents into a static site with search, with VitePress. The site requests
 * nothing from other hosts. VitePress is installed outside the project, from the lock file beside this script.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The index of the documents, for readers of the repository. The site has a menu and the README instead. */
const INDEX = 'docs/README.md';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'site') } } });
const work = join(tmpdir(), 'waxseal-docs');

await mkdir(work, { recursive: true });
for (const name of ['package.json', 'package-lock.json']) await cp(join(here, name), join(work, name));
await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts']);

const source = join(work, 'pages');
await rm(source, { recursive: true, force: true });
const files = await documents();
for (const file of files) await copyPage(file);
await cp(join(here, 'config.mjs'), join(source, '.vitepress/config.mjs'));
await run('node_modules/.bin/vitepress', ['build', 'pages', '--outDir', resolve(values.out)]);
process.stdout.write(`Built ${files.filter((file) => file.endsWith('.md')).length} pages in ${resolve(values.out)}\n`);

/** Returns the paths of the project's documents and their pictures. */
async function documents() {
  const below = await Promise.all(
    ['docs', 'examples', 'bench'].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
    ),
  );
  const top = await readdir(root);
  return [...top, ...below.flat()].filter(
    (name) => /\.(md|svg)$/.test(name) && !name.includes('node_modules') && !name.startsWith('docs/site/') && name !== INDEX,
  );
}

/** Copies a page. A README becomes the index of its folder. Links to files outside the site become plain text. */
async function copyPage(file) {
  const target = join(source, indexed(file));
  await mkdir(dirname(target), { recursive: true });
  if (!file.endsWith('.md')) return cp(join(root, file), target);
  const text = await readFile(join(root, file), 'utf8');
  const linked = text.replace(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (link, picture, label, address) => {
    if (picture || /^([a-z]+:|#)/.test(address)) return link;
    const [path, anchor] = address.split('#');
    const page = pageAt(posix.join(posix.dirname(file), path));
    if (page === undefined) return label;
    return `[${label}](/${indexed(page)}${anchor ? `#${anchor}` : ''})`;
  });
  await writeFile(target, linked);
}

function pageAt(path) {
  return [path, posix.join(path, 'README.md')].find((candidate) => files.includes(candidate));
}

function indexed(file) {
  return file.replace(/(^|\/)README\.md$/, '$1index.md');
}

/** Runs a program until it exits. @throws {Error} if the exit code is not 0 */
async function run(command, args) {
  const child = spawn(command, args, { cwd: work, stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((done, failed) => child.once('error', failed).once('close', done));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
}
