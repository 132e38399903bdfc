/**
 * Tests the examples with models that see only the text or only the structured content of results, as some hosts show
 * them.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWallet, withWallet } from '../../src/wallet/index.ts';
import { ringFile } from '../support/folders.ts';
import { MODERN } from '../support/mcp.ts';
import { type RunningServer, startServer } from '../support/program.ts';
import { type Served, startScript } from './support.ts';

let servers: { research: RunningServer; searched: RunningServer; basket: Served; approval: Served };
beforeAll(async () => {
  const keys = (await ringFile()).path;
  const [research, searched, basket, approval] = await Promise.all([
    startServer(['--keys', keys]),
    startServer(['--keys', keys, '--tools', 'search']),
    startScript('examples/basket/server.mjs', keys),
    startScript('examples/approval/server.mjs', keys),
  ]);
  servers = { research, searched, basket, approval };
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.kill())));

const VIEWS = {
  text: (result: Result) => result.content.map((block) => block.text).join('\n'),
  structured: (result: Result) => JSON.stringify(result.structuredContent),
};

interface Result {
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent: unknown;
}

/** Matches a handle, or an alias from the wallet. */
const HANDLE = /eyJ[\w.-]{200,}|task_[2-9a-z]{6}(?:@\d+)?/g;

interface Model {
  /** Calls a tool, and returns what the model sees of the result. */
  call(name: string, args?: Record<string, unknown>): Promise<string>;
  /** Returns the newest handle that the model has seen. */
  newest(): string;
}

async function modelAt(url: string, view: keyof typeof VIEWS, walleted: boolean, decides = false): Promise<Model> {
  const client = new Client(
    { name: 'waxseal-test', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: MODERN } }, capabilities: decides ? { elicitation: { form: {} } } : {} },
  );
  if (decides) {
    client.setRequestHandler('elicitation/create', async ({ params: { message } }) => ({
      action: 'accept',
      content: message.startsWith('Approve') ? { name: 'Cy', approve: false } : { reason: 'One is enough.' },
    }));
  }
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(walleted ? withWallet(transport, createWallet({ upstream: url, ephemeral: true })) : transport);
  let newest = '';
  return {
    newest: () => newest,
    call: async (name, args = {}) => {
      const seen = VIEWS[view]((await client.callTool({ name, arguments: args })) as unknown as Result);
      newest = seen.match(HANDLE)?.at(-1) ?? newest;
      return seen;
    },
  };
}

describe.each([
  ['text', false],
  ['structured', false],
  ['text', true],
  ['structured', true],
] as const)('a model that sees only the %s part of results (through a wallet: %s)', (view, walleted) => {
  const at = (server: keyof typeof servers, decides?: boolean) => modelAt(servers[server].url, view, walleted, decides);

  it('can finish a research task, and recover from every error', async () => {
    const { call, newest } = await at('research');
    await call('start_research_task', { topic: 'wax' });
    const first = newest();
    const wrong = walleted ? `${first.slice(0, -1)}0` : `${first.slice(0, 300)}${first[300] === 'A' ? 'B' : 'A'}${first.slice(301)}`;
    expect(await call('get_task_status', { handle: wrong })).toMatch(walleted ? /Pass the alias of your task/ : /pass that handle again/);
    expect(await call('record_findings', { handle: first })).toContain('findings');
    expect(await call('record_findings', { handle: first, findings: ['bees make it'] })).toMatch(/1/);
    expect(await call('get_task_status', { handle: newest() })).toContain('bees make it');
    const current = newest();
    expect(await call('delegate_task', { handle: current, rights: ['read'] })).toContain('Its rights: read');
    expect(await call('record_findings', { handle: newest(), findings: ['x'] })).toContain('Ask for a handle with that right');
    expect(await call('delegate_task', { handle: current, rights: ['fly'] })).toContain('There is no right');
    expect(await call('cancel_research_task', { handle: current, reason: 'found in a book' })).toContain('cancelled');
    expect(await call('get_task_status', { handle: newest() })).toContain('found in a book');
    expect(await call('record_findings', { handle: newest(), findings: ['x'] })).toContain('start_research_task to start another');
    await call('start_research_task', { topic: 'wax' });
    expect(await call('complete_research_task', { handle: newest(), findings: ['done'] })).toContain('complete');
    if (walleted) expect(await call('list_held_handles')).toContain(newest());
  });

  it('gets a warning before the handle of a task is too long', async () => {
    const { call, newest } = await at('research');
    await call('start_research_task', { topic: 'wax' });
    const random = Array.from({ length: 20 }, () => crypto.randomUUID().repeat(5));
    let seen = '';
    while (!seen.includes('grows long')) {
      seen = await call('record_findings', { handle: newest(), findings: random.map((text) => `${crypto.randomUUID()} ${text}`) });
      expect(seen).not.toContain('Too large');
    }
    expect(seen).toContain('complete_research_task');
  });

  it('can find and call tools that are not listed', async () => {
    const { call, newest } = await at('searched');
    expect(await call('search_tools', { query: 'start' })).toContain('start_research_task');
    expect(await call('search_tools', { query: 'zebra' })).toContain('No tool matches');
    expect(await call('describe_tool', { name: 'start_research_task' })).toContain('topic');
    expect(await call('describe_tool', { name: 'start_reserch_task' })).toContain('Did you mean');
    expect(await call('call_tool', { name: 'start_research_task', arguments: {} })).toContain('topic');
    await call('call_tool', { name: 'start_research_task', arguments: { topic: 'wax' } });
    expect(await call('call_tool', { name: 'get_task_status', arguments: { handle: newest() } })).toContain('wax');
  });

  it('can fill a basket and order it', async () => {
    const { call, newest } = await at('basket');
    expect(await call('find_products', { words: 'socks' })).toContain('socks');
    expect(await call('create_basket', { name: 'Marathon' })).toContain('Created the basket');
    const mine = newest();
    expect(await call('checkout', { handle: mine })).toContain('Use add_item');
    expect(await call('add_item', { handle: mine, sku: 'sock' })).toContain('Use find_products');
    await call('add_item', { handle: mine, sku: 'socks', quantity: 2 });
    const filled = newest();
    expect(await call('remove_item', { handle: filled, sku: 'belt' })).toContain('Use show_basket');
    await call('remove_item', { handle: filled, sku: 'socks', quantity: 1 });
    const fewer = newest();
    await call('create_basket', {});
    await call('merge_baskets', { handle: newest(), other: fewer });
    expect(await call('show_basket', { handle: newest() })).toMatch(/ocks/);
    expect(await call('checkout', { handle: newest() })).toMatch(/order/i);
    expect(await call('add_item', { handle: newest(), sku: 'socks' })).toContain('Use create_basket');
  });

  it('can draft, revise and submit a request, and get a decision', async () => {
    const { call, newest } = await at('approval', true);
    await call('draft_request', { title: 'A chair', amount: 200 });
    await call('revise_request', { handle: newest(), amount: 150 });
    expect(await call('decide_request', { handle: newest() })).toContain('needs a request that is submitted');
    await call('submit_request', { handle: newest() });
    expect(await call('decide_request', { handle: newest() })).toContain('rejected');
    expect(await call('show_request', { handle: newest() })).toContain('One is enough.');
    const unasked = await at('approval');
    await unasked.call('draft_request', { title: 'A chair', amount: 200 });
    await unasked.call('submit_request', { handle: unasked.newest() });
    expect(await unasked.call('decide_request', { handle: unasked.newest() })).toContain('cannot be asked here');
  });
});
