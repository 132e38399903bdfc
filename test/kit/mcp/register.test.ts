import { McpServer } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, registerTools, serverOf, toolset } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { legacyRequest, modernRequest } from '../../support/mcp.ts';
import { callerNamed, fieldsOf, newWorld, type World } from '../support.ts';
import { connected, listedOn, rawCall, rawLegacyCall, serving } from '../wire.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };
const tools = toolset(researchTools);

/** A server with its author's own tool, prompt and resource. */
function authors(): McpServer {
  const server = new McpServer(identity);
  server.registerTool('add', { description: 'Adds.', inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }));
  server.registerPrompt('greet', {}, () => ({ messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }] }));
  server.registerResource('page', 'page://1', {}, () => ({ contents: [{ uri: 'page://1', text: 'one' }] }));
  return server;
}

function both(world: World, list: 'all' | 'search' = 'all'): McpServer {
  const server = authors();
  registerTools(server, toolset(researchTools, { list }), world.environment);
  return server;
}

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld();
  handle = fieldsOf(await world.call('start_research_task', { topic: 'x' })).handle;
});

describe('registerTools', () => {
  it('lists the kit’s definitions after the author’s own', async () => {
    const wire = serving(() => both(world));
    const [own, ...kits] = await listedOn(wire);
    expect(own).toEqual((await listedOn(serving(authors)))[0]);
    expect(kits).toEqual(JSON.parse(JSON.stringify(tools.definitions)));
    const [, ...legacy] = await listedOn(wire, legacyRequest('tools/list'));
    expect(legacy).toEqual(kits);
    expect((await listedOn(serving(() => both(world, 'search')))).map(({ name }) => name)).toEqual([
      'add',
      'search_tools',
      'describe_tool',
      'call_tool',
    ]);
  });

  it('does not change the author’s tools, prompts and resources', async () => {
    const [before, after] = [serving(authors), serving(() => both(world))];
    const requests = [
      rawCall('add', { a: 1, b: 2 }),
      rawCall('add', { a: '1' }),
      rawCall('add', { a: 1, b: 2, requestState: 'x' }),
      rawLegacyCall('add', { a: 1, b: 2 }),
      modernRequest('prompts/list'),
      modernRequest('prompts/get', { name: 'greet' }),
      modernRequest('resources/list'),
    ];
    for (const request of requests) expect((await after.send(request)).message).toEqual((await before.send(request)).message);
    for (const mode of ['legacy', 'modern'] as const) {
      const client = await connected(() => both(world), mode);
      expect(await client.readResource({ uri: 'page://1' })).toMatchObject({ contents: [{ text: 'one' }] });
    }
  });

  it('answers exactly as serverOf does, with the kit’s errors', async () => {
    const [low, high] = [serving(() => serverOf(tools, world.environment, identity)), serving(() => both(world))];
    const readOnly = fieldsOf(await world.call('delegate_task', { handle })).handle;
    const calls: [name: string, args: unknown][] = [
      ['get_task_status', { handle }],
      ['get_task_status', {}],
      ['get_task_status', undefined],
      ['get_task_status', { handle, other: 1 }],
      ['get_task_status', { handle: 7 }],
      ['get_task_status', { handle: handle.slice(9) }],
      ['record_findings', { handle, findings: [] }],
      ['record_findings', { handle, findings: [7] }],
      ['record_findings', { handle: readOnly, findings: ['x'] }],
      ['complete_research_task', { handle: null, findings: [] }],
      ['get_task_status', null],
      ['get_task_status', []],
    ];
    for (const [name, args] of calls) {
      for (const raw of [rawCall, rawLegacyCall]) {
        const [lower, higher] = [await low.send(raw(name, args)), await high.send(raw(name, args))];
        expect(higher).toEqual(lower);
      }
    }
  });

  it('opens a handle only for the handle’s own caller', async () => {
    const wire = serving(() => both(world));
    wire.principal = callerNamed('alice').principal;
    const started = (await wire.send(rawCall('start_research_task', { topic: 'hers' }))).message.result;
    const hers = started.structuredContent.handle as string;
    expect((await wire.send(rawCall('get_task_status', { handle: hers }))).message.result.structuredContent.topic).toBe('hers');
    wire.principal = callerNamed('mallory').principal;
    const { result } = (await wire.send(rawCall('get_task_status', { handle: hers }))).message;
    expect(result.structuredContent).toEqual({ error: { code: 'rejected', message: expect.stringContaining('pass that handle again') } });
  });

  it('throws if the server already has a tool with the name of one of the kit’s tools', () => {
    const server = new McpServer(identity);
    server.registerTool('get_task_status', {}, () => ({ content: [] }));
    expect(() => registerTools(server, tools, world.environment)).toThrow(/get_task_status.*already registered/);
  });

  it('hides the details of a defect from the client', async () => {
    const kind = defineKind({ name: 'note', version: 1, schema: z.string(), lifetime: 60 });
    const broken = createTool(kind, 'broken', { description: '' }, () => {
      throw new Error('secret state');
    });
    for (const on of [
      () => serverOf(toolset([broken]), world.environment, identity),
      () => {
        const server = new McpServer(identity);
        registerTools(server, toolset([broken]), world.environment);
        return server;
      },
    ]) {
      const { message } = await serving(on).send(rawCall('broken', {}));
      expect(JSON.stringify(message)).not.toContain('secret');
      expect(JSON.stringify(message)).toContain('This tool failed because of a defect in the server.');
    }
  });
});

describe('arguments that are nested as deep as a request can be', () => {
  it('are refused like other wrong arguments', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const on of [() => serverOf(tools, world.environment, identity), () => both(world)]) {
      const wire = serving(on);
      for (const [name, args] of [
        ['start_research_task', { topic: 'DEEP' }],
        ['get_task_status', { handle: 'DEEP' }],
        ['record_findings', { handle, findings: 'DEEP' }],
        ['delegate_task', { handle, rights: 'DEEP' }],
      ] as const) {
        for (const raw of [rawCall(name, args), rawLegacyCall(name, args)]) {
          const { status, message } = await wire.send({ ...raw, body: raw.body.replace('"DEEP"', deep) });
          expect(status).toBe(200);
          expect(message.result).toMatchObject({
            isError: true,
            structuredContent: { error: { code: expect.stringMatching(/malformed|invalid/) } },
          });
        }
      }
    }
  });
});
