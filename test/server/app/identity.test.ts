import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { identity, VERSION } from '../../../src/server/index.ts';

test('the version that the server tells is that of its package', async () => {
  const { name, version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(version);
  expect(identity).toMatchObject({ name, version });
});
