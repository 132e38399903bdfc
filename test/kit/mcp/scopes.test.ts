import { McpServer } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, plainTool, registerTools, requireScopes, serverOf, toolset } from '../../../src/kit/index.ts';
import { legacyRequest, modernRequest } from '../../support/mcp.ts';
import { callerNamed, newWorld, type World } from '../support.ts';
import { connected, rawCall, rawLegacyCall, serving, type Wire } from '../wire.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };
const note = defineKind({ name: 'note', version: 1, schema: z.string(), lifetime: 60 });
const write = createTool(note, 'write', { description: 'Writes.', scopeChallenge: requireScopes('notes:write', 'notes:read') }, () => ({
  state: '',
  text: 'Written.',
}));
const told: (readonly string[])[] = [];
const look = plainTool('look', { description: 'Looks.' }, (_input, { scopes }) => {
  told.push(scopes);
  return { text: 'Looked.' };
});
/** A tool whose scopes depend on its arguments. `notes:admin` implies `notes:write` (MCP, basic/authorization). */
const erase = plainTool(
  'erase',
  {
    description: 'Erases.',
    inputSchema: { all: z.boolean().default(false) },
    scopeChallenge: ({ request, authInfo }) => {
      const wanted = (request.params?.['arguments'] as { all?: boolean } | undefined)?.all ? 'notes:admin' : 'notes:write';
      return authInfo?.scopes.some((scope) => [wanted, 'notes:admin'].includes(scope)) ? undefined : { scopes: [wanted] };
    },
  },
  () => ({ text: 'Erased.' }),
);

const paths = {
  serverOf: ({ environment }: World, list: 'all' | 'search') => serverOf(toolset([write, look, erase], { list }), environment, identity),
  registerTools: ({ environment }: World, list: 'all' | 'search') => {
    const server = new McpServer(identity);
    registerTools(server, toolset([write, look, erase], { list }), environment);
    return server;
  },
};

describe.each(Object.entries(paths))('a tool that demands scopes, on a server from %s', (_path, on) => {
  let world: World;
  let wire: Wire;
  beforeEach(async () => {
    world = await newWorld();
    wire = serving(() => on(world, 'all'));
    wire.principal = callerNamed('alice').principal;
  });

  it.each([
    ['2026-07-28', rawCall],
    ['2025', rawLegacyCall],
  ])('refuses a caller that lacks one of its scopes, and names all its scopes: revision %s', async (_era, raw) => {
    wire.scopes = ['notes:read'];
    const { status, headers } = await wire.send(raw('write', {}));
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope".*scope="notes:write notes:read"/);
    expect(world.records).toEqual([]);
    wire.scopes = ['notes:read', 'notes:write'];
    expect((await wire.send(raw('write', {}))).message.result).toMatchObject({ structuredContent: { message: 'Written.' } });
  });

  it('is listed for every caller, and does not affect the other tools', async () => {
    for (const request of [modernRequest('tools/list'), legacyRequest('tools/list')]) {
      const { tools } = (await wire.send(request)).message.result as { tools: { name: string }[] };
      expect(tools.map(({ name }) => name)).toEqual(['write', 'look', 'erase', ...tools.slice(3).map(({ name }) => name)]);
    }
    wire.scopes = ['a', 'b'];
    expect((await wire.send(rawCall('look', {}))).status).toBe(200);
    expect(told.at(-1)).toEqual(['a', 'b']);
  });

  it('can choose the scopes by the arguments, and can accept a broader scope', async () => {
    const answered = async (scopes: string[], all: boolean) => {
      wire.scopes = scopes;
      const { status, headers } = await wire.send(rawCall('erase', { all }));
      return status === 200 ? 'erased' : /scope="([^"]*)"/.exec(headers.get('www-authenticate') ?? '')?.[1];
    };
    expect(await answered([], false)).toBe('notes:write');
    expect(await answered(['notes:write'], false)).toBe('erased');
    expect(await answered(['notes:write'], true)).toBe('notes:admin');
    expect(await answered(['notes:admin'], false)).toBe('erased');
  });

  it('demands the same scopes through call_tool as in a direct call', async () => {
    wire = serving(() => on(world, 'search'));
    wire.principal = callerNamed('alice').principal;
    const through = (name: string, args: unknown) => wire.send(rawCall('call_tool', { name, arguments: args }));
    expect((await through('write', {})).headers.get('www-authenticate')).toContain('scope="notes:write notes:read"');
    expect((await through('look', {})).status).toBe(200);
    wire.scopes = ['notes:write'];
    expect((await through('erase', { all: false })).status).toBe(200);
    expect((await through('erase', { all: true })).status).toBe(403);
    for (const given of [{}, { name: 7 }, { name: 'call_tool', arguments: { name: 'write' } }, { name: 'nope' }]) {
      const { message } = await wire.send(rawCall('call_tool', given));
      expect(message.result).toMatchObject({ isError: true });
    }
  });

  it('refuses a call without the scopes even if the transport does not check them', async () => {
    const lower = serving(() => on(world, 'all').server);
    lower.principal = callerNamed('alice').principal;
    const { message } = await lower.send(rawCall('write', {}));
    expect(message.result).toMatchObject({ isError: true, structuredContent: { error: { code: 'insufficient_scope' } } });
    expect(message.result.content[0].text).toContain('notes:write, notes:read');
    expect(world.records).toMatchObject([{ tool: 'write', outcome: 'error', code: 'insufficient_scope' }]);
  });

  it('demands scopes only with authorization, so never over standard input and output', async () => {
    const client = await connected(() => on(world, 'all'), 'modern');
    expect(await client.callTool({ name: 'write', arguments: {} })).not.toHaveProperty('isError');
  });
});
