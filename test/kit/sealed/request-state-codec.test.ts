import {
  createRequestStateCodec as createSdkCodec,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type RequestStateCodec as SdkCodec,
  Server,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { systemClock } from '../../../src/handle/index.ts';
import { generateRing, RingError, toText } from '../../../src/keys/index.ts';
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

/** A server without tools of the kit. Its tools, prompt and resource ask questions. */
function serverOf(
  codec: RequestStateCodec<Remembered>,
  log: string[],
  options: ServerOptions = { requestState: { verify: codec.verify } },
): McpServer {
  const server = codec.protect(new McpServer(identity, options));
  server.server.onerror = (error) => log.push(error.message);
  /** Asks in the first round. In the second round, returns what it remembered. */
  async function rounds(ctx: ServerContext) {
    const remembered = ctx.mcpReq.requestState<Remembered>();
    if (remembered === undefined) return inputRequired({ inputRequests, requestState: await codec.mint(first, ctx) });
    return JSON.stringify(remembered);
  }
  for (const name of ['ask', 'ask_too']) {
    server.registerTool(name, { inputSchema: z.object({ sku: z.string(), at: z.coerce.date().optional() }) }, async (_args, ctx) => {
      const said = await rounds(ctx);
      return typeof said === 'string' ? { content: [{ type: 'text' as const, text: said }] } : said;
    });
  }
  server.registerTool('bare', {}, async (ctx: ServerContext) => {
    const said = await rounds(ctx);
    return typeof said === 'string' ? { content: [{ type: 'text' as const, text: said }] } : said;
  });
  server.registerPrompt('draft', { argsSchema: z.object({ to: z.string() }) }, async (_args, ctx) => {
    const said = await rounds(ctx);
    return typeof said === 'string' ? { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: said } }] } : said;
  });
  server.registerResource('page', new ResourceTemplate('page://{number}', { list: undefined }), {}, async (uri, _variables, ctx) => {
    const said = await rounds(ctx);
    return typeof said === 'string' ? { contents: [{ uri: uri.href, text: said }] } : said;
  });
  server.registerTool(
    'lossy',
    { inputSchema: z.object({ skus: z.array(z.string()).transform((skus) => new Set(skus)) }) },
    async (_args, ctx) => {
      const said = await rounds(ctx);
      return typeof said === 'string' ? { content: [{ type: 'text' as const, text: said }] } : said;
    },
  );
  return server;
}

