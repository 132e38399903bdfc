import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from './support/folders.ts';
import { MAIN, startServer } from './support/program.ts';

const readme = readFileSync('README.md', 'utf8');
const canRunShell = spawnSync('bash', ['-c', 'command -v curl']).status === 0;

/** Returns the first shell block below a heading of the README. */
function shellBelow(heading: string): string {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`));
  return /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
}

describe('the README', () => {
  it.runIf(canRunShell)('shows commands that do a task with curl and inspect its handle, and these commands work as written', async () => {
    const server = await startServer([], { cwd: emptyFolder() });
    const [task = '', inspection = ''] = [
      shellBelow('## A task, with curl'),
      /echo "\$H" \| node dist\/cli\/main.js inspect\n/.exec(readme)?.[0],
    ];
    const script = `${task}\n${inspection}`
      .replaceAll('http://127.0.0.1:3000', server.origin)
      .replaceAll('node dist/cli/main.js ', `node ${MAIN} `);
    const { stdout } = await promisify(execFile)('bash', ['-euc', script]);
    const [, status = ''] = /^(\{[\s\S]*?\n\})/.exec(stdout) ?? [];
    expect(JSON.parse(status)).toMatchObject({
      handle_info: { kind: 'research@1', revision: 3 },
      status: 'complete',
      results: ['Sticky routing rules were deleted from two gateways.', 'Round-robin balancing halved tail latency in the pilot.'],
    });
    expect(stdout).toContain('not opened: name a ring with --keys');
  });
});

describe('the page on operating', () => {
  it('shows the nginx file that the proxy tests run', () => {
    expect(readFileSync('docs/operate.md', 'utf8')).toContain(`\`\`\`nginx\n${readFileSync('deploy/proxies/nginx.conf', 'utf8')}\`\`\``);
  });
});

describe('the specification', () => {
  const specification = readFileSync('docs/handle-format.md', 'utf8');

  it('shows the reviewer’s script exactly in the form that the tests run', () => {
    const script = readFileSync('test/interop/python/with_jwcrypto.py', 'utf8').replace(/^"""[^"]*"""\n\n/, '');
    expect(specification).toContain(`\`\`\`python\n${script}\`\`\``);
  });

  it('names only tests that exist', () => {
    const named = [...specification.matchAll(/\[((?:handle|keys|kit|interop)\/[a-z/-]+)[^\]]*\]/g)].flatMap(
      ([list]) => list.match(/[a-z-]+(?:\/[a-z-]+)+/g) ?? [],
    );
    expect(named.length).toBeGreaterThan(10);
    for (const name of named) expect(existsSync(`test/${name}.test.ts`), name).toBe(true);
  });
});
