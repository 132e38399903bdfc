import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import { fieldsOf, newWorld } from '../kit/support.ts';
import { emptyFolder } from '../support/folders.ts';
import { MAIN } from '../support/program.ts';

const page = readFileSync('docs/audit-and-inspect.md', 'utf8');
const run = promisify(execFile);

it('the page on logs shows how to hand out a log without the lines that redact cannot decide', async () => {
  const { handle } = fieldsOf(await (await newWorld()).call('start_research_task', { topic: 'wax' }));
  const piece = `a ${handle.slice(150, 220)}\n`;
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'gateway.log'), `${handle.match(/.{1,76}/g)?.join('\n')}\none\n${piece}${piece}two\n${piece}three\n`);
  const [, block = ''] = /```sh\n(waxseal redact gateway\.log[\s\S]*?)```/.exec(page) ?? [];
  await run('bash', ['-euo', 'pipefail', '-c', `waxseal() { '${process.execPath}' '${MAIN}' "$@"; }\n${block}`], { cwd });
  const expected = `[handle ${await fingerprint(handle)}]\none\ntwo\nthree\n`;
  expect(readFileSync(join(cwd, 'for-the-vendor.log'), 'utf8')).toBe(expected);
});
