import { McpServer } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { registerTools, serverOf, toolset } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { legacyRequest, modernRequest } from '../../support/mcp.ts';
import { newWorld, type World } from '../support.ts';
import { connected, serving } from '../wire.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const tools = toolset(researchTools);
const identity = { name: 'test', version: '1.0.0' };
const paths = {
  Server: () => serverOf(tools, world.environment, identity),
  McpServer: () => {
    const server = new McpServer(identity);
    registerTools(server, tools, world.environment);
    return server;
  },
};

describe.each(['Server', 'McpServer'] as const)('a request with small faults, on the SDK’s %s', (path) => {
  it('can have null, an empty list or an empty string as its arguments, and null as its cursor', async () => {
    const wire = serving(paths[path]);
    for (const request of [legacyRequest, modernRequest]) {
      for (const args of [null, [], '', '{}', '[]']) {
        const { message } = await wire.send(request('tools/call', { name: 'start_research_task', arguments: args }));
        expect(message.result).toMatchObject({ isError: true, structuredContent: { error: { code: 'invalid_arguments' } } });
      }
      expect((await wire.send(request('tools/list', { cursor: null }))).message.result.tools).toHaveLength(6);
    }
    const client = await connected(paths[path], 'legacy');
    const called = client.callTool({ name: 'start_research_task', arguments: null } as never);
    expect(await called).toMatchObject({ structuredContent: { error: { code: 'invalid_arguments' } } });
  });

  it('can have its arguments in a string of JSON', async () => {
    const wire = serving(paths[path]);
    for (const request of [legacyRequest, modernRequest]) {
      const { message } = await wire.send(request('tools/call', { name: 'start_research_task', arguments: '{"topic": "wax"}' }));
      expect(message.result).toMatchObject({ structuredContent: { status: 'running' } });
    }
  });

  it('is refused as invalid params and described in words, not as zod’s JSON', async () => {
    const wire = serving(paths[path]);
    for (const [request, named] of [
      [legacyRequest('initialize', { protocolVersion: '2025-06-18', capabilities: {} }), 'clientInfo'],
      [legacyRequest('tools/call', { name: 7 }), 'name'],
      [legacyRequest('tools/call', { name: 'start_research_task', arguments: ['wax'] }), 'arguments'],
      [legacyRequest('tools/call', { name: 'start_research_task', arguments: '["wax"]' }), 'arguments'],
      [modernRequest('tools/call', { name: 'start_research_task', arguments: 'x' }), 'arguments'],
      [modernRequest('tools/list', { cursor: 7 }), 'cursor'],
    ] as const) {
      const { error } = (await wire.send(request)).message;
      expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining(named) });
      expect(error?.message).not.toMatch(/[[{]|invalid_type/);
    }
  });
});