let world: World;
let codec: RequestStateCodec<Remembered>;
let wire: Wire;
let log: string[];
beforeEach(async () => {
  world = await newWorld();
  codec = createRequestStateCodec<Remembered>({ environment: world.environment });
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
  it('gives tools, prompts and resources the states that they sealed before', async () => {
    for (const ask of [tool('ask', { sku: 'tea' }), tool('bare', {}), prompt('alice'), page(1)]) {
      const requestState = await stateFrom(ask);
      expect(JSON.stringify(await ask({ requestState }))).toContain(JSON.stringify(JSON.stringify(first)).slice(1, -1));
    }
  });

  it('returns a codec that fits the options of the SDK’s server', () => {
    const options: ServerOptions = { requestState: { verify: codec.verify } };
    expect(options.requestState?.verify).toBe(codec.verify);
  });

  it('encrypts a state, so that no client can read it', async () => {
    const requestState = await stateFrom(tool('ask', { sku: 'tea' }));
    const parts = requestState.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect([requestState, ...parts].join()).not.toMatch(/tell-tale|tools\/call/);
  });

  it('opens a state only for its own request, and answers every other request with the same error', async () => {
    const requests = [
      tool('ask', { sku: 'tea' }),
      tool('ask', { sku: 'milk' }),
      tool('ask', { sku: 'tea', at: 0 }),
      tool('ask_too', { sku: 'tea' }),
      tool('bare', {}),
      // JSON writes every set as {}. So the digest must cover the arguments before they are parsed.
      tool('lossy', { skus: ['tea'] }),
      tool('lossy', { skus: ['milk'] }),
      ...[prompt('alice'), page(1), prompt('bob'), page(2)],
    ];
    const states = await Promise.all(requests.map(stateFrom));
    for (const [mine, ask] of requests.entries()) {
      for (const [theirs, requestState] of states.entries()) {
        const { error } = await ask({ requestState });
        expect(error).toEqual(theirs === mine ? undefined : FROZEN);
      }
    }
    const dated = await stateFrom(tool('ask', { sku: 'tea', at: 0 }));
    expect((await tool('ask', { at: 0, sku: 'tea' })({ requestState: dated })).error).toBeUndefined();
  });

  it('refuses a changed or foreign state, and the reason is only in the log', async () => {
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

  it('refuses the state of another caller, and the state of an anonymous caller if an authenticated caller sends it', async () => {
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

  it('refuses a state from another deployment', async () => {
    const elsewhere = await siblingOf(world, { audience: 'elsewhere' });
    const theirs = serving(() => serverOf(createRequestStateCodec<Remembered>({ environment: elsewhere.environment }), log));
    const requestState = await stateFrom(tool('ask', { sku: 'tea' }));
    expect((await tool('ask', { sku: 'tea' }, theirs)({ requestState })).error).toEqual(FROZEN);
  });

  it('lets a state expire after ten minutes, or after ttlSeconds', async () => {
    const ask = tool('ask', { sku: 'tea' });
    const requestState = await stateFrom(ask);
    world.now = NOW + 599;
    expect((await ask({ requestState })).error).toBeUndefined();
    world.now = NOW + 600;
    expect((await ask({ requestState })).error).toEqual(FROZEN);

    const hasty = createRequestStateCodec<Remembered>({ environment: world.environment, ttlSeconds: 5 });
    const quick = tool(
      'ask',
      { sku: 'tea' },
      serving(() => serverOf(hasty, log)),
    );
    const brief = await stateFrom(quick);
    world.now += 5;
    expect((await quick({ requestState: brief })).error).toEqual(FROZEN);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 30 * 86_400 + 1])('throws at once if ttlSeconds is %d', (ttlSeconds) => {
    expect(() => createRequestStateCodec({ environment: world.environment, ttlSeconds })).toThrow(RangeError);
  });

  it('protects handlers even if the server was made without verify', async () => {
    const unguarded = serving(() => serverOf(codec, log, {}));
    const ask = asking('prompts/get', { name: 'draft', arguments: { to: 'alice' } }, unguarded);
    const requestState = await stateFrom(ask);
    expect((await ask({ requestState })).error).toBeUndefined();
    for (const wrong of ['x', requestState.slice(1), await stateFrom(prompt('bob'))]) {
      expect((await ask({ requestState: wrong })).error).toEqual(FROZEN);
    }
  });
});

describe('a codec in place of the SDK’s own codec', () => {
  type AnyCodec = Pick<SdkCodec<Remembered>, 'mint' | 'verify'>;

  /** A server as the SDK's documentation shows it. */
  function plainServer({ mint, verify }: AnyCodec): McpServer {
    const server = new McpServer(identity, { requestState: { verify } });
    server.server.onerror = (error) => log.push(error.message);
    for (const name of ['ask', 'ask_too']) {
      server.registerTool(name, { inputSchema: z.object({ sku: z.string() }) }, async (_args, ctx) => {
        const remembered = ctx.mcpReq.requestState<Remembered>();
        if (remembered === undefined) return inputRequired({ inputRequests, requestState: await mint(first, ctx) });
        return { content: [{ type: 'text', text: JSON.stringify(remembered) }] };
      });
    }
    return server;
  }

  const codecs = {
    theirs: (): AnyCodec => createSdkCodec<Remembered>({ key: 'k'.repeat(32) }),
    ours: (): AnyCodec => createRequestStateCodec<Remembered>({ environment: world.environment }) as AnyCodec,
  };
  const plain = (made: AnyCodec = codecs.ours()) => serving(() => plainServer(made));

  it.each(['theirs', 'ours'] as const)('works for clients of 2026-07-28 and of 2025, as the SDK’s own codec does: %s', async (which) => {
    const made = codecs[which]();
    const options = { capabilities: { elicitation: {} } };
    for (const client of [await plain(made).client(options), await connected(() => plainServer(made), 'legacy', options)]) {
      client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
      expect((await client.callTool({ name: 'ask', arguments: { sku: 'tea' } })).content).toMatchObject([{ text: JSON.stringify(first) }]);
    }
    for (const wrong of ['x', '', 'v1.e30.AAAA']) {
      expect((await tool('ask', { sku: 'tea' }, plain(made))({ requestState: wrong })).error).toEqual(FROZEN);
    }
  });

  it('encrypts states, binds them to the caller, and lets them expire after ten minutes', async () => {
    const over = plain();
    const ask = tool('ask', { sku: 'tea' }, over);
    const requestState = await stateFrom(ask);
    expect(Buffer.from(requestState.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('tell-tale');
    expect((await ask({ requestState })).result.content[0].text).toBe(JSON.stringify(first));
    over.principal = callerNamed('mallory').principal;
    expect((await ask({ requestState })).error).toEqual(FROZEN);
    over.principal = undefined;
    world.now = NOW + 600;
    expect((await ask({ requestState })).error).toEqual(FROZEN);
  });

  it('binds states to the text that the function bind returns, as the SDK’s codec does', async () => {
    let tenant = 'one';
    const ours = createRequestStateCodec<Remembered>({ environment: world.environment, bind: () => tenant }) as AnyCodec;
    const ask = tool('ask', { sku: 'tea' }, plain(ours));
    const requestState = await stateFrom(ask);
    expect((await ask({ requestState })).error).toBeUndefined();
    tenant = 'two';
    expect((await ask({ requestState })).error).toEqual(FROZEN);
    expect((await ask({ requestState: await stateFrom(tool('ask', { sku: 'tea' }, plain())) })).error).toEqual(FROZEN);
  });

  it('keeps apart the states of protected servers, of unprotected servers and of the kit’s tools', async () => {
    const open = tool('ask', { sku: 'tea' }, plain());
    const closed = tool('ask', { sku: 'tea' });
    const { handle } = fieldsOf(await world.call('start_research_task', { topic: 'x' }));
    const kits = (await world.ask('complete_research_task', { handle, findings: [] }, FORMS)).requestState;
    for (const requestState of [await stateFrom(closed), kits]) expect((await open({ requestState })).error).toEqual(FROZEN);
    for (const requestState of [await stateFrom(open), kits]) expect((await closed({ requestState })).error).toEqual(FROZEN);
  });

  it('refuses to mint without a context, because the state would open for any caller', async () => {
    await expect(codecs.ours().mint(first)).rejects.toThrow('ctx is missing');
  });
});

describe('the ring of a codec', () => {
  it('can be a text, or a function that returns it, also in base64, and that is called again only after a failure', async () => {
    const text = toText(await generateRing(systemClock()));
    let [asked, fails] = [0, true];
    const keys = async () => {
      asked += 1;
      if (fails) throw new Error('the secret manager is away');
      return Buffer.from(text).toString('base64');
    };
    const asking = (made: RequestStateCodec<Remembered>) => {
      const over = serving(() => serverOf(made, log));
      return tool('ask', { sku: 'tea' }, over);
    };
    const late = asking(createRequestStateCodec<Remembered>({ keys }));
    expect((await late({})).result).toMatchObject({ isError: true });
    fails = false;
    const requestState = await stateFrom(late);
    expect((await late({ requestState })).error).toBeUndefined();
    expect(asked).toBe(2);
    expect((await asking(createRequestStateCodec<Remembered>({ keys: text }))({ requestState })).error).toBeUndefined();
  });

  it.each([undefined, '', 'no ring', '{"keys":[]}'])('is checked when the codec is made: %j is refused', (keys) => {
    expect(() => createRequestStateCodec({ keys })).toThrow(RingError);
  });
});

describe('protect', () => {
  it('throws if a tool was registered before the call of protect', () => {
    const server = new McpServer(identity);
    server.registerTool('early', {}, async () => ({ content: [] }));
    expect(() => codec.protect(server)).toThrow(/tools\/call/);
  });

  it('works on the SDK’s lower-level Server as it does on McpServer', async () => {
    const low = serving(() => {
      const server = codec.protect(new Server(identity, { capabilities: { tools: {} }, requestState: { verify: codec.verify } }));
      server.setRequestHandler('tools/call', async (_request, ctx) => {
        const remembered = ctx.mcpReq.requestState<Remembered>();
        if (remembered === undefined) return inputRequired({ inputRequests, requestState: await codec.mint(first, ctx) });
        return { content: [{ type: 'text', text: JSON.stringify(remembered) }] };
      });
      return server;
    });
    const requestState = await stateFrom(tool('any', { n: 1 }, low));
    expect((await tool('any', { n: 1 }, low)({ requestState })).result.content[0].text).toBe(JSON.stringify(first));
    expect((await tool('any', { n: 2 }, low)({ requestState })).error).toEqual(FROZEN);
  });
});

describe('a codec and the kit’s tools on one server', () => {
  it('work for clients of 2026-07-28 and of 2025, and do not open each other’s states', async () => {
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
    const ofKit = await complete({ requestState: authors });
    expect(ofKit.result).toMatchObject({ isError: true, structuredContent: { error: { code: 'invalid_request_state' } } });
    expect((await tool('ask', { sku: 'tea' }, both)({ requestState: kits })).error).toEqual(FROZEN);
    const answered = await both.send(rawCall('complete_research_task', { handle, findings: [] }, { ...FORMS, requestState: kits }));
    expect(answered.message.result.resultType).toBe('input_required');
  });
});
