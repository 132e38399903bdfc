/** What a client is told while its call is under way, on every path, in both eras. */
import { McpServer } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Call, plainTool, registerTools, serverOf, toolset } from '../../../src/kit/index.ts';
import { modernRequest } from '../../support/mcp.ts';
import { newWorld, type World } from '../support.ts';
import { connected, serving } from '../wire.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };

/** What its last call was given. */
let call: Call;
const count = plainTool('count', { description: '', inputSchema: { steps: z.array(z.number()) } }, async ({ steps }, given) => {
  call = given;
  for (const progress of steps) await given.progress({ progress, total: 3, message: `step ${progress}` });
  await given.log('debug', 'counting', 'counter');
  await given.log('warning', { counted: steps.length });
  return { text: 'Counted.' };
});
const tools = toolset([count]);

const paths = {
  serverOf: ({ environment }: World) => serverOf(tools, environment, identity),
  registerTools: ({ environment }: World) => {
    const server = new McpServer(identity, { capabilities: { logging: {} } });
    registerTools(server, tools, environment);
    return server;
  },
};

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

describe.each(Object.entries(paths))('a client of %s', (_path, on) => {
  it.each(['modern over HTTP', 'modern', 'legacy'] as const)('hears how far the work is, if it asks: %s', async (era) => {
    const make = () => on(world);
    const client = era === 'modern over HTTP' ? await serving(make).client() : await connected(make, era);
    const heard: unknown[] = [];
    const steps = [1, 2, 2, 1, 3];
    const { content } = await client.callTool({ name: 'count', arguments: { steps } }, { onprogress: (progress) => heard.push(progress) });
    expect(content).toEqual([{ type: 'text', text: 'Counted.' }]);
    // MCP has it grow with every notification: what does not is not told.
    expect(heard).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
    await client.callTool({ name: 'count', arguments: { steps } });
    expect(heard).toHaveLength(3);
  });

  it('hears lines of log of the level that it asks for', async () => {
    const { answer } = serving(() => on(world));
    const logged = async (level: Record<string, string>) => {
      const request = modernRequest('tools/call', { name: 'count', arguments: { steps: [] } });
      const body = JSON.parse(request.body) as { params: { _meta: object } };
      Object.assign(body.params._meta, level);
      const text = await answer({ ...request, body: JSON.stringify(body) });
      return [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data).params).filter(Boolean);
    };
    const level = 'io.modelcontextprotocol/logLevel';
    expect(await logged({})).toEqual([]);
    expect(await logged({ [level]: 'info' })).toEqual([{ level: 'warning', data: { counted: 0 } }]);
    expect(await logged({ [level]: 'debug' })).toEqual([
      { level: 'debug', data: 'counting', logger: 'counter' },
      { level: 'warning', data: { counted: 0 } },
    ]);
  });

  it('hears nothing more once it has its answer', async () => {
    const client = await connected(() => on(world), 'modern');
    const heard: unknown[] = [];
    await client.callTool({ name: 'count', arguments: { steps: [1] } }, { onprogress: (progress) => heard.push(progress) });
    await call.progress({ progress: 2 });
    await call.log('emergency', 'too late');
    // Over one connection a later answer comes behind whatever was sent before it.
    await client.callTool({ name: 'count', arguments: { steps: [] } });
    expect(heard).toHaveLength(1);
  });

  it('costs its tool nothing where it cannot be told: not even what is no JSON', async () => {
    const client = await connected(() => on(world), 'legacy');
    await client.callTool({ name: 'count', arguments: { steps: [1n as unknown as number].map(Number) } }, { onprogress: () => {} });
    await expect(call.log('info', 1n)).resolves.toBeUndefined();
  });

  it('says in _meta what it will, and tells its tool so', async () => {
    const client = await connected(() => on(world), 'modern');
    await client.callTool({ name: 'count', arguments: { steps: [] }, _meta: { 'example.com/trip': 'a7' } });
    expect(call._meta).toMatchObject({ 'example.com/trip': 'a7' });
    expect(Object.keys(call._meta).filter((key) => key.startsWith('io.modelcontextprotocol/'))).toEqual([]);
  });
});

describe('a tool that is called by a program, and by no client', () => {
  it('has all of that, and tells nobody', async () => {
    await (await newWorld({ tools: [count] })).call('count', { steps: [1] });
    expect(call).toMatchObject({ scopes: [], _meta: {}, signal: { aborted: false } });
  });
});
