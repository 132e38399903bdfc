/**
 * Makes the desktop bundle of the wallet (MCPB, https://github.com/modelcontextprotocol/mcpb). After `npm run build`,
 * run `node src/desktop/build.mjs [FILE]`. FILE is build/waxseal-wallet.mcpb by default.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packExtension } from '@anthropic-ai/mcpb';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../../', import.meta.url));
const output = resolve(process.argv[2] ?? join(root, 'build/waxseal-wallet.mcpb'));
const folder = await mkdtemp(join(tmpdir(), 'waxseal-desktop-'));

try {
  const modules = await bundle();
  const { version, description, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { manifest_version, name, display_name, ...rest } = JSON.parse(await readFile(join(root, 'src/desktop/manifest.json'), 'utf8'));
  const manifest = { manifest_version, name, display_name, version, description, license, ...rest };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, 'LICENSES.txt'), await licensesOf(modules));
  await mkdir(dirname(output), { recursive: true });
  // packExtension also validates the manifest.
  if (!(await packExtension({ extensionPath: folder, outputPath: output, silent: true })))
    throw new Error('the manifest of the bundle is not valid: see the messages above');
  process.stdout.write(`${output}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Bundles the program. @returns the paths of the modules in the bundle */
async function bundle() {
  const build = await rolldown({ input: join(root, 'src/desktop/wallet.mjs'), platform: 'node' });
  try {
    // The program tells errors apart by the names of their classes, so minification keeps names.
    const minify = { compress: true, mangle: { keepNames: true }, codegen: true };
    const { output: chunks } = await build.write({
      dir: folder,
      format: 'esm',
      minify,
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
    });
    return chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  } finally {
    await build.close();
  }
}

/** Returns the licence texts of the bundled packages. Most licences demand that every copy includes their text. */
async function licensesOf(modules) {
  const packages = new Set(modules.flatMap((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []));
  const texts = [...packages].sort().map(async (path) => {
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${await licenseText(path)}`;
  });
  return [await readFile(join(root, 'LICENSE'), 'utf8'), ...(await Promise.all(texts))].join(`\n${'-'.repeat(80)}\n`);
}

async function licenseText(path) {
  for (const name of ['LICENSE', 'LICENSE.md', 'license', 'license.md', 'LICENCE', 'LICENSE.txt']) {
    const text = await readFile(join(path, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return 'The package contains no licence text.\n';
}
