import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioClientTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as StreamableHTTPClientTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { research } from '../support/findings.ts';
import { ringFile } from '../support/folders.ts';
import { type Answer, MODERN } from '../support/mcp.ts';
import { MAIN, type RunningServer, startServer } from '../support/program.ts';
import { until } from '../support/wait.ts';

const TOOLS = [
  'start_research_task',
  'get_task_status',
  'record_findings',
  'complete_research_task',
  'cancel_research_task',
  'delegate_task',
];

/** The methods that the clients of both SDK versions have. */
interface Connected {
  listTools(): Promise<{ tools: { name: string }[]; ttlMs?: unknown; cacheScope?: unknown }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

/** A connected client, and the pid of the server if the client started it. */
interface Connection {
  readonly client: Connected;
  readonly revision: string | undefined;
  readonly pid?: number | null;
}

let server: RunningServer;
let ring: string;
beforeAll(async () => {
  ring = (await ringFile()).path;
  server = await startServer(['--keys', ring]);
});
afterAll(() => server.kill());

const program = () => ({ command: process.execPath, args: [MAIN, 'stdio', '--keys', ring], stderr: 'ignore' as const });
const me = { name: 'waxseal-test', version: '1.0.0' };

async function connectV2(mode: 'auto' | 'legacy' | { pin: string }, over: 'HTTP' | 'stdio'): Promise<Connection> {
  const client = new Client(me, { versionNegotiation: { mode } });
  const transport = over === 'HTTP' ? new StreamableHTTPClientTransport(new URL(server.url)) : new StdioClientTransport(program());
  await client.connect(transport);
  const pid = transport instanceof StdioClientTransport ? transport.pid : null;
  return { client, revision: client.getNegotiatedProtocolVersion(), pid };
}

async function connectV1(over: 'HTTP' | 'stdio'): Promise<Connection> {
  const client = new ClientV1(me);
  const transport = over === 'HTTP' ? new StreamableHTTPClientTransportV1(new URL(server.url)) : new StdioClientTransportV1(program());
  // The transport's type does not fit under exactOptionalPropertyTypes.
  await client.connect(transport as TransportV1);
  const pid = transport instanceof StdioClientTransportV1 ? transport.pid : null;
  return { client: client as Connected, revision: '2025', pid };
}

const connections: [name: string, modern: boolean, over: 'HTTP' | 'stdio', connect: () => Promise<Connection>][] = [];
for (const over of ['HTTP', 'stdio'] as const) {
  connections.push([`client v2, pinned to ${MODERN}`, true, over, () => connectV2({ pin: MODERN }, over)]);
  connections.push(['client v2, in auto mode', true, over, () => connectV2('auto', over)]);
  connections.push(['client v2, with its defaults', false, over, () => connectV2('legacy', over)]);
  connections.push(['sdk v1', false, over, () => connectV1(over)]);
}

describe.each(connections)('a real client: %s (speaks 2026-07-28: %s), over %s', (_name, modern, over, connect) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect();
  });
  // After a failed test, the client may still be open. Closing it twice does no harm.
  afterAll(() => connection.client.close());

  async function call(name: string, args: Record<string, unknown>): Promise<Answer> {
    return (await connection.client.callTool({ name, arguments: args })) as Answer;
  }

  test('negotiates the expected revision of MCP', () => {
    if (modern) expect(connection.revision).toBe(MODERN);
    else expect(connection.revision).toMatch(/^2025/);
  });

  test('lists the tools in order, with a cache lifetime if this revision of MCP has cache lifetimes', async () => {
    const listed = await connection.client.listTools();
    expect(listed.tools.map(({ name }) => name)).toEqual(TOOLS);
    if (modern) expect(listed).toMatchObject({ ttlMs: 3_600_000, cacheScope: 'public' });
  });

  // The clients have listed the tools, so they validate structured content against the output schemas.
  test('does a whole task: starts it, reads its status, records findings, completes it', async () => {
    const { topic, depth, findings } = research;
    const started = await call('start_research_task', { topic, depth });
    expect(started.structuredContent).toMatchObject({ status: 'running', handle_info: { kind: 'research@1', revision: 1 } });
    const fresh = await call('get_task_status', { handle: started.structuredContent.handle });
    expect(fresh.structuredContent).toEqual({ ...started.structuredContent, topic, depth, results: [] });
    const recorded = await call('record_findings', { handle: started.structuredContent.handle, findings: findings.slice(0, 4) });
    expect(recorded.structuredContent).toMatchObject({ status: 'running', result_count: 4, handle_info: { revision: 2 } });
    const completed = await call('complete_research_task', {
      handle: recorded.structuredContent.handle,
      findings: findings.slice(4),
    });
    expect(completed.structuredContent).toMatchObject({ status: 'complete', result_count: 5, handle_info: { revision: 3 } });
    const ended = await call('get_task_status', { handle: completed.structuredContent.handle });
    expect(ended.structuredContent).toMatchObject({ topic, depth, status: 'complete', results: findings });
    expect(ended.structuredContent.handle_info).toEqual(completed.structuredContent.handle_info);
  });

  test('cancels a task, which then accepts no more findings', async () => {
    const { handle } = (await call('start_research_task', { topic: 'a question that is dropped' })).structuredContent;
    const cancelled = await call('cancel_research_task', { handle, reason: 'not needed any more' });
    expect(cancelled.structuredContent).toMatchObject({ status: 'cancelled', handle_info: { revision: 2 } });
    const refused = await call('record_findings', { handle: cancelled.structuredContent.handle, findings: ['too late'] });
    expect(refused).toMatchObject({ isError: true, structuredContent: { error: { code: 'task_ended' } } });
  });

  test('gets errors as results, with a code for programs and advice for models', async () => {
    const { handle } = (await call('start_research_task', { topic: research.topic })).structuredContent;
    const answer = await call('get_task_status', { handle: handle.slice(0, -10) });
    expect(answer).toMatchObject({ isError: true, structuredContent: { error: { code: 'malformed' } } });
    expect(answer.content[0]?.text).toMatch(/pass the last handle again/i);
  });

  test('gets a protocol error for a tool that does not exist', async () => {
    await expect(call('no_such_tool', {})).rejects.toMatchObject({ code: -32602 });
  });

  test.runIf(over === 'stdio')('ends the server process when it closes', async () => {
    const pid = connection.pid ?? 0;
    expect(isRunning(pid)).toBe(true);
    await connection.client.close();
    await until('the server process ended', () => !isRunning(pid), 5_000);
  });
});

test('a real client of SDK version 2 discovers the server’s name and protocol versions, and shared caches may keep the answer', async () => {
  const client = new Client(me, { versionNegotiation: { mode: { pin: MODERN } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  try {
    expect(await client.discover()).toMatchObject({ supportedVersions: [MODERN], capabilities: { tools: {} }, cacheScope: 'public' });
    expect(client.getServerVersion()).toMatchObject({ name: 'waxseal', title: 'Waxseal' });
    expect(client.getInstructions()).toContain('handle');
  } finally {
    await client.close();
  }
});

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
