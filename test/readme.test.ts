import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { researchTools } from '../src/research/index.ts';
import { SETTINGS } from '../src/server/index.ts';
import { emptyFolder } from './support/folders.ts';
import { MAIN, startServer } from './support/program.ts';

const readme = readFileSync('README.md', 'utf8');
const canRunShell = spawnSync('bash', ['-c', 'command -v curl']).status === 0;

/** The first shell block below a heading. */
function shellBelow(heading: string): string {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`));
  return /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
}

describe('the README', () => {
  it('names every setting, with its variables and its default', () => {
    for (const { flag, env, default: fallback } of SETTINGS) {
      const name = flag?.split(' ')[0];
      const row = readme.split('\n').find((line) => line.startsWith('|') && line.includes(name ? `\`${name}\`` : `\`${env[0]}\``)) ?? '';
      for (const variable of env) expect(row).toContain(`\`${variable}\``);
      if (fallback !== undefined) expect(row).toContain(`\`${fallback}\``);
    }
  });

  it('names every tool and every error code', () => {
    for (const { definition } of researchTools) expect(readme).toContain(`| \`${definition.name}\` |`);
    for (const code of ['malformed', 'rejected', 'expired', 'wrong_kind', 'forbidden', 'state_too_large', 'task_ended', 'unavailable']) {
      expect(readme).toContain(`| \`${code}\` |`);
    }
  });

  it.runIf(canRunShell)('shows a task with curl that goes as it says, and inspects its handle', async () => {
    const server = await startServer([], { cwd: emptyFolder() });
    const [task = '', inspection = ''] = [shellBelow('## A task, with curl'), /echo "\$H" \| waxseal inspect\n/.exec(readme)?.[0]];
    const script = `${task}\n${inspection}`.replaceAll('http://127.0.0.1:3000', server.origin).replaceAll('waxseal ', `node ${MAIN} `);
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
