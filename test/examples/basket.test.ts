import { beforeAll, describe, expect, it } from 'vitest';
import { ringFile } from '../support/folders.ts';
import { type Connected, connect, type Served, startScript } from './support.ts';

const SCRIPT = 'examples/basket/server.mjs';

let keys: string;
let server: Served;
let shopper: Connected;
beforeAll(async () => {
  keys = (await ringFile()).path;
  server = await startScript(SCRIPT, keys);
  shopper = await connect(server.url);
});

describe('a basket', () => {
  it('can be created, filled and checked out', async () => {
    const found = await shopper.call('find_products', { words: 'running' });
    expect(found.text).toBe('shoes: Running shoes, €89.00\nshirt: Running shirt, €34.00');
    const created = await shopper.call('create_basket', { name: 'Marathon' });
    const two = await shopper.call('add_item', { handle: created.handle, sku: 'shoes', quantity: 2 });
    expect(two.fields).toMatchObject({ items: [{ sku: 'shoes', quantity: 2 }], total: 17_800, handle_info: { revision: 2 } });
    const laced = await shopper.call('add_item', { handle: two.handle, sku: 'laces' });
    const one = await shopper.call('remove_item', { handle: laced.handle, sku: 'shoes', quantity: 1 });
    const shown = await shopper.call('show_basket', { handle: one.handle });
    expect(shown.text).toBe('"Marathon", €92.90:\n- 1 × Running shoes\n- 1 × Shoe laces');
    expect(shown.handle).toBe(one.handle);
    const ordered = await shopper.call('checkout', { handle: one.handle });
    expect(ordered.fields).toMatchObject({ total: 9_290, order: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/) });
    expect((await shopper.call('add_item', { handle: ordered.handle, sku: 'belt' })).code).toBe('basket_ordered');
  });

  it('can be merged with another basket of the same client', async () => {
    const mine = await shopper.call('add_item', { handle: (await shopper.call('create_basket')).handle, sku: 'socks', quantity: 3 });
    const gifts = await shopper.call('add_item', { handle: (await shopper.call('create_basket', { name: 'Gifts' })).handle, sku: 'belt' });
    const merged = await shopper.call('merge_baskets', { handle: mine.handle, other: gifts.handle });
    expect(merged.fields['items']).toEqual([
      { sku: 'socks', quantity: 3 },
      { sku: 'belt', quantity: 1 },
    ]);
    expect((await shopper.call('show_basket', { handle: gifts.handle })).fields).toMatchObject({ name: 'Gifts', ordered: false });
  });

  it('has the same order number when an old handle is checked out again', async () => {
    const { handle } = await shopper.call('add_item', { handle: (await shopper.call('create_basket')).handle, sku: 'belt' });
    const [first, again] = [await shopper.call('checkout', { handle }), await shopper.call('checkout', { handle })];
    expect(again.fields['order']).toBe(first.fields['order']);
  });

  it('refuses wrong calls, and says what to do', async () => {
    const { handle } = await shopper.call('create_basket');
    const refusals = [
      ['add_item', { handle, sku: 'spaceship' }, 'unknown_product', 'find_products'],
      ['remove_item', { handle, sku: 'shoes' }, 'not_in_basket', 'show_basket'],
      ['checkout', { handle }, 'empty_basket', 'add_item'],
      ['merge_baskets', { handle, other: handle.slice(0, -9) }, 'malformed', 'other: '],
    ] as const;
    for (const [name, args, code, advice] of refusals) {
      const answer = await shopper.call(name, args);
      expect([answer.code, answer.text]).toEqual([code, expect.stringContaining(advice)]);
    }
  });
});

describe('sub-agents that share one basket', () => {
  it('change copies of the basket within their rights, and the copies are then merged', async () => {
    const { handle: begun } = await shopper.call('add_item', { handle: (await shopper.call('create_basket')).handle, sku: 'shoes' });
    const rights = ['read', 'add_item'];
    const shared = await shopper.call('delegate_task', { handle: begun, rights, expires_in: 600 });
    expect(shared.fields['handle_info']).toMatchObject({ rights });

    // Each sub-agent has its own client, and gets only the handle.
    const [left, right] = [await connect(server.url), await connect(server.url)];
    const shirts = await left.call('add_item', { handle: shared.handle, sku: 'shirt', quantity: 2 });
    const bottles = await right.call('add_item', { handle: shared.handle, sku: 'bottle' });
    expect((await left.call('checkout', { handle: shirts.handle })).code).toBe('forbidden');
    expect((await right.call('remove_item', { handle: bottles.handle, sku: 'shoes' })).code).toBe('forbidden');
    expect((await right.call('delegate_task', { handle: bottles.handle, rights: ['checkout'] })).code).toBe('forbidden');

    // Meanwhile the shopper changes the original basket.
    let mine = (await shopper.call('remove_item', { handle: begun, sku: 'shoes' })).handle;
    for (const { handle: other } of [shirts, bottles, bottles])
      mine = (await shopper.call('merge_baskets', { handle: mine, other })).handle;
    expect((await shopper.call('checkout', { handle: mine })).fields['items']).toEqual([
      { sku: 'shirt', quantity: 2 },
      { sku: 'bottle', quantity: 1 },
    ]);
  });
});

describe('the catalogue', () => {
  it('is listed in pages, and a changed cursor does not open', async () => {
    const { client } = shopper;
    expect(new Set((await client.listResources()).resources.map(({ uri }) => uri)).size).toBe(7);
    const page = (cursor?: string) => client.request({ method: 'resources/list', params: { ...(cursor !== undefined && { cursor }) } });
    const { resources, nextCursor = '' } = await page();
    expect(resources.map(({ uri }) => uri)).toEqual(['product://shoes', 'product://socks', 'product://laces']);
    expect((await page(nextCursor)).resources[0]).toMatchObject({ uri: 'product://shirt' });
    const altered = `${nextCursor.slice(0, -1)}${nextCursor.endsWith('A') ? 'Q' : 'A'}`;
    const { handle } = await shopper.call('create_basket');
    for (const cursor of [altered, handle, '3']) await expect(page(cursor)).rejects.toMatchObject({ code: -32602 });
    expect(await client.readResource({ uri: 'product://shoes' })).toMatchObject({ contents: [{ text: expect.stringContaining('8900') }] });
  });
});

describe('a process', () => {
  it('can end at any time, and any other process can continue its baskets', async () => {
    const [first, other] = [await startScript(SCRIPT, keys), await startScript(SCRIPT, keys)];
    const elsewhere = await connect(other.url);
    const created = await (await connect(first.url)).call('create_basket');
    const added = await elsewhere.call('add_item', { handle: created.handle, sku: 'jacket' });
    await first.kill();
    const restarted = await connect((await startScript(SCRIPT, keys)).url);
    const ordered = await restarted.call('checkout', { handle: added.handle });
    expect(ordered.fields).toMatchObject({ total: 12_900, handle_info: { revision: 3 } });
    expect((await elsewhere.call('show_basket', { handle: ordered.handle })).fields['ordered']).toBe(true);
  });
});
