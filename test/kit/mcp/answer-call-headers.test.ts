/**
 * Arguments that clients repeat in HTTP headers (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool
 * Parameters").
 */
import { McpServer } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { plainTool, registerTools, serverOf, type Toolset, toolset } from '../../../src/kit/index.ts';
import { newWorld, type World } from '../support.ts';
import { rawCall, rawLegacyCall, serving } from '../wire.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };
const HEADER_MISMATCH = -32_020;

const inputSchema = {
  where: z.object({ zone: z.string().meta({ 'x-mcp-header': 'Zone' }).default('a') }).optional(),
  region: z.string().meta({ 'x-mcp-header': 'Region' }).optional(),
  most: z.int().meta({ 'x-mcp-header': 'Most' }).optional(),
};
const query = plainTool('query', { description: '', inputSchema }, ({ region = 'none' }) => ({ text: `${region}` }));

const paths = {
  serverOf: (tools: Toolset, { environment }: World) => serverOf(tools, environment, identity),
  registerTools: (tools: Toolset, { environment }: World) => {
    const server = new McpServer(identity);
    registerTools(server, tools, environment);
    return server;
  },
};

describe.each(Object.entries(paths))('the headers Mcp-Param-*, with %s,', (_path, on) => {
  const sent = async (args: object, headers: Record<string, string>, raw = rawCall) => {
    const world = await newWorld();
    const wire = serving(() => on(toolset([query]), world));
    const request = raw('query', args);
    const { status, message } = await wire.send({ ...request, headers: { ...request.headers, ...headers } });
    return { status, code: message.error?.code, text: message.result?.content[0].text as string | undefined };
  };

  it.each<[string, object, Record<string, string>]>([
    ['with the values of the body', { region: 'eu', most: 7 }, { 'mcp-param-region': 'eu', 'mcp-param-most': '7' }],
    ['for an argument inside another one', { where: { zone: 'b' } }, { 'mcp-param-zone': 'b' }],
    ['with another spelling of a number', { most: 42 }, { 'mcp-param-most': '42.0' }],
    ['in base64', { region: 'Zürich' }, { 'mcp-param-region': `=?base64?${Buffer.from('Zürich').toString('base64')}?=` }],
    ['left out for a missing argument', {}, {}],
    ['left out for null', { region: null }, {}],
  ])('are accepted: %s', async (_how, args, headers) => {
    expect((await sent(args, headers)).status).toBe(200);
  });

  it.each<[string, object, Record<string, string>]>([
    ['with another value than the body', { region: 'eu' }, { 'mcp-param-region': 'us' }],
    ['with the value in capital letters', { region: 'eu' }, { 'mcp-param-region': 'EU' }],
    ['missing', { region: 'eu' }, {}],
    ['missing for an argument inside another one', { where: { zone: 'b' } }, {}],
    ['one of two missing', { region: 'eu', most: 7 }, { 'mcp-param-region': 'eu' }],
    ['with invalid base64', { region: 'eu' }, { 'mcp-param-region': '=?base64?%?=' }],
  ])('are refused before the tool is called: %s', async (_how, args, headers) => {
    expect(await sent(args, headers)).toEqual({ status: 400, code: HEADER_MISMATCH, text: undefined });
  });

  it('are not demanded in the 2025 revisions', async () => {
    expect((await sent({ region: 'eu' }, {}, rawLegacyCall)).text).toBe('eu');
  });

  it('are not demanded through call_tool, because clients of call_tool do not know these headers', async () => {
    const world = await newWorld();
    const wire = serving(() => on(toolset([query], { list: 'search' }), world));
    const { message } = await wire.send(rawCall('call_tool', { name: 'query', arguments: { region: 'eu' } }));
    expect(message.result.content[0].text).toBe('eu');
  });
});
