import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { emptyFolder } from '../support/folders.ts';

test('serve(), createFetchHandler() and the wallet do not change any global', async () => {
  const program = new URL('../support/globals.mjs', import.meta.url).pathname;
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { cwd: emptyFolder(), encoding: 'utf8' });
  expect({ stdout, stderr, status }).toEqual({ stdout: '[]\n', stderr: '', status: 0 });
});
