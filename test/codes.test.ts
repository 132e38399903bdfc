import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from './support/codes.ts';

/** How a code is written where it arises: as a property, as the first argument of a refusal, or in a type that lists codes. */
const CODES = /\bcode(?:: | = )'([a-z_]+)'|\bnew \w*Refusal\(\s*'([a-z_]+)'|\btype \w*Code =((?:\s*\|?\s*'[a-z_]+')+)/g;

const readme = readFileSync('README.md', 'utf8');

function codesIn(folder: string): ReadonlySet<string> {
  const files = readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const text = files.map((file) => readFileSync(join('src', folder, file), 'utf8')).join('\n');
  const lists = [...text.matchAll(CODES)].map(([, property, argument, type = '']) => [property, argument, ...type.split(/[^a-z_]+/)]);
  return new Set(lists.flat().filter((code) => code !== undefined && code !== '') as string[]);
}

describe('Codes of errors', () => {
  const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());

  test.each(folders.map(({ name }) => name))('that arise in src/%s are those of the table', (folder) => {
    const listed = ERROR_CODES.filter(({ arisesIn }) => arisesIn.includes(folder)).map(({ code }) => code);
    expect([...codesIn(folder)].sort()).toEqual(listed.sort());
  });

  test('each stand in the table once', () => {
    expect(new Set(ERROR_CODES.map(({ code }) => code)).size).toBe(ERROR_CODES.length);
  });

  test('that a model or an operator reads are in the README', () => {
    for (const { code, readBy } of ERROR_CODES) if (readBy !== 'program') expect(readme).toContain(`\`${code}\``);
  });

  test('in the README’s table are all of ours', () => {
    const section = /\n## Errors\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
    expect(rows.length).toBeGreaterThan(10);
    expect(ERROR_CODES.map(({ code }) => code)).toEqual(expect.arrayContaining(rows));
  });
});
