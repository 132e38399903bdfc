/** Tests the wallet's desktop bundle as hosts use it: unpacked, and started by its manifest. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { getMcpConfigForManifest, unpackExtension, v0_3 } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../src/cli/io/version.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { MODERN } from '../support/mcp.ts';
import { type RunningServer, startServer } from '../support/program.ts';
import { startProxy } from '../support/proxy.ts';

/** The largest allowed size of the bundle, in bytes. */
const MOST = 500_000;

const file = join(emptyFolder(), 'waxseal-wallet.mcpb');
const folder = join(emptyFolder(), 'installed');
let server: RunningServer;
beforeAll(async () => {
  execFileSync(process.execPath, ['src/desktop/build.mjs', file], { stdio: 'ignore' });
  expect(await unpackExtension({ mcpbPath: file, outputDir: folder, silent: true })).toBe(true);
  server = await startServer(['--keys', (await ringFile()).path]);
});
afterAll(() => server.kill());

const manifest = () => v0_3.McpbManifestSchema.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));

/** Returns the command that a host runs after its user has entered the values of `userConfig`. */
async function started(userConfig: Record<string, string>) {
  const options = { manifest: manifest(), extensionPath: folder, systemDirs: {}, userConfig, pathSeparator: '/' };
  const config = await getMcpConfigForManifest(options);
  if (config === undefined) throw new Error('the host does not start the bundle: something required is missing');
  const { PATH = '' } = process.env;
  const state = emptyFolder();
  return {
    command: config.command,
    args: config.args ?? [],
    env: { PATH, XDG_STATE_HOME: state, HOME: state, ...config.env },
    cwd: emptyFolder(),
  };
}

async function connect(userConfig: Record<string, string>, env: Record<string, string> = {}) {
  const { env: own, ...command } = await started(userConfig);
  const transport = new StdioClientTransport({ ...command, env: { ...own, ...env }, stderr: 'pipe' });
  let stderr = '';
  transport.stderr?.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  const client = new Client({ name: 'waxseal-test', version: '1.0.0' }, { versionNegotiation: { mode: { pin: MODERN } } });
  await client.connect(transport);
  return { client, stderr: () => stderr };
}

describe('the desktop bundle of the wallet', () => {
  it('is small, has the version of the package, and contains the licences of its dependencies', () => {
    expect(statSync(file).size).toBeLessThan(MOST);
    expect(manifest()).toMatchObject({ name: 'waxseal-wallet', version: VERSION, license: 'Apache-2.0' });
    const licences = readFileSync(join(folder, 'LICENSES.txt'), 'utf8');
    for (const name of ['@modelcontextprotocol/client', 'commander', 'undici', 'zod'])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(licences).not.toContain('contains no licence text');
  });

  it('relays calls to a real server, and shows the model an alias', async () => {
    const { client, stderr } = await connect({ server_url: server.url });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['start_research_task', ...(manifest().tools ?? []).map(({ name }) => name)]),
    );
    expect(tools.find(({ name }) => name === 'list_held_handles')?.description).toBe(manifest().tools?.[0]?.description);
    const begun = await client.callTool({ name: 'start_research_task', arguments: { topic: 'wax' } });
    const { handle } = begun.structuredContent as { handle: string };
    expect(handle).toMatch(/^task_[a-z0-9]{6}$/);
    const status = await client.callTool({ name: 'get_task_status', arguments: { handle } });
    expect(status.structuredContent).toMatchObject({ handle, topic: 'wax', status: 'running' });
    await client.close();
    expect(stderr()).toBe('');
  });

  it('connects through a proxy, and needs no further package', async () => {
    const proxy = await startProxy();
    const { client } = await connect({ server_url: server.url }, { HTTP_PROXY: `http://${proxy.host}` });
    expect((await client.listTools()).tools.length).toBeGreaterThan(3);
    await client.close();
    expect(proxy.asked.length).toBeGreaterThan(0);
  });

  it('needs the URL of a server, and reads the header from the environment instead of the command line', async () => {
    await expect(started({})).rejects.toThrow('required is missing');
    const { args, env } = await started({ server_url: server.url, header: 'Authorization: Bearer secret' });
    expect(args.join()).not.toContain('secret');
    expect(env).toMatchObject({ WAXSEAL_WALLET_HEADERS: 'Authorization: Bearer secret' });
    expect((await started({ server_url: server.url })).env).toMatchObject({ WAXSEAL_WALLET_HEADERS: '' });
  });
});
