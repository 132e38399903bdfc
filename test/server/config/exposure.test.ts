import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emptyFolder, ringFile } from '../../support/folders.ts';
import { callTool } from '../../support/mcp.ts';
import { runProgram, startServer } from '../../support/program.ts';

describe('Exposure: beyond this machine only as someone said so', () => {
  test('on 0.0.0.0 without --allow-anonymous it does not start, and says what to do', async () => {
    const { path } = await ringFile();
    const { code, stdout, stderr } = await runProgram(['serve', '--port', '0', '--host', '0.0.0.0', '--keys', path]);
    expect(code).toBe(2);
    expect(stderr).toContain('--host 0.0.0.0');
    expect(stderr).toContain('--allow-anonymous');
    expect(stderr).toContain('--host 127.0.0.1');
    expect(stdout).not.toContain('Waxseal serves');
  });

  test('on 0.0.0.0 with the ring that it made for itself it does not start, even with --allow-anonymous', async () => {
    const cwd = emptyFolder();
    const { code, stderr, stdout } = await runProgram(['serve', '--port', '0', '--host', '0.0.0.0', '--allow-anonymous'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('development ring');
    expect(stderr).toContain('waxseal keys generate');
    expect(stdout).not.toContain('Waxseal serves');
  });

  test('a development ring that is named with --keys is refused there all the same', async () => {
    const cwd = emptyFolder();
    await (await startServer([], { cwd })).kill();
    const ring = join(cwd, 'keys', 'development.jwks');
    const { code, stderr } = await runProgram(['serve', '--port', '0', '--host', '0.0.0.0', '--allow-anonymous', '--keys', ring]);
    expect(code).toBe(2);
    expect(stderr).toContain('development ring');
  });

  test('an address of any kind but loopback is beyond this machine', async () => {
    const { path } = await ringFile();
    const hosts = ['::', '192.0.2.1', 'example.com'];
    const runs = await Promise.all(hosts.map((host) => runProgram(['serve', '--port', '0', '--host', host, '--keys', path])));
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2]);
  });

  test.each<[string, string[]]>([
    ['a trusted proxy', ['--trust-proxy', '127.0.0.1']],
    ['a name beyond this machine', ['--allowed-hosts', 'localhost,mcp.example.com']],
    ['all names below one', ['--allowed-hosts', '*.example.com']],
  ])('%s is exposure as an address is', async (_what, args) => {
    const { path } = await ringFile();
    const anonymous = await runProgram(['serve', '--port', '0', '--keys', path, ...args]);
    expect(anonymous.code).toBe(2);
    expect(anonymous.stderr).toContain(args[0]);
    expect(anonymous.stderr).toContain('--allow-anonymous');
    const development = await runProgram(['serve', '--port', '0', '--allow-anonymous', ...args], { cwd: emptyFolder() });
    expect(development.code).toBe(2);
    expect(development.stderr).toContain('development ring');
    const server = await startServer(['--keys', path, '--allow-anonymous', ...args]);
    await server.kill();
  });

  test('names of this machine are none', async () => {
    const server = await startServer(['--keys', (await ringFile()).path, '--allowed-hosts', 'localhost,127.0.0.1']);
    await server.kill();
  });

  test('what stands at keys/development.jwks is a development ring, whatever it says of itself, and by whatever path', async () => {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, 'keys'));
    const { document } = await ringFile();
    const planted = join(cwd, 'keys', 'development.jwks');
    writeFileSync(planted, JSON.stringify(document), { mode: 0o600 });
    symlinkSync(planted, join(cwd, 'ring.jwks'));
    for (const keys of [[], ['--keys', planted], ['--keys', 'keys/../keys/development.jwks'], ['--keys', join(cwd, 'ring.jwks')]]) {
      const { code, stderr } = await runProgram(['serve', '--port', '0', '--host', '0.0.0.0', '--allow-anonymous', ...keys], { cwd });
      expect(code, keys.join(' ')).toBe(2);
      expect(stderr).toContain('development ring');
    }
  });

  test('a development ring that others can read is refused on this machine, too', async () => {
    const cwd = emptyFolder();
    await (await startServer([], { cwd })).kill();
    const ring = join(cwd, 'keys', 'development.jwks');
    chmodSync(ring, 0o644);
    const { code, stderr } = await runProgram(['serve', '--port', '0'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Other users can read this development ring.*chmod 600/);
    chmodSync(ring, 0o600);
    await (await startServer([], { cwd })).kill();
  });

  test('on 0.0.0.0 with --allow-anonymous and a ring it serves, whatever name it is reached by', async () => {
    const { path } = await ringFile();
    const server = await startServer(['--host', '0.0.0.0', '--allow-anonymous', '--keys', path]);
    onTestFinished(() => server.kill());
    const { port } = new URL(server.url);
    const answer = await callTool(`http://127.0.0.1:${port}/mcp`, 'start_research_task', { topic: 'who can reach this' });
    expect(answer.structuredContent.status).toBe('running');
    expect(server.printed.stdout).toContain('--allowed-hosts');
  });
});

describe('The development ring', () => {
  test('is written on the first start in an empty folder, for its owner only, and said; the second start takes it up', async () => {
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

  test('is one, when three processes start at once in an empty folder: what one issues, the others open', async () => {
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
