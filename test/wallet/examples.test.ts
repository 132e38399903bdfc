import { Client, type ElicitResult, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWallet, withWallet } from '../../src/wallet/index.ts';
import { startScript } from '../examples/support.ts';
import { ringFile } from '../support/folders.ts';
import { MODERN } from '../support/mcp.ts';

let keys: string;
beforeAll(async () => {
  keys = (await ringFile()).path;
});

const clients: Client[] = [];
afterAll(() => Promise.all(clients.map((client) => client.close())));

/**
 * A client with its own wallet, whose user answers elicitations.
 *
 * @returns a function that calls a tool, and returns what the model sees of the result
 */
async function modelAt(url: string, answer: (question: string) => ElicitResult = () => ({ action: 'decline' })) {
  const client = new Client(
    { name: 'waxseal-test', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: MODERN } }, capabilities: { elicitation: { form: {} } } },
  );
  clients.push(client);
  client.setRequestHandler('elicitation/create', async ({ params }) => answer(params.message));
  await client.connect(withWallet(new StreamableHTTPClientTransport(new URL(url)), createWallet({ upstream: url, ephemeral: true })));
  return async (name: string, args: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: args });
    expect(JSON.stringify(result)).not.toContain('eyJ');
    return result.structuredContent as Record<string, unknown> & { handle: string; error?: { code: string } };
  };
}

describe('the approval flow through a wallet', () => {
  it('leads from a draft to a decision, with elicitations, under one alias', async () => {
    const { url } = await startScript('examples/approval/server.mjs', keys);
    const asked: string[] = [];
    const call = await modelAt(url, (question) => {
      asked.push(question);
      return { action: 'accept', content: question.startsWith('Approve') ? { name: 'Cy', approve: false } : { reason: 'One is enough.' } };
    });
    const { handle } = await call('draft_request', { title: 'Two monitors', amount: 600 });
    expect((await call('submit_request', { handle })).handle).toBe(handle);
    expect(await call('decide_request', { handle })).toMatchObject({ handle, status: 'rejected' });
    expect(asked).toHaveLength(2);
    expect(await call('show_request', { handle })).toMatchObject({ handle, decisions: [{ by: 'Cy', approves: false }] });
  });

  it('gives a delegated handle a new alias, and the original keeps its own', async () => {
    const { url } = await startScript('examples/approval/server.mjs', keys);
    const call = await modelAt(url, () => ({ action: 'accept', content: { name: 'Ada', approve: true } }));
    const { handle } = await call('draft_request', { title: 'A chair', amount: 200 });
    const handedOn = await call('delegate_task', { handle, rights: ['read'] });
    expect(handedOn.handle).not.toBe(handle);
    expect((await call('submit_request', { handle: handedOn.handle })).error?.code).toBe('forbidden');
    expect(await call('submit_request', { handle })).toMatchObject({ handle, status: 'submitted' });
    expect(await call('show_request', { handle: handedOn.handle })).toMatchObject({ handle: handedOn.handle, status: 'draft' });
  });
});

describe('baskets through a wallet', () => {
  it('have one alias each, and can be merged', async () => {
    const { url } = await startScript('examples/basket/server.mjs', keys);
    const call = await modelAt(url);
    const [mine, gifts] = [await call('create_basket'), await call('create_basket', { name: 'Gifts' })];
    expect(mine.handle).not.toBe(gifts.handle);
    await call('add_item', { handle: mine.handle, sku: 'socks', quantity: 3 });
    await call('add_item', { handle: gifts.handle, sku: 'belt' });
    const merged = await call('merge_baskets', { handle: mine.handle, other: gifts.handle });
    expect(merged).toMatchObject({ handle: mine.handle, items: [{ sku: 'socks' }, { sku: 'belt' }] });
    expect(await call('checkout', { handle: mine.handle })).toMatchObject({ handle: mine.handle });
    expect(await call('show_basket', { handle: gifts.handle })).toMatchObject({ handle: gifts.handle, name: 'Gifts' });
  });
});
