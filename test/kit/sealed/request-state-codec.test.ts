import { inputRequired, McpServer, ResourceTemplate, type ServerContext, type ServerOptions } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { generateRing } from '../../../src/keys/index.ts';
import { createRequestStateCodec, type RequestStateCodec, registerTools, toolset } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import type { Message } from '../../support/mcp.ts';
import { callerNamed, FORMS, fieldsOf, NOW, newWorld, ringOf, siblingOf, type World } from '../support.ts';
import { connected, type Extras, rawCall, rawRequest, serving, type Wire } from '../wire.ts';

interface Remembered {
  readonly step: string;
  readonly n: number;
}

const identity = { name: 'waxseal-test', version: '1.0.0' };
const FROZEN = { code: -32_602, message: 'Invalid or expired requestState', data: { reason: 'invalid_request_state' } };
const inputRequests = { sure: inputRequired.elicit({ message: 'Sure?', requestedSchema: { type: 'object', properties: {} } }) };
const first = { step: 'tell-tale', n: 42 };

/** A server of an author who never heard of the kit's tools: a tool, a prompt and a resource that ask. */
function serverOf(
  codec: RequestStateCodec<Remembered>,
  log: string[],
  options: ServerOptions = { requestState: { verify: codec.verify } },
): McpServer {
  const server = new McpServer(identity, options);
  server.server.onerror = (error) => log.push(error.message);
  /** Asks in the first round, and says in the second what it remembers. */
  async function rounds(ctx: ServerContext) {
    const remembered = ctx.mcpReq.requestState<Remembered>();
    if (remembered === undefined) return inputRequired({ inputRequests, requestState: await codec.mint(first, ctx) });
    return JSON.stringify(remembered);
  }
  for (const name of ['ask', 'ask_too']) {
    server.registerTool(
      name,
      { inputSchema: z.object({ sku: z.string(), at: z.coerce.date().optional() }) },
      codec.bound(name, async (_args, ctx) => {
        const said = await rounds(ctx);
        return typeof said === 'string' ? { content: [{ type: 'text' as const, text: said }] } : said;
      }),
    );
  }
  server.registerTool(
    'bare',
    {},
    codec.bound('bare', async (ctx: ServerContext) => {
      const said = await rounds(ctx);
      return typeof said === 'string' ? { content: [{ type: 'text' as const, text: said }] } : said;
    }),
  );
  server.registerPrompt(
    'draft',
    { argsSchema: z.object({ to: z.string() }) },
    codec.bound('draft', async (_args, ctx) => {
      const said = await rounds(ctx);
      return typeof said === 'string' ? { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: said } }] } : said;
    }),
  );
  server.registerResource(
    'page',
    new ResourceTemplate('page://{number}', { list: undefined }),
    {},
    codec.bound('page://{number}', async (uri, _variables, ctx) => {
      const said = await rounds(ctx);
      return typeof said === 'string' ? { contents: [{ uri: uri.href, text: said }] } : said;
    }),
  );
  server.registerTool(
    'lossy',
    { inputSchema: z.object({ skus: z.array(z.string()).transform((skus) => new Set(skus)) }) },
    codec.bound('lossy', async (_args, ctx) => {
      const said = await rounds(ctx);
      return typeof said === 'string' ? { content: [{ type: 'text' as const, text: said }] } : said;
    }),
  );
  server.registerTool('careless', { inputSchema: z.object({ mints: z.boolean() }) }, async ({ mints }, ctx) => ({
    content: [{ type: 'text', text: mints ? await codec.mint(first, ctx) : JSON.stringify(ctx.mcpReq.requestState()) }],
  }));
  return server;
}

let world: World;
let codec: RequestStateCodec<Remembered>;
let wire: Wire;
let log: string[];
beforeEach(async () => {
  world = await newWorld();
  codec = createRequestStateCodec<Remembered>(world.environment);
  log = [];
  wire = serving(() => serverOf(codec, log));
});

type Ask = (extras: Extras) => Promise<Message>;

function asking(method: string, params: Record<string, unknown>, over = wire): Ask {
  return async (extras) => (await over.send(rawRequest(method, params, { ...FORMS, ...extras }))).message;
}

const tool = (name: string, args: Record<string, unknown>, over = wire) => asking('tools/call', { name, arguments: args }, over);
const prompt = (to: string) => asking('prompts/get', { name: 'draft', arguments: { to } });
const page = (number: number) => asking('resources/read', { uri: `page://${number}` });

