import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from './support/codes.ts';

/**
 * Matches an error code in the source: as a property, as the first argument of a refusal, or in a type that lists
 * codes.
 */
const CODES = /\bcode(?:: | = )'([a-z_]+)'|\bnew \w*Refusal\(\s*'([a-z_]+)'|\btype \w*Code =((?:\s*\|?\s*'[a-z_]+')+)/g;

function codesIn(folder: string): ReadonlySet<string> {
  const files = readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const text = files.map((file) => readFileSync(join('src', folder, file), 'utf8')).join('\n');
  // Doc comments are left out, because an example in one can have a code that Waxseal itself does not use.
  const lists = [...text.replace(/\/\*\*[\s\S]*?\*\//g, '').matchAll(CODES)].map(([, property, argument, type = '']) => [
    property,
    argument,
    ...type.split(/[^a-z_]+/),
  ]);
  return new Set(lists.flat().filter((code) => code !== undefined && code !== '') as string[]);
}

describe('The codes of errors', () => {
  const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());

  test.each(folders.map(({ name }) => name))('are in the table of test/support/codes.ts if src/%s uses them', (folder) => {
    const listed = ERROR_CODES.filter(({ arisesIn }) => arisesIn.includes(folder)).map(({ code }) => code);
    expect([...codesIn(folder)].sort()).toEqual(listed.sort());
  });

  test('are in this table only once each', () => {
    expect(new Set(ERROR_CODES.map(({ code }) => code)).size).toBe(ERROR_CODES.length);
  });

  test('are in docs/reference/errors.md, in a section for each kind of reader (npm run docs:reference writes this page)', async () => {
    const rowsFor = (reader: ErrorCode['readBy']) =>
      ERROR_CODES.filter(({ readBy }) => readBy === reader).map(({ code, meaning, advice }) => `| \`${code}\` | ${meaning} | ${advice} |`);
    const table = (reader: ErrorCode['readBy']) => `| code | when | what to do |\n|---|---|---|\n${rowsFor(reader).join('\n')}\n`;
    const page = [
      '# Errors\n\n`npm run docs:reference` writes this page from a table of the error codes. The tests compare the table with the source code.\n',
      '## Execution errors\n\nA tool returns these errors as results with `isError: true`. The text says what the model can do. `structuredContent.error` is `{ code, message }`, where `message` is the same text, for hosts that show a model only structured content. If the handle that was passed was valid, it stays valid.\n',
      table('model'),
      "## Only in the server's log\n",
      table('operator'),
      '## Thrown\n\nA program that catches one of these errors finds the code in its member `code`.\n',
      table('program'),
    ].join('\n');
    await expect(page).toMatchFileSnapshot('../docs/reference/errors.md');
  });
});
