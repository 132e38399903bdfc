import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emptyFolder, ringFile } from '../../support/folders.ts';
import { sendRaw } from '../../support/http.ts';
import { callTool, toolCall } from '../../support/mcp.ts';
import { runProgram, startServer } from '../../support/program.ts';

describe('a public server', () => {
  test('does not start on 0.0.0.0 without --allow-anonymous, and says what to do', async () => {
    const { path } = await ringFile();
    const { code, stdout, stderr } = await runProgram(['serve', '--port', '0', '--host', '0.0.0.0', '--keys', path]);
    expect(code).toBe(2);
    expect(stderr).toContain('--host 0.0.0.0 (WAXSEAL_HOST)');
    expect(stderr).toContain('--allow-anonymous');
    expect(stderr).toContain('--host 127.0.0.1');
    expect(stdout).not.toContain('Waxseal serves');
  });

  test('does not start on 0.0.0.0 with a ring that it generated, even with --allow-anonymous', async () => {
    const cwd = emptyFolder();
    const { code, stderr, stdout } = await runProgram(['serve', '--port', '0', '--host', '0.0.0.0', '--allow-anonymous'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('development ring');
    expect(stderr).toContain('waxseal keys generate');
    expect(stdout).not.toContain('Waxseal serves');
  });

  test('refuses a development ring even if --keys names it', async () => {
    const cwd = emptyFolder();
    await (await startServer([], { cwd })).kill();
    const ring = join(cwd, 'keys', 'development.jwks');
    const { code, stderr } = await runProgram(['serve', '--port', '0', '--host', '0.0.0.0', '--allow-anonymous', '--keys', ring]);
    expect(code).toBe(2);
    expect(stderr).toContain('development ring');
  });

  test('is a server that listens on an address other than loopback', async () => {
    const { path } = await ringFile();
    const hosts = ['::', '192.0.2.1', 'example.com'];
    const runs = await Promise.all(hosts.map((host) => runProgram(['serve', '--port', '0', '--host', host, '--keys', path])));
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2]);
  });

  test.each<[string, string[]]>([
    ['a trusted proxy', ['--trust-proxy', '127.0.0.1']],
    ['a name beyond this machine', ['--allowed-hosts', 'localhost,mcp.example.com']],
    ['every name', ['--allowed-hosts', 'any']],
    ['a pattern for every name below a domain', ['--allowed-hosts', '*.example.com']],
  ])('is also a server with %s', async (_what, args) => {
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

  test('with --allowed-hosts any, serves every Host, but no web page of another machine', async () => {
    const server = await startServer(['--keys', (await ringFile()).path, '--allow-anonymous', '--allowed-hosts', 'any']);
    onTestFinished(() => server.kill());
    const call = toolCall('start_research_task', { topic: 'x' });
    const as = (headers: Record<string, string>) => sendRaw(server.url, { ...call, headers: { ...call.headers, ...headers } });
    expect((await as({ host: 'mcp.example.com' })).status).toBe(200);
    expect((await as({ host: 'mcp.example.com', origin: 'https://mcp.example.com' })).status).toBe(403);
    expect((await as({ host: 'mcp.example.com', origin: 'http://localhost:6274' })).status).toBe(200);
  });

  test('is not a server whose allowed hosts are names of this machine', async () => {
    const server = await startServer(['--keys', (await ringFile()).path, '--allowed-hosts', 'localhost,127.0.0.1']);
    await server.kill();
  });

  test('refuses the ring at keys/development.jwks by every path, even if its text does not say "development"', async () => {
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

  test('refuses a development ring that other users can read', async () => {
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

  test('with --allow-anonymous and a ring from waxseal keys, serves on 0.0.0.0 under every host name', async () => {
    const { path } = await ringFile();
    const server = await startServer(['--host', '0.0.0.0', '--allow-anonymous', '--keys', path]);
    onTestFinished(() => server.kill());
    const { port } = new URL(server.url);
    const answer = await callTool(`http://127.0.0.1:${port}/mcp`, 'start_research_task', { topic: 'who can reach this' });
    expect(answer.structuredContent.status).toBe('running');
    await server.says('--allowed-hosts');
  });
});
