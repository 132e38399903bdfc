import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { authenticate, seal } from '../../../src/handle/index.ts';
import { generateRing, mintingKey, openingKey, parseDocument, revoke, toDocument, toText } from '../../../src/keys/index.ts';
import { createTool, defineKind, updateTool } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { codeOf, fieldsOf, NOW, newWorld, ringOf, textOf, type World } from '../support.ts';

const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });
const createBasket = createTool(
  basket,
  'create_basket',
  { title: 'Create', description: 'Creates.', inputSchema: {}, outputSchema: {} },
  () => ({ state: { items: [] }, structuredContent: {}, text: 'Created.' }),
);
const addItem = updateTool(
  basket,
  'add_item',
  {
    title: 'Add',
    description: 'Adds.',
    inputSchema: { sku: z.string() },
    outputSchema: {},
  },
  ({ items }, { sku }) => ({ state: { items: [...items, sku] }, structuredContent: {}, text: 'Added.' }),
);

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld({ tools: [...researchTools, createBasket, addItem] });
  handle = fieldsOf(await world.call('start_research_task', { topic: 'lost luggage' })).handle;
});

const status = (copy: unknown) => world.call('get_task_status', { handle: copy });

describe('malformed', () => {
  it.each([
    ['a handle that was cut short', () => handle.slice(0, 300), /cut short: it has 4 of 5 parts/],
    ['a handle that was cut in its last part', () => handle.slice(0, -3), /truncated at \d+ of \d+ characters/],
    ['a handle with a space in it', () => `${handle.slice(0, 200)} ${handle.slice(200)}`, /Character 201 is a space/],
    ['a handle without its last part', () => handle.slice(0, handle.lastIndexOf('.')), /4 of 5 parts/],
    ['a short text', () => 'basket_7f3a9c', /does not begin like a handle \("eyJ"\), and has 1 of 5 parts \(13 characters arrived\)/],
    ['an alias of the wallet', () => 'task_7f3a9c', /alias of waxseal wallet/],
    ['an abbreviated handle', () => `${handle.slice(0, 100)}...`, /abbreviated/],
    ['a placeholder', () => '<handle>', /placeholder/],
    ['the end of a handle', () => handle.slice(100), /does not begin like a handle/],
    ['a number', () => 7, /is a string/],
    ['a text beyond the limit', () => 'A'.repeat(20_000), /at most 8192/],
  ])('says what is wrong with the copy, and tells the model to pass the handle again: %s', async (_name, copy, wording) => {
    const result = await status(copy());
    expect(codeOf(result)).toBe('malformed');
    expect(textOf(result)).toMatch(wording);
    expect(textOf(result)).toMatch(/Pass the last handle again, whole and unchanged/);
    expect(codeOf(await status(handle))).toBeUndefined();
  });
});

describe('rejected', () => {
  const FROZEN =
    'This handle is not valid here. Compare it with the last answer, and pass that handle again, exactly. ' +
    'Only if that is refused as well, start a new task with start_research_task.';

  it('has one text for every cause, and names the tool that starts a task', async () => {
    const dash = /-(?=[^.]+\.[^.]+$)/; // almost every handle has a dash in its ciphertext
    while (!dash.test(handle)) handle = fieldsOf(await world.call('start_research_task', { topic: 'lost luggage' })).handle;
    const swapped = handle.replace(dash, '_');
    const result = await status(swapped);
    expect([codeOf(result), textOf(result)]).toEqual(['rejected', FROZEN]);
    expect(world.records.at(-1)).toMatchObject({ outcome: 'error', code: 'rejected', reason: 'decryption' });
  });

  it('does not change its text for a handle from another ring', async () => {
    world.ring = await ringOf(await generateRing(NOW));
    const result = await status(handle);
    expect([codeOf(result), textOf(result)]).toEqual(['rejected', FROZEN]);
    expect(world.records.at(-1)?.reason).toBe('unknown_key');
  });

  it('does not change its text for a handle under a revoked key', async () => {
    const { pairs } = parseDocument(toText(await generateRing(NOW)));
    world.ring = await ringOf(toDocument(pairs));
    const doomed = fieldsOf(await world.call('start_research_task', { topic: 'lost luggage' })).handle;
    expect(codeOf(await status(doomed))).toBeUndefined();
    world.ring = await ringOf(toDocument(revoke(pairs, pairs[0]?.secret.kid ?? '', NOW)));
    expect([codeOf(await status(doomed)), textOf(await status(doomed))]).toEqual(['rejected', FROZEN]);
  });

  it('does not change its text for another caller’s handle, or for a bearer handle from an authenticated caller', async () => {
    const alice = { principal: { issuer: 'https://issuer.example', subject: 'alice' } };
    const bob = { principal: { issuer: 'https://issuer.example', subject: 'bob' } };
    const hers = fieldsOf(await world.call('start_research_task', { topic: 'lost luggage' }, alice)).handle;
    expect(codeOf(await world.call('get_task_status', { handle: hers }, alice))).toBeUndefined();
    for (const caller of [bob, undefined]) {
      expect(textOf(await world.call('get_task_status', { handle: hers }, caller))).toBe(FROZEN);
    }
    expect(textOf(await world.call('get_task_status', { handle }, alice))).toBe(FROZEN);
  });

  it('does not tell the reason, which only the log has', async () => {
    const result = await world.call('get_task_status', { handle: `${handle.slice(0, 300)}AAAA${handle.slice(304)}` });
    expect(JSON.stringify(result)).not.toContain('decryption');
  });
});