async function stateFrom(ask: Ask): Promise<string> {
  const { result } = await ask({});
  expect(result).toMatchObject({ resultType: 'input_required', inputRequests });
  return result.requestState as string;
}

describe('createRequestStateCodec', () => {
  it('gives tools, prompts and resources back what they sealed', async () => {
    for (const ask of [tool('ask', { sku: 'tea' }), tool('bare', {}), prompt('alice'), page(1)]) {
      const requestState = await stateFrom(ask);
      expect(JSON.stringify(await ask({ requestState }))).toContain(JSON.stringify(JSON.stringify(first)).slice(1, -1));
    }
  });

  it('stands where the SDK’s own does', () => {
    const options: ServerOptions = { requestState: { verify: codec.verify } };
    expect(options.requestState?.verify).toBe(codec.verify);
  });

  it('lets nobody read what is sealed', async () => {
    const requestState = await stateFrom(tool('ask', { sku: 'tea' }));
    const parts = requestState.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect([requestState, ...parts].join()).not.toMatch(/tell-tale|tools\/call/);
  });

  it('opens for the same request only: a mismatch of anything is the frozen answer', async () => {
    const requests = [tool('ask', { sku: 'tea' }), prompt('alice'), page(1), prompt('bob'), page(2)];
    const states = await Promise.all(requests.map(stateFrom));
    for (const [mine, ask] of requests.entries()) {
      for (const [theirs, requestState] of states.entries()) {
        const { error } = await ask({ requestState });
        expect(error).toEqual(theirs === mine ? undefined : FROZEN);
      }
    }
  });

  it('in a tool, too, in the only way that McpServer has for what a tool throws', async () => {
    const requestState = await stateFrom(tool('ask', { sku: 'tea' }));
    for (const other of [
      tool('ask', { sku: 'milk' }),
      tool('ask', { sku: 'tea', at: 0 }),
      tool('ask_too', { sku: 'tea' }),
      tool('bare', {}),
    ]) {
      const { result } = await other({ requestState });
      expect(result).toMatchObject({ isError: true, content: [{ type: 'text', text: FROZEN.message }] });
    }
    const dated = await stateFrom(tool('ask', { sku: 'tea', at: 0 }));
    expect((await tool('ask', { sku: 'tea', at: 1 })({ requestState: dated })).result).toMatchObject({ isError: true });
    expect((await tool('ask', { at: 0, sku: 'tea' })({ requestState: dated })).result).not.toHaveProperty('isError');
  });

  it('binds to nothing that JSON does not write: any two sets would be the same', async () => {
    const { result } = await tool('lossy', { skus: ['tea'] })({});
    expect(result).toMatchObject({ isError: true, content: [{ text: 'only JSON has a digest' }] });
  });

  it('refuses what was changed, is of another form, or of another ring, and tells only the log', async () => {
    const ask = tool('ask', { sku: 'tea' });
    const requestState = await stateFrom(ask);
    const task = fieldsOf(await world.call('start_research_task', { topic: 'x' })).handle;
    const at = requestState.length - 40;
    const changed = requestState.slice(0, at) + (requestState[at] === 'A' ? 'B' : 'A') + requestState.slice(at + 1);
    for (const [wrong, reason] of [
      [changed, 'decryption'],
      [requestState.slice(0, -2), 'malformed'],
      ['v1.e30.AAAA', 'malformed'],
      ['', 'malformed'],
      [task, 'wrong_kind'],
    ] as const) {
      expect((await ask({ requestState: wrong })).error).toEqual(FROZEN);
      expect(log.at(-1)).toBe(`requestState verification rejected tools/call: ${reason}`);
    }
    world.ring = await ringOf(await generateRing(NOW));
    expect((await ask({ requestState })).error).toEqual(FROZEN);
    expect(log.at(-1)).toMatch(/unknown_key$/);
  });

  it('refuses it from another caller, and from one where there was none', async () => {
    const ask = tool('ask', { sku: 'tea' });
    const anonymous = await stateFrom(ask);
    wire.principal = callerNamed('alice').principal;
    const hers = await stateFrom(ask);
    expect((await ask({ requestState: hers })).error).toBeUndefined();
    expect((await ask({ requestState: anonymous })).error).toEqual(FROZEN);
    wire.principal = callerNamed('mallory').principal;
    expect((await ask({ requestState: hers })).error).toEqual(FROZEN);
    expect(log.join()).not.toMatch(/alice|mallory|eyJ/);
  });

  it('refuses it in another deployment', async () => {
    const elsewhere = await siblingOf(world, { audience: 'elsewhere' });
    const theirs = serving(() => serverOf(createRequestStateCodec<Remembered>(elsewhere.environment), log));
    const requestState = await stateFrom(tool('ask', { sku: 'tea' }));
    expect((await tool('ask', { sku: 'tea' }, theirs)({ requestState })).error).toEqual(FROZEN);
  });

  it('lets it expire: after ten minutes, or as told', async () => {
    const ask = tool('ask', { sku: 'tea' });
    const requestState = await stateFrom(ask);
    world.now = NOW + 599;
    expect((await ask({ requestState })).error).toBeUndefined();
    world.now = NOW + 600;
    expect((await ask({ requestState })).error).toEqual(FROZEN);

    const hasty = createRequestStateCodec<Remembered>(world.environment, { ttlSeconds: 5 });
    const quick = tool(
      'ask',
      { sku: 'tea' },
      serving(() => serverOf(hasty, log)),
    );
    const brief = await stateFrom(quick);
    world.now += 5;
    expect((await quick({ requestState: brief })).error).toEqual(FROZEN);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 30 * 86_400 + 1])(
    'is refused at its creation with a lifetime of %d',
    (ttlSeconds) => {
      expect(() => createRequestStateCodec(world.environment, { ttlSeconds })).toThrow(RangeError);
    },
  );

  it('protects handlers where nobody gave the server its verify', async () => {
    const unguarded = serving(() => serverOf(codec, log, {}));
    const ask = asking('prompts/get', { name: 'draft', arguments: { to: 'alice' } }, unguarded);
    const requestState = await stateFrom(ask);
    expect((await ask({ requestState })).error).toBeUndefined();
    for (const wrong of ['x', requestState.slice(1), await stateFrom(prompt('bob'))]) {
      expect((await ask({ requestState: wrong })).error).toEqual(FROZEN);
    }
  });
});

