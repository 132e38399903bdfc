import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../../support/folders.ts';
import { callTool } from '../../support/mcp.ts';
import { startServer } from '../../support/program.ts';

describe('the development ring', () => {
  test('is written at the first start, is readable only by its owner, is announced in the log, and is used at the second start', async () => {
    const cwd = emptyFolder();
    const path = join(cwd, 'keys', 'development.jwks');
    const first = await startServer([], { cwd });
    onTestFinished(() => first.kill());
    expect(first.printed.stdout).toContain('Wrote a development key ring to keys/development.jwks');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const written = readFileSync(path, 'utf8');
    const { handle } = (await callTool(first.url, 'start_research_task', { topic: 'before the restart' })).structuredContent;
    await first.kill();

    const second = await startServer([], { cwd });
    onTestFinished(() => second.kill());
    expect(second.printed.stdout).not.toContain('Wrote');
    expect(readFileSync(path, 'utf8')).toBe(written);
    expect((await callTool(second.url, 'get_task_status', { handle })).structuredContent.topic).toBe('before the restart');
  });

  test('is shared by three processes that start at once in an empty folder', async () => {
    const cwd = emptyFolder();
    const starting = Array.from({ length: 3 }, () => startServer([], { cwd }));
    const servers = await Promise.all(starting);
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.kill()));
    });
    for (const issuer of servers) {
      const { handle } = (await callTool(issuer.url, 'start_research_task', { topic: 'one of three' })).structuredContent;
      for (const reader of servers) {
        expect((await callTool(reader.url, 'get_task_status', { handle })).structuredContent.topic).toBe('one of three');
      }
    }
    expect(servers.filter(({ printed }) => printed.stdout.includes('Wrote a development key ring'))).toHaveLength(1);
  });
});
