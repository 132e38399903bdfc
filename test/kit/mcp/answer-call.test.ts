import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport as InMemoryTransportV1 } from '@modelcontextprotocol/sdk/inMemory.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRequestStateCodec, registerTools, serverOf, type Toolset, toolset } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { FORMS, fieldsOf, newWorld, type World } from '../support.ts';
import { connected, rawCall, rawLegacyCall, serving } from '../wire.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };
const FROZEN = { code: -32_602, message: 'Invalid or expired requestState', data: { reason: 'invalid_request_state' } };
const NAME = 'complete_research_task';

const hosts = {
  Server: (tools: Toolset, { environment }: World) => serverOf(tools, environment, identity),
  McpServer: (tools: Toolset, { environment }: World) => {
    const server = new McpServer(identity);
    registerTools(server, tools, environment);
    return server;
  },
  'McpServer with a codec': (tools: Toolset, { environment }: World) => {
    const codec = createRequestStateCodec({ environment });
    const server = codec.protect(new McpServer(identity, { requestState: { verify: codec.verify } }));
    registerTools(server, tools, environment);
    return server;
  },
};

describe.each(Object.entries(hosts))('questions to a client, on %s', (host, on) => {
  let world: World;
  let make: (list?: 'all' | 'search') => () => ReturnType<typeof on>;
  let args: { handle: string; findings: string[] };
  beforeEach(async () => {
    world = await newWorld();
    make = (list = 'all') => {
      const tools = toolset(researchTools, { list });
      return () => on(tools, world);
    };
    args = { handle: fieldsOf(await world.call('start_research_task', { topic: 'x' })).handle, findings: [] };
  });

  it.each(['modern over HTTP', 'modern', 'legacy'] as const)('are answered, and the client gets the result: %s', async (kind) => {
    const options = { capabilities: { elicitation: {} } };
    const client = kind === 'modern over HTTP' ? await serving(make()).client(options) : await connected(make(), kind, options);
    const actions: ('accept' | 'decline')[] = ['decline', 'accept'];
    const questions: unknown[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      questions.push(params.message);
      return { action: actions.shift() ?? 'cancel', content: {} };
    });
    const declined = await client.callTool({ name: NAME, arguments: args });
    expect(declined).toMatchObject({ isError: true, structuredContent: { error: { code: 'not_confirmed' } } });
    const completed = await client.callTool({ name: NAME, arguments: args });
    expect(completed.structuredContent).toMatchObject({ status: 'complete', result_count: 0 });
    expect(questions).toEqual(Array(2).fill('Complete this research task without any findings?'));
  });

  it('can come from a tool that the client calls through call_tool', async () => {
    const client = await serving(make('search')).client({ capabilities: { elicitation: {} } });
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
    const completed = await client.callTool({ name: 'call_tool', arguments: { name: NAME, arguments: args } });
    expect(completed.structuredContent).toMatchObject({ status: 'complete' });
    expect(world.records.slice(1)).toMatchObject([
      { tool: NAME, outcome: 'input_required' },
      { tool: NAME, outcome: 'ok' },
    ]);
  });

  it('are answered by a client of the SDK’s version 1', async () => {
    const [here, there] = InMemoryTransportV1.createLinkedPair();
    const server = make()();
    await server.connect(there);
    const client = new ClientV1(identity, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
    await client.connect(here);
    const completed = await client.callTool({ name: NAME, arguments: args });
    expect(completed.structuredContent).toMatchObject({ status: 'complete' });
    await client.close();
  });

  it('are asked only of a client that declares the capability elicitation', async () => {
    for (const client of [await serving(make()).client(), await connected(make(), 'legacy'), await connected(make(), 'modern')]) {
      expect((await client.callTool({ name: NAME, arguments: args })).structuredContent).toMatchObject({ status: 'complete' });
    }
  });

  it('are not asked of a 2025 client that declares elicitation in _meta, because only 2026-07-28 defines capabilities there', async () => {
    const wire = serving(make());
    for (const capabilities of [{ elicitation: {} }, { elicitation: null }, { elicitation: { form: null } }, null, 'x', []]) {
      const { message } = await wire.send(rawLegacyCall(NAME, args, { capabilities }));
      expect(message.result.structuredContent).toMatchObject({ status: 'complete' });
    }
    expect(world.records.filter(({ defect }) => defect !== undefined)).toEqual([]);
  });

  it('end with the same error for every invalid requestState, and the error does not tell the reason', async () => {
    const wire = serving(make());
    const { message } = await wire.send(rawCall(NAME, args, FORMS));
    const { requestState } = message.result as { requestState: string };
    const inputResponses = { confirm: { action: 'accept', content: {} } };
    const other = fieldsOf(await world.call('record_findings', { ...args, findings: ['x'] })).handle;
    // The SDK's McpServer turns an error of a tool into a result, and keeps only the message.
    const frozen = (answered: typeof message) =>
      host === 'McpServer' && answered.error === undefined
        ? { ...FROZEN, message: answered.result.content[0].text as string }
        : answered.error;
    for (const wrong of [requestState.replace('..', '..A'), `${requestState.slice(0, -1)}!`, other, 'x', '']) {
      const answered = (await wire.send(rawCall(NAME, args, { ...FORMS, requestState: wrong, inputResponses }))).message;
      expect(frozen(answered)).toEqual(FROZEN);
      const refused = { error: { code: 'invalid_request_state', message: FROZEN.message } };
      expect(answered.result?.structuredContent ?? refused).toEqual(refused);
    }
    for (const wrong of [null, 7, {}]) {
      expect((await wire.send(rawCall(NAME, args, { ...FORMS, requestState: wrong, inputResponses }))).message.error).toEqual(FROZEN);
    }
    wire.principal = { issuer: 'https://issuer.example', subject: 'mallory' };
    expect(frozen((await wire.send(rawCall(NAME, args, { ...FORMS, requestState, inputResponses }))).message)).toEqual(FROZEN);
    wire.principal = undefined;
    const legacy = (await wire.send(rawLegacyCall(NAME, args, { requestState: 'x', inputResponses }))).message;
    expect(frozen(legacy)).toEqual(FROZEN);
    expect(
      (await wire.send(rawCall(NAME, args, { ...FORMS, requestState, inputResponses }))).message.result.structuredContent,
    ).toMatchObject({
      status: 'complete',
    });
    expect(wire.errors.join()).not.toMatch(/eyJ|mallory|asked/);
  });
});