describe('a handler that is not bound', () => {
  it('cannot seal', async () => {
    const { result } = await tool('careless', { mints: true })({});
    expect(result).toMatchObject({ isError: true });
    expect(result.content[0].text).toContain('only a handler wrapped in bound() can seal');
  });

  it('reads nothing, neither what is sealed nor what was sealed', async () => {
    const requestState = await stateFrom(tool('ask', { sku: 'tea' }));
    const { result } = await tool('careless', { mints: false })({ requestState });
    expect(result.content[0].text).toBe('{}');
  });
});

describe('beside the kit’s tools on one server', () => {
  it('both work, on clients of either era, and neither takes what is the other’s', async () => {
    const make = () => {
      const server = serverOf(codec, log);
      registerTools(server, toolset(researchTools), world.environment);
      return server;
    };
    const handle = fieldsOf(await world.call('start_research_task', { topic: 'x' })).handle;
    for (const mode of ['modern', 'legacy'] as const) {
      const client = await connected(make, mode, { capabilities: { elicitation: {} } });
      client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
      const completed = await client.callTool({ name: 'complete_research_task', arguments: { handle, findings: [] } });
      expect(completed.structuredContent).toMatchObject({ status: 'complete' });
      expect((await client.callTool({ name: 'ask', arguments: { sku: 'tea' } })).content).toMatchObject([{ text: JSON.stringify(first) }]);
      expect(JSON.stringify(await client.getPrompt({ name: 'draft', arguments: { to: 'x' } }))).toContain('tell-tale');
      expect(JSON.stringify(await client.readResource({ uri: 'page://7' }))).toContain('tell-tale');
    }
    const both = serving(make);
    const complete = tool('complete_research_task', { handle, findings: [] }, both);
    const kits = (await complete({})).result.requestState as string;
    const authors = await stateFrom(tool('ask', { sku: 'tea' }, both));
    for (const { result } of [await complete({ requestState: authors }), await tool('ask', { sku: 'tea' }, both)({ requestState: kits })]) {
      expect(result).toMatchObject({ isError: true, content: [{ text: FROZEN.message }] });
    }
    const answered = await both.send(rawCall('complete_research_task', { handle, findings: [] }, { ...FORMS, requestState: kits }));
    expect(answered.message.result.resultType).toBe('input_required');
  });
});