describe('expired', () => {
  it('says when the handle expired, and which tool starts a new task', async () => {
    world.now = NOW + 86_400;
    const result = await status(handle);
    expect(codeOf(result)).toBe('expired');
    expect(textOf(result)).toBe('This handle expired at 2026-07-29T12:00:00Z. Start again with start_research_task.');
  });

  it('comes at the expiry that the first handle set, however often the task was updated', async () => {
    world.now = NOW + 86_399;
    const later = fieldsOf(await world.call('record_findings', { handle, findings: ['under the stairs'] })).handle;
    expect(codeOf(await status(later))).toBeUndefined();
    world.now = NOW + 86_400;
    expect(codeOf(await status(later))).toBe('expired');
  });
});

describe('wrong_kind', () => {
  it('names the kind of the handle, and the tools that take it', async () => {
    const wrong = fieldsOf(await world.call('create_basket', {})).handle;
    const result = await status(wrong);
    expect(codeOf(result)).toBe('wrong_kind');
    expect(textOf(result)).toBe(
      'This handle is of kind basket@1; research@1 is needed. Tools that take this handle: add_item, delegate_task.',
    );
  });
});

describe('forbidden', () => {
  it('names the missing right, and the handle still opens for the rights that it has', async () => {
    const key = mintingKey(world.ring, NOW);
    if (key === undefined) throw new Error('expected a ring that mints');
    const { claims } = await authenticate(handle, (kid) => openingKey(world.ring, kid, NOW));
    const readOnly = await seal({ ...claims, scp: ['read'] }, key);
    expect(codeOf(await status(readOnly))).toBeUndefined();
    const result = await world.call('cancel_research_task', { handle: readOnly });
    expect(codeOf(result)).toBe('forbidden');
    expect(textOf(result)).toContain('lacks the right to call cancel_research_task');
  });
});

describe('state_too_large', () => {
  it('names the limit, the size and what to shorten, and the passed handle stays valid', async () => {
    const findings = Array.from({ length: 20 }, () => Array.from({ length: 30 }, () => crypto.randomUUID()).join(' '));
    const result = await world.call('record_findings', { handle, findings });
    expect(codeOf(result)).toBe('state_too_large');
    expect(textOf(result)).toMatch(
      /would have \d+ characters, and the limit is 7168\. Shorten findings\. The handle you passed is still good\./,
    );
    expect(fieldsOf(await status(handle))).toMatchObject({ status: 'running', results: [] });
    expect(codeOf(await world.call('record_findings', { handle, findings: ['shorter'] }))).toBeUndefined();
  });
});

describe('wrong arguments', () => {
  it.each([
    ['no handle', {}, /needs the argument "handle"/],
    ['no arguments', undefined, /needs the argument "handle"|do not fit/],
    ['a misspelt argument', { handel: 'x' }, /handel/],
  ])('are named: %s', async (_name, args, wording) => {
    const result = await world.call('get_task_status', args);
    expect(codeOf(result)).toBe('invalid_arguments');
    expect(textOf(result)).toMatch(wording);
  });

  it('cause an error that contains no handle', async () => {
    for (const args of [{}, { topic: '' }, { topic: [7] }, { topic: 'x', depth: 11 }, { topic: 'x', depth: 1.5 }]) {
      const result = await world.call('start_research_task', args);
      expect(codeOf(result)).toBe('invalid_arguments');
      expect(JSON.stringify(result)).not.toContain('eyJ');
    }
  });
});

describe('a server that cannot mint', () => {
  it('says that nothing is lost, and still serves tools that read', async () => {
    world.now = NOW + 366 * 86_400;
    expect(codeOf(await world.call('start_research_task', { topic: 'x' }))).toBe('unavailable');
    world.now = NOW;
    const { pairs } = parseDocument(toText(await generateRing(NOW, 10)));
    world.ring = await ringOf(toDocument(pairs));
    const late = fieldsOf(await world.call('start_research_task', { topic: 'x' })).handle;
    world.now = NOW + 10;
    expect(codeOf(await status(late))).toBeUndefined();
    const result = await world.call('record_findings', { handle: late, findings: ['x'] });
    expect([codeOf(result), textOf(result)]).toEqual(['unavailable', expect.stringContaining('Nothing is lost')]);
  });
});

describe('a defect of a handler', () => {
  it('is reported to the log, and its details are not sent to the client', async () => {
    const broken = createTool(basket, 'broken', { title: 'B', description: 'B.', inputSchema: {}, outputSchema: {} }, () => {
      throw new Error('secret state');
    });
    const overfull = createTool(
      basket,
      'overfull',
      { title: 'O', description: 'O.', inputSchema: {}, outputSchema: {} },
      () => ({ state: { items: [7] }, structuredContent: {}, text: '' }) as never,
    );
    const other = await newWorld({ tools: [broken, overfull] });
    await expect(other.call('broken', {})).rejects.toThrow();
    await expect(other.call('overfull', {})).rejects.toThrow();
    expect(other.records).toMatchObject([{ code: 'internal_error' }, { code: 'internal_error' }]);
  });
});
