/** Tests the fetch handler in its form for edge runtimes: bundled and minified. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { emptyFolder } from '../../support/folders.ts';

const built = (file: string) => fileURLToPath(new URL(`../../../dist/${file}`, import.meta.url));

const WORKER = `
import { createFetchHandler } from '${built('server/app/fetch.js')}';
import { researchTools } from '${built('research/index.js')}';
export default createFetchHandler({ keys: ({ WAXSEAL_KEYS }) => WAXSEAL_KEYS, tools: researchTools, identity: { name: 'research', version: '1.0.0' } });
`;

test('the edge bundle has less than 460 KiB, only zod’s English texts, and no code generator', async () => {
  const input = join(emptyFolder(), 'worker.mjs');
  writeFileSync(input, WORKER);
  const build = await rolldown({ input, platform: 'browser', resolve: { conditionNames: ['workerd', 'worker', 'browser', 'import'] } });
  const [{ code, moduleIds }] = (await build.generate({ format: 'esm', minify: true })).output;
  await build.close();
  expect(Buffer.byteLength(code)).toBeLessThan(460 * 1024);
  const namesOf = (pattern: RegExp) => moduleIds.flatMap((id) => pattern.exec(id)?.[1] ?? []);
  expect(namesOf(/zod\/v4\/locales\/(\w+)\.js$/)).toEqual(['en']);
  expect(namesOf(/zod\/v4\/core\/(compile)\.js$/)).toEqual([]);
  expect(code).not.toMatch(/from ?["'`]node:/);
});
