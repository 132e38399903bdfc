/** Tests the notifications that a client gets during a call. */
import { McpServer } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Call, plainTool, registerTools, serverOf, toolset } from '../../../src/kit/index.ts';
import { modernRequest } from '../../support/mcp.ts';
import { newWorld, type World } from '../support.ts';
import { connected, serving } from '../wire.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };

/** The last call that the tool got. */
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

describe.each(Object.entries(paths))('a client of a server from %s', (_path, on) => {
  it.each(['modern over HTTP', 'modern', 'legacy'] as const)('gets progress notifications if it asks for them: %s', async (era) => {
    const make = () => on(world);
    const client = era === 'modern over HTTP' ? await serving(make).client() : await connected(make, era);
    const heard: unknown[] = [];
    const steps = [1, 2, 2, 1, 3];
    const { content } = await client.callTool({ name: 'count', arguments: { steps } }, { onprogress: (progress) => heard.push(progress) });
    expect(content).toEqual([{ type: 'text', text: 'Counted.' }]);
    // In MCP, progress must grow. So the kit omits the second 2 and the second 1.
    expect(heard).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
    await client.callTool({ name: 'count', arguments: { steps } });
    expect(heard).toHaveLength(3);
  });

  it('gets log messages of the level that it asks for', async () => {
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

  it('gets no notification after the answer', async () => {
    const client = await connected(() => on(world), 'modern');
    const heard: unknown[] = [];
    await client.callTool({ name: 'count', arguments: { steps: [1] } }, { onprogress: (progress) => heard.push(progress) });
    await call.progress({ progress: 2 });
    await call.log('emergency', 'too late');
    // Messages arrive in order, so any earlier notification is here before this answer.
    await client.callTool({ name: 'count', arguments: { steps: [] } });
    expect(heard).toHaveLength(1);
  });

  it('gets no log message that is not JSON, and such a message does not make the handler fail', async () => {
    const client = await connected(() => on(world), 'legacy');
    await client.callTool({ name: 'count', arguments: { steps: [1n as unknown as number].map(Number) } }, { onprogress: () => {} });
    await expect(call.log('info', 1n)).resolves.toBeUndefined();
  });

  it('can pass _meta to a tool, but the tool does not get the members that the SDK reads', async () => {
    const client = await connected(() => on(world), 'modern');
    await client.callTool({ name: 'count', arguments: { steps: [] }, _meta: { 'example.com/trip': 'a7' } });
    expect(call._meta).toMatchObject({ 'example.com/trip': 'a7' });
    expect(Object.keys(call._meta).filter((key) => key.startsWith('io.modelcontextprotocol/'))).toEqual([]);
  });
});

describe('a tool that a program calls without a client', () => {
  it('gets a call object with all members, and its notifications are dropped', async () => {
    await (await newWorld({ tools: [count] })).call('count', { steps: [1] });
    expect(call).toMatchObject({ scopes: [], _meta: {}, signal: { aborted: false } });
  });
});
