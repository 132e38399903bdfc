import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as StreamableHTTPClientTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRing, toText } from '../../src/keys/index.ts';
import { createFetchHandler, systemClock } from '../../src/server/index.ts';
import { createWallet, withWallet } from '../../src/wallet/index.ts';
import { ringFile } from '../support/folders.ts';
import { type Answer, MODERN } from '../support/mcp.ts';
import { MAIN } from '../support/program.ts';
import { researchServer } from '../support/research.ts';
import { madeUpHandle, type Served, serveFetch, servePassing } from './passing-server.mjs';

let keys: string;
let research: Served;
let passing: Served;
beforeAll(async () => {
  const { path, document } = await ringFile();
  keys = path;
  const ring = await parseRing(toText(document));
  const handler = createFetchHandler({ server: researchServer, environment: { ring: () => ring, now: systemClock }, allowAnonymous: true });
  research = await serveFetch((request) => handler.fetch(request));
  passing = await servePassing();
});
afterAll(() => Promise.all([research.close(), passing.close()]));

const me = { name: 'waxseal-test', version: '1.0.0' };

interface Connected {
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  close(): Promise<void>;
}

async function connectV2(mode: 'auto' | 'legacy' | { pin: string }, url = research.url): Promise<Client> {
  const client = new Client(me, { versionNegotiation: { mode } });
  const wallet = createWallet({ upstream: url, ephemeral: true });
  await client.connect(withWallet(new StreamableHTTPClientTransport(new URL(url)), wallet));
  return client;
}

async function connectOverStdio(): Promise<Client> {
  const command = { command: process.execPath, args: [MAIN, 'stdio', '--keys', keys], stderr: 'ignore' as const };
  const client = new Client(me, { versionNegotiation: { mode: 'auto' } });
  await client.connect(withWallet(new StdioClientTransport(command), createWallet({ upstream: [MAIN, keys], ephemeral: true })));
  return client;
}

async function connectV1(): Promise<Connected> {
  const client = new ClientV1(me);
  const transport = withWallet(
    new StreamableHTTPClientTransportV1(new URL(research.url)),
    createWallet({ upstream: 'v1', ephemeral: true }),
  );
  await client.connect(transport as TransportV1);
  return client as Connected;
}

describe.each<[string, () => Promise<Connected>]>([
  ['client v2, pinned to 2026-07-28', () => connectV2({ pin: MODERN })],
  ['client v2, in auto mode', () => connectV2('auto')],
  ['client v2, in legacy mode', () => connectV2('legacy')],
  ['client v2, in auto mode, over stdio', connectOverStdio],
  ['client v1', connectV1],
])("a host's own transport that a wallet wraps: %s", (_name, connect) => {
  it('runs a whole task with one alias', async () => {
    const client = await connect();
    const call = async (name: string, args: Record<string, unknown>) => (await client.callTool({ name, arguments: args })) as Answer;
    try {
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('list_held_handles');
      const { handle } = (await call('start_research_task', { topic: 'wax' })).structuredContent;
      expect(handle).toMatch(/^task_[2-9a-z]{6}$/);
      const recorded = await call('record_findings', { handle, findings: ['one'] });
      expect(recorded.structuredContent).toMatchObject({ handle, handle_info: { revision: 2 } });
      const status = await call('get_task_status', { handle });
      expect(status.structuredContent).toMatchObject({ handle, results: ['one'], handle_info: { revision: 2 } });
      expect((await call('list_held_handles', {})).structuredContent).toMatchObject({ held: [{ alias: handle, revision: 2 }] });
    } finally {
      await client.close();
    }
  });
});

describe('an argument that a header repeats', () => {
  it('becomes the same handle in the header and in the body', async () => {
    const client = await connectV2({ pin: MODERN }, passing.url);
    try {
      await client.listTools();
      const handle = madeUpHandle('routed');
      const { structuredContent } = await client.callTool({ name: 'say', arguments: { structuredContent: { handle } } });
      const { handle: alias } = structuredContent as { handle: string };
      expect(alias).toMatch(/^task_/);
      // The server refuses the call if header and argument differ.
      const { content } = await client.callTool({ name: 'routed', arguments: { task: alias } });
      expect(content).toEqual([{ type: 'text', text: `length ${handle.length}` }]);
    } finally {
      await client.close();
    }
  });
});
