import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { identity } from '../../../src/cli/io/server.ts';
import { VERSION } from '../../../src/cli/io/version.ts';

test('the commands and servers have the version of the package', async () => {
  const { name, version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(version);
  expect(identity).toMatchObject({ name, version });
});
