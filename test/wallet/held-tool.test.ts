import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRing, toText } from '../../src/keys/index.ts';
import { createFetchHandler, systemClock } from '../../src/server/index.ts';
import { createWallet, withWallet } from '../../src/wallet/index.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { type Answer, MODERN } from '../support/mcp.ts';
import { researchServer } from '../support/research.ts';
import { type Served, serveFetch } from './passing-server.mjs';

/** Two servers with one ring. Each would accept the other's handles. */
let servers: Served[];
const file = join(emptyFolder(), 'wallet.json');
const clients: Client[] = [];
beforeAll(async () => {
  const ring = await parseRing(toText((await ringFile()).document));
  const environment = { ring: () => ring, now: systemClock };
  const handler = createFetchHandler({ server: researchServer, environment, allowAnonymous: true });
  servers = await Promise.all([0, 1].map(() => serveFetch((request) => handler.fetch(request))));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all(servers.map((server) => server.close()));
});

type Call = (name: string, args?: Record<string, unknown>) => Promise<Answer>;

async function modelAt(url = '', kept: { file: string } | { ephemeral: true } = { file }): Promise<Call> {
  const client = new Client({ name: 'waxseal-test', version: '1.0.0' }, { versionNegotiation: { mode: { pin: MODERN } } });
  clients.push(client);
  await client.connect(withWallet(new StreamableHTTPClientTransport(new URL(url)), createWallet({ upstream: url, ...kept })));
  return async (name, args = {}) => (await client.callTool({ name, arguments: args })) as unknown as Answer;
}

/** The error of a result, whose text and structured content must agree. */
function refusalIn({ isError, content, structuredContent: { error } }: Answer): { code: string; text: string } {
  expect(isError).toBe(true);
  const { code = '', message } = (error ?? {}) as { code?: string; message?: string };
  expect(message).toBe(content[0]?.text);
  return { code, text: message ?? '' };
}

describe('a model that has lost part of its context', () => {
  let here: Call;
  let aliases: string[];
  beforeAll(async () => {
    const there = await modelAt(servers[1]?.url);
    await there('start_research_task', { topic: 'somebody else’s secret' });
    here = await modelAt(servers[0]?.url);
    aliases = [];
    for (const topic of ['lost luggage', 'night trains', `"Quoted",\n\tand ${'very '.repeat(50)}long`]) {
      aliases.push((await here('start_research_task', { topic })).structuredContent.handle);
    }
    await here('record_findings', { handle: aliases[0], findings: ['under the stairs'] });
  });

  it.each([
    ['an invented alias', 'task_222222'],
    ['a word like an alias', 'task-1a2b3'],
    ['a description', 'the research task'],
    ['a number', '1'],
    ['an empty text', ''],
    ['a number that is not text', 7],
    ['a list of words', ['the task']],
    ['the start of a handle', 'eyJhbGciOiJkaXIi…'],
  ])('finds its task by kind and topic in the first error, if it passes %s', async (_what, handle) => {
    const { code, text } = refusalIn(await here('get_task_status', { handle }));
    expect(code).toBe('unknown_alias');
    // The last changed task comes first.
    const [first, third, second] = text.split('\n').slice(0, 3);
    expect(first).toMatch(
      new RegExp(`Your tasks, the newest first: ${aliases[0]}: research@1, "lost luggage", running, revision 2, expires `),
    );
    expect(second).toMatch(new RegExp(`^${aliases[1]}: research@1, "night trains", running, revision 1, expires `));
    expect(third).toMatch(new RegExp(`^${aliases[2]}: research@1, "\\\\"Quoted\\\\", and very very`));
    expect(text).toMatch(/Pass the alias of your task, exactly as written here\.$/);
    expect(text.length).toBeLessThan(800);
    expect(text).not.toMatch(/secret|eyJ|character/);
    expect((await here('get_task_status', { handle: aliases[1] })).structuredContent.topic).toBe('night trains');
  });

  it.each([
    ['no handle', {}],
    ['null', { handle: null }],
    ['another name', { task: 'the first' }],
  ])('finds its task in the first error, if it passes %s', async (_what, args) => {
    const { code, text } = refusalIn(await here('get_task_status', args));
    expect(code).toBe('invalid_arguments');
    expect(text).toMatch(/needs the argument "handle".*\nYour tasks, the newest first: task_.*"lost luggage"/s);
  });

  it('can wrap the alias in an object, a list or JSON', async () => {
    const [, alias] = aliases;
    for (const handle of [{ handle: alias }, [alias], [alias, alias], JSON.stringify({ handle: alias }), JSON.stringify([alias])])
      expect((await here('get_task_status', { handle })).structuredContent.topic).toBe('night trains');
    const { text } = refusalIn(await here('get_task_status', { handle: [alias, aliases[0]] }));
    expect(text).toContain('Your tasks, the newest first');
    expect(refusalIn(await here('get_task_status', { handle: ['task_222222'] })).code).toBe('unknown_alias');
  });

  it('sees topics in list_held_handles', async () => {
    const { content, structuredContent } = await here('list_held_handles');
    expect(structuredContent).toMatchObject({
      held: [{ topic: 'lost luggage' }, { topic: expect.stringMatching(/^"Quoted", and very [a-z ]*$/) }, { topic: 'night trains' }],
    });
    expect(content[0]?.text).toContain('"night trains"');
  });

  it('sees the topic of a delegated task', async () => {
    const { handle } = (await here('delegate_task', { handle: aliases[1], rights: ['read'] })).structuredContent;
    const { text } = refusalIn(await here('get_task_status', { handle: 'task_222222' }));
    expect(text).toContain(`${handle}: research@1, "night trains", rights read, revision 2`);
  });

  it('sees at most ten tasks, in limited text, and the number of older ones', async () => {
    for (let count = 0; count < 12; count += 1) await here('start_research_task', { topic: `${count} ${'x'.repeat(400)}` });
    const { text } = refusalIn(await here('get_task_status', { handle: 'task_222222' }));
    expect(text.match(/research@1/g)?.length).toBe(10);
    expect(text).toMatch(/\nand 6 older: use list_held_handles to see them\.\n/);
    expect(text.length).toBeLessThan(2_200);
  });

  it('is told if the wallet holds its task for another URL', async () => {
    const elsewhere = await modelAt(`${servers[0]?.url}?account=other`);
    for (const handle of [aliases[0], `handle: ${aliases[0]}`]) {
      const { code, text } = refusalIn(await elsewhere('get_task_status', { handle }));
      expect(code).toBe('unknown_alias');
      expect(text).toMatch(new RegExp(`holds ${aliases[0]} for another server.*URL or command as it was written before`));
      expect(text).not.toMatch(/luggage|http/);
    }
  });

  it('is told if the wallet holds no task', async () => {
    const other = await modelAt(`${servers[0]?.url}?account=other`);
    expect(refusalIn(await other('get_task_status', { handle: 'mine' }))).toEqual({
      code: 'unknown_alias',
      text: 'mine is not an alias of this wallet. The wallet holds no task of this server: start a new one.',
    });
  });
});

