import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The entry points of the packages that the examples' README tells users to install. */
const INSTALLED = ['waxseal', 'waxseal/handle', 'waxseal/keys', 'waxseal/server', 'zod', '@modelcontextprotocol/server'];

/** The modules that before.mjs imports. It shows a server with sessions, so it alone may import other packages. */
const BEFORE = [
  'node:crypto',
  'node:http',
  '@modelcontextprotocol/sdk/server/mcp.js',
  '@modelcontextprotocol/sdk/server/streamableHttp.js',
];

const modules = readdirSync('examples', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => join('examples', file));

describe('the examples', () => {
  it('are all listed in their README, and each has a README that says how to run it', () => {
    const overview = readFileSync('examples/README.md', 'utf8');
    const folders = new Set(modules.map(dirname));
    expect(folders.size).toBe(3);
    for (const folder of folders) {
      expect(overview).toContain(`(${folder.slice('examples/'.length)}/)`);
      expect(readFileSync(`${folder}/README.md`, 'utf8')).toContain(`node ${folder}/server.mjs\n`);
      expect(existsSync(`${folder}/server.mjs`)).toBe(true);
    }
  });

  it.each(modules)('import only packages that users of the package have installed: %s', (file) => {
    const imported = [...readFileSync(file, 'utf8').matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)].map(
      ([, from, type]) => from ?? type ?? '',
    );
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) {
      if (name.startsWith('./')) expect(existsSync(join(dirname(file), name)) && !name.includes('..')).toBe(true);
      else expect([...INSTALLED, ...(file.endsWith('before.mjs') ? BEFORE : [])]).toContain(name);
    }
  });
});
