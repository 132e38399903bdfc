import { readFileSync } from 'node:fs';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as StreamableHTTPClientTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ringFile } from '../support/folders.ts';
import { connect, startScript } from './support.ts';

const FOLDER = 'examples/from-sessions';
const [BEFORE, AFTER] = [`${FOLDER}/before.mjs`, `${FOLDER}/server.mjs`];

let keys: string;
beforeAll(async () => {
  keys = (await ringFile()).path;
});

type Call = (name: string, args?: Record<string, unknown>) => Promise<{ text: string; handle: string }>;

/** Connects a client of version 1 of the SDK, which supports sessions. */
async function connectV1(url: () => string): Promise<Call> {
  const client = new ClientV1({ name: 'waxseal-test', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransportV1(new URL(url()), { fetch: (_url, init) => fetch(url(), init) });
  await client.connect(transport as TransportV1);
  onTestFinished(() => client.close());
  return async (name, args = {}) => {
    const { content, structuredContent } = await client.callTool({ name, arguments: args });
    const [{ text }] = content as [{ text: string }];
    return { text, handle: (structuredContent as { handle?: string } | undefined)?.handle ?? '' };
  };
}

describe('the server with a Map', () => {
  it('keeps a list for each session, and loses the list when its process ends', async () => {
    const first = await startScript(BEFORE, keys);
    let url = first.url;
    const [mine, yours] = [await connectV1(() => url), await connectV1(() => url)];
    await mine('pack', { item: 'socks' });
    expect((await mine('pack', { item: 'soap' })).text).toBe('On the list: socks, soap.');
    expect((await yours('show_list')).text).toBe('On the list: nothing.');
    // Another process does not know the session. This is the problem that the guide solves.
    const second = await startScript(BEFORE, keys);
    url = second.url;
    await expect(mine('show_list')).rejects.toThrow();
    await Promise.all([first.kill(), second.kill()]);
  });
});

describe('the server with handles', () => {
  it.each(['2025', '2026-07-28'])('keeps nothing, and any process can continue the list, for a client of revision %s', async (revision) => {
    const first = await startScript(AFTER, keys);
    let url = first.url;
    const call: Call = revision === '2025' ? await connectV1(() => url) : (await connect(() => url)).call;
    const { handle: begun } = await call('start_list');
    const { handle } = await call('pack', { handle: begun, item: 'socks' });
    await first.kill();
    const second = await startScript(AFTER, keys);
    url = second.url;
    const packed = await call('pack', { handle, item: 'soap' });
    expect(packed.text).toMatch(/^On the list: socks, soap\.\n/);
    expect((await call('show_list', { handle: packed.handle })).text).toBe('On the list: socks, soap.');
    const { handle: other } = await call('start_list');
    expect((await call('show_list', { handle: other })).text).toBe('On the list: nothing.');
    await second.kill();
  });
});

describe('the guide from sessions', () => {
  const guide = readFileSync('docs/from-sessions.md', 'utf8');
  const [before, after] = [BEFORE, AFTER].map((file) => readFileSync(file, 'utf8'));

  it('quotes only code of the two programs, and quotes all code of the second', () => {
    const [old = '', today = ''] = guide.split('\n## 1.');
    const blocks = (text: string) => [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block = '']) => block);
    expect(blocks(old).length).toBe(2);
    for (const block of blocks(old)) expect(before).toContain(block);
    for (const block of blocks(today)) expect(after).toContain(block);
    const left = blocks(today).reduce((rest, block) => rest.replace(block, ''), after ?? '');
    expect(left.split('\n').filter((line) => !/^(import .*|\/\/.*|\/\*\*.*|)$/.test(line))).toEqual([
      'const Item = z.string().min(1).max(100);',
    ]);
  });
});