describe('the advice on how to copy a handle', () => {
  it('stays in the server’s error if the model passed a part of a handle, and the wallet holds no task', async () => {
    const here = await modelAt(servers[0]?.url, { ephemeral: true });
    const { code, text } = refusalIn(await here('get_task_status', { handle: 'eyJhbGciOiJkaXIi' }));
    expect(code).toBe('malformed');
    expect(text).toContain('cut short');
  });
});

describe('list_held_handles', () => {
  it('can have the prefix that some hosts write before the names of tools', async () => {
    const here = await modelAt(servers[0]?.url, { ephemeral: true });
    expect((await here('mcp__research__list_held_handles')).structuredContent).toEqual({ held: [] });
  });
});

describe('the list of tools', () => {
  it('has the wallet’s tool only on its last page', async () => {
    const pages: Record<string, object> = { '': { tools: [{ name: 'a' }], nextCursor: 'more' }, more: { tools: [{ name: 'b' }] } };
    const inner = {
      onmessage: undefined as ((message: object) => void) | undefined,
      start: async () => {},
      send: async ({ id, params }: { id: number; params?: { cursor?: string } }) =>
        inner.onmessage?.({ jsonrpc: '2.0', id, result: { ...pages[params?.cursor ?? ''], ttlMs: 5 } }),
      close: async () => {},
    };
    const wrapped = withWallet(inner, createWallet({ upstream: 'x', ephemeral: true }));
    const page = (cursor?: string) =>
      new Promise<object>((resolve) => {
        wrapped.onmessage = (message) => resolve((message as { result: object }).result);
        void wrapped.send({ id: 1, method: 'tools/list', params: cursor === undefined ? {} : { cursor } } as never);
      });
    expect(await page()).toEqual({ tools: [{ name: 'a' }], nextCursor: 'more', ttlMs: 5 });
    expect(await page('more')).toMatchObject({ tools: [{ name: 'b' }, { name: 'list_held_handles' }], ttlMs: 5 });
    pages[''] = { tools: [{ name: 'list_held_handles' }], nextCursor: 'more' };
    await page();
    expect(await page('more')).toEqual({ tools: [{ name: 'b' }], ttlMs: 5 });
  });
});
