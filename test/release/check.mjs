/**
 * `npm run release:check [-- --out DIR]` makes all checks that must pass before a person tags a version, and builds the
 * files of the release. It works in clones of the last commit, and publishes nothing.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareReports } from './api.mjs';
import { requireMetadata } from './metadata.mjs';
import { clone, run, tools } from './run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string' } } });
// The tarball contains the modes of files, so a fixed umask makes the tarball reproducible.
process.umask(0o022);
const work = await mkdtemp(join(tmpdir(), 'waxseal-release-'));
const out = resolve(values.out ?? join(work, 'release'));
await mkdir(out, { recursive: true });

/** The steps, in order. A step reads earlier results from `found`. */
const steps = [
  ['the metadata of package.json, server.json and CHANGELOG.md agree', metadata],
  ['the tarball is the same byte for byte from two folders in two time zones', tarball],
  ['publint and "are the types wrong" find nothing in the tarball', doors],
  ['the public interface agrees with docs/api/', interfaces],
  ['the SBOM lists the packages that a user installs (CycloneDX)', sbom],
  ['the tarball installs without a warning on Node 20, 22 and 24, and its program runs', installs],
  ['the wallet is packed as a desktop bundle (MCPB)', desktopBundle],
  ['the container serves without privileges on a read-only root', container],
  ['SHA256SUMS lists the checksum of every file', checksums],
];

const found = {};
try {
  for (const [name, step] of steps) {
    const started = performance.now();
    process.stdout.write(`… ${name}\n`);
    const said = await step();
    process.stdout.write(`✓ ${name}${said ? `: ${said}` : ''} (${Math.round((performance.now() - started) / 1000)} s)\n`);
  }
  const next = found.isDated
    ? `A person can now tag v${found.version}.`
    : `Before a person tags v${found.version}, write the date into CHANGELOG.md in place of "not yet released", and run this again.`;
  process.stdout.write(`\n${next} The files are in ${out}\n`);
} catch (error) {
  process.stderr.write(`✗ ${error.message}\n`);
  process.exitCode = 1;
} finally {
  if (values.out !== undefined) await rm(work, { recursive: true, force: true });
}

async function metadata() {
  const status = await run('git', ['status', '--porcelain'], { cwd: root });
  if (status.stdout !== '')
    throw new Error(`there are uncommitted changes, and a release contains only committed files:\n${status.stdout.trimEnd()}`);
  Object.assign(found, await requireMetadata(root));
  const { stdout: tags } = await run('git', ['tag', '--points-at', 'HEAD'], { cwd: root });
  if (tags.split('\n').includes(`v${found.version}`) && !found.isDated)
    throw new Error(`the last commit has the tag v${found.version}, and CHANGELOG.md still says "not yet released": write the date first`);
  await cp(join(root, 'server.json'), join(out, 'server.json'));
}

async function tarball() {
  const places = [
    { folder: join(work, 'one'), env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'C' } },
    { folder: join(work, 'another folder', 'waxseal'), env: { TZ: 'America/St_Johns', LC_ALL: 'C.UTF-8' } },
  ];
  const digests = [];
  for (const { folder, env } of places) {
    await clone(root, folder);
    await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, env });
    await run('npm', ['pack'], { cwd: folder, env });
    found.tarball = join(folder, `waxseal-${found.version}.tgz`);
    digests.push(digestOf(await readFile(found.tarball)));
  }
  if (digests[0] !== digests[1]) throw new Error(`the tarballs differ: ${digests.join(', ')}`);
  await cp(found.tarball, join(out, basename(found.tarball)));
  found.checkout = places[1].folder;
  return `sha256 ${digests[0]}`;
}

async function doors() {
  const bin = await tools();
  await run(join(bin, 'publint'), ['run', found.tarball, '--strict'], { cwd: work });
  await run(join(bin, 'attw'), [found.tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'], { cwd: work });
}

async function interfaces() {
  return `${await compareReports(found.checkout, root)} entry points`;
}

/**
 * Writes the SBOM of what a user installs. In a folder with development dependencies, `npm sbom --omit dev` of npm 11
 * also omits packages that both a dependency and a development dependency need, such as fastify. So this folder has no
 * development dependencies.
 */
async function sbom() {
  // In an SBOM, npm names the package after its folder. So the folder is called waxseal.
  const folder = join(work, 'sbom', 'waxseal');
  await mkdir(folder, { recursive: true });
  const { devDependencies, overrides, scripts, ...manifest } = JSON.parse(await readFile(join(found.checkout, 'package.json'), 'utf8'));
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await cp(join(found.checkout, 'package-lock.json'), join(folder, 'package-lock.json'));
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder });
  const { stdout } = await run('npm', ['sbom', '--sbom-format', 'cyclonedx'], { cwd: folder });
  const document = JSON.parse(stdout);
  if (document.bomFormat !== 'CycloneDX' || document.metadata.component['bom-ref'] !== `waxseal@${found.version}`)
    throw new Error('npm sbom did not write an SBOM of this version');
  const listed = new Set(document.components.map(({ purl }) => decodeURIComponent(purl)));
  const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'));
  const installed = Object.entries(packages).filter(([path, { optional, devOptional }]) => path !== '' && !optional && !devOptional);
  const missing = installed
    .map(([path, { version }]) => `pkg:npm/${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`)
    .filter((purl) => !listed.has(purl));
  if (missing.length > 0) throw new Error(`the SBOM lacks ${missing.join(', ')}`);
  await writeFile(join(out, `waxseal-${found.version}.cdx.json`), stdout);
  return `${document.components.length} packages`;
}

async function installs() {
  for (const major of ['20', '22', '24']) {
    const project = join(work, `project-${major}`);
    await mkdir(project);
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
    // npm itself runs on this Node, because npm warns only about packages that do not support its own Node.
    const onNode = (command) => run('npx', ['--yes', '-p', `node@${major}`, '-c', command], { cwd: project });
    const { stdout, stderr } = await onNode(`npm install --no-audit --no-fund '${found.tarball}'`);
    const warnings = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('npm warn'));
    if (warnings.length > 0) throw new Error(`npm warns at install on Node ${major}:\n${warnings.join('\n')}`);
    const answer = await onNode('node --version && node node_modules/waxseal/dist/cli/main.js --version');
    if (!answer.stdout.startsWith(`v${major}.`) || !answer.stdout.endsWith(`\n${found.version}\n`))
      throw new Error(`node --version && waxseal --version printed ${answer.stdout.trim()}`);
  }
}

async function desktopBundle() {
  const name = `waxseal-wallet-${found.version}.mcpb`;
  // This also validates the manifest against its schema.
  await run('node', ['src/desktop/build.mjs', join(out, name)], { cwd: found.checkout });
  return name;
}

async function container() {
  await run('node', ['test/runtimes/run.mjs', 'The container'], { cwd: found.checkout });
}

async function checksums() {
  const names = (await readdir(out)).filter((name) => name !== 'SHA256SUMS').sort();
  const lines = await Promise.all(names.map(async (name) => `${digestOf(await readFile(join(out, name)))}  ${name}\n`));
  await writeFile(join(out, 'SHA256SUMS'), lines.join(''));
}

function digestOf(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
