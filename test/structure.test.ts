import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Each folder, and the folders that it may import from. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  handle: [],
  keys: ['handle'],
  kit: ['keys', 'handle'],
  research: ['kit', 'keys', 'handle'],
  server: ['research', 'kit', 'keys', 'handle'],
  client: ['keys', 'handle'],
  inspector: ['client', 'keys', 'handle'],
  cli: ['server', 'research', 'kit', 'keys', 'handle', 'client'],
};

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** What a module imports, as it is written. */
function importsOf(file: string): string[] {
  return [...readFileSync(join('src', file), 'utf8').matchAll(/from '([^']+)'/g)].map((match) => match[1] ?? '');
}

describe('the house', () => {
  it('has folders, and every file stands in one', () => {
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) expect(Object.keys(MAY_IMPORT)).toContain(file.split('/')[0]);
  });

  it.each(files)('imports go one way: %s', (file) => {
    const folder = file.split('/')[0] ?? '';
    for (const name of importsOf(file).filter((imported) => imported.startsWith('../'))) {
      expect(MAY_IMPORT[folder]).toContain(name.split('/')[1]);
    }
  });

  it('needs no Node below the server, but for the file loader of the ring', () => {
    const portable = files.filter((file) => /^(handle|keys|kit|research)\//.test(file) && file !== 'keys/file.ts');
    for (const file of portable) expect(importsOf(file).filter((name) => name.startsWith('node:'))).toEqual([]);
    for (const file of ['server/fetch.ts', 'server/endpoint.ts', 'server/health.ts', 'server/identity.ts']) {
      expect(importsOf(file).filter((name) => name.startsWith('node:') || name === 'fastify')).toEqual([]);
    }
  });
});
