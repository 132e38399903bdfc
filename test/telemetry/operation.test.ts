/** Tests a server whose operator has set up OpenTelemetry. */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Called, everyCall, everyRefusal, overHttp, overStdio, SECRETS } from '../support/every-call.ts';
import { ringFile } from '../support/folders.ts';
import { pieceIn, unfolded } from '../support/leaks.ts';
import { exchange, legacyRequest, type Outgoing, toolCall } from '../support/mcp.ts';
import { type RunningServer, startProgram, startServer } from '../support/program.ts';
import { until, within } from '../support/wait.ts';
import { type Told, withSdk } from './told.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const [CALLER, BROWSER] = ['00f067aa0ba902b7', 'b7ad6b7169203331'];
const traceparent = (span: string) => `00-${TRACE}-${span}-01`;

const BUCKETS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

describe.each(['HTTP', 'stdio'] as const)('the report to OpenTelemetry about calls over %s', (transport) => {
  let told: Told;
  let text: string;
  const handles = new Set<string>();

  beforeAll(async () => {
    const { path, document } = await ringFile();
    const called: Called[] = [];
    const sdk = withSdk();
    const server = transport === 'HTTP' ? await startServer(['--keys', path], { env: sdk.env }) : undefined;
    const program = server ?? startProgram(['stdio', '--keys', path], { env: sdk.env });
    try {
      await everyCall(server ? overHttp(server.url) : overStdio(program), document, called, handles);
      if (server) await everyRefusal(server.url, [...handles][0] ?? '');
      if (server) await exchange(server.url, withId(toolCall('get_task_status', { handle: '' }), [...handles][0] ?? ''));
      await until('everything was reported', () => {
        text = sdk.text();
        told = JSON.parse(text);
        return told.spans.length >= called.length && pointsOf(told).reduce((sum, { value }) => sum + value.count, 0) === told.spans.length;
      });
      program.child.kill('SIGTERM');
      await within(10_000, 'the process ended', program.ended);
    } finally {
      await program.kill();
    }
  });

  test('contains no handle and no long part of a handle', () => {
    expect(told.spans.length).toBeGreaterThan(15);
    for (const handle of handles) expect(pieceIn(unfolded(text), handle, 40)).toBeUndefined();
  });

  test('contains no topic, finding, reason, invented name or invented argument', () => {
    for (const secret of SECRETS) expect(pieceIn(unfolded(text), secret, 16)).toBeUndefined();
  });

  test('has a server span for each call, with the names of OpenTelemetry’s conventions', () => {
    const calls = told.spans.filter(({ attributes }) => attributes['mcp.method.name'] === 'tools/call');
    for (const { kind, name, attributes } of calls) {
      expect(kind).toBe(1);
      expect(attributes['gen_ai.operation.name']).toBe('execute_tool');
      expect(attributes['mcp.protocol.version']).toBe('2026-07-28');
      expect(attributes['network.transport']).toBe(transport === 'HTTP' ? 'tcp' : 'pipe');
      const tool = attributes['gen_ai.tool.name'];
      expect(name).toBe(tool === undefined ? 'tools/call' : `tools/call ${tool}`);
    }
    expect(new Set(calls.map(({ attributes }) => attributes['gen_ai.tool.name'])).size).toBe(6);
  });

  test('gives the class of each error, and the code of a tool’s error', () => {
    const errors = told.spans.filter(({ attributes }) => 'error.type' in attributes);
    for (const { status } of errors) expect(status).toEqual({ code: 2 });
    const codes = ['malformed', 'rejected', 'expired', 'wrong_kind', 'forbidden', 'state_too_large', 'task_ended', 'invalid_arguments'];
    const ofTools = errors.filter(({ attributes }) => attributes['error.type'] === 'tool_error');
    expect(new Set(ofTools.map(({ attributes }) => attributes['waxseal.error.code']))).toEqual(new Set(codes));
    const ofProtocol = errors.filter(({ attributes }) => attributes['error.type'] !== 'tool_error');
    expect(
      ofProtocol.map(({ name, attributes }) => [name, attributes['error.type'], attributes['rpc.response.status_code']]),
    ).toContainEqual(['tools/call', '-32602', '-32602']);
  });

  test('has every duration in the histogram of OpenTelemetry’s conventions, in seconds', () => {
    const points = pointsOf(told);
    expect(told.metrics.map(({ descriptor: { name, unit } }) => [name, unit])).toEqual([['mcp.server.operation.duration', 's']]);
    expect(points[0]?.value.buckets.boundaries).toEqual(BUCKETS);
    expect(points.reduce((sum, { value }) => sum + value.count, 0)).toBe(told.spans.length);
    for (const { attributes, value } of points) {
      expect(attributes).not.toHaveProperty('jsonrpc.request.id');
      expect(value.sum / value.count).toBeLessThan(5);
    }
  });
});

describe('a server with an OpenTelemetry SDK', () => {
  test('continues the trace in _meta', async () => {
    const { server, spans } = await start();
    await exchange(server.url, withMeta(toolCall('start_research_task', { topic: 'x' }), { traceparent: traceparent(CALLER) }));
    expect(await spans('tools/call start_research_task')).toMatchObject([{ traceId: TRACE, parent: CALLER, links: [] }]);
  });

  test('continues the trace in the HTTP headers if _meta has none, in any revision', async () => {
    const { server, spans } = await start();
    for (const request of [toolCall('start_research_task', { topic: 'x' }), legacyRequest('tools/list')]) {
      await exchange(server.url, { ...request, headers: { ...request.headers, traceparent: traceparent(BROWSER) } });
    }
    expect(await spans('tools/call start_research_task')).toMatchObject([{ traceId: TRACE, parent: BROWSER }]);
    expect(await spans('tools/list')).toMatchObject([{ traceId: TRACE, parent: BROWSER }]);
  });

  test('makes the span in _meta the parent, and links the span in the HTTP headers', async () => {
    const { server, spans } = await start();
    const request = withMeta(toolCall('start_research_task', { topic: 'x' }), { traceparent: traceparent(CALLER) });
    await exchange(server.url, { ...request, headers: { ...request.headers, traceparent: traceparent(BROWSER) } });
    expect(await spans('tools/call start_research_task')).toMatchObject([{ parent: CALLER, links: [BROWSER] }]);
  });

  test.each([
    ['empty', ''],
    ['a text', 'not a trace'],
    ['cut short', `00-${TRACE}`],
    ['too long', traceparent(CALLER).repeat(500)],
    ['a number', 7],
    ['null', null],
    ['an object', { a: 1 }],
  ])('begins a new trace if the traceparent is invalid: %s', async (_what, value) => {
    const { server, spans } = await start();
    const { status } = await exchange(server.url, withMeta(toolCall('start_research_task', { topic: 'x' }), { traceparent: value }));
    expect(status).toBe(200);
    const [span] = await spans('tools/call start_research_task');
    expect(span?.parent).toBeUndefined();
  });

  test('writes the ids of the trace and the span into each log line about a call', async () => {
    const { server, spans } = await start();
    await exchange(server.url, toolCall('start_research_task', { topic: 'x' }));
    const [span] = await spans('tools/call start_research_task');
    await server.says('"tool call"');
    const line = server.printed.stdout.split('\n').find((text) => text.includes('"tool call"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ trace_id: span?.traceId, span_id: span?.spanId });
  });

  test('names the tool that was called through call_tool', async () => {
    const { server, spans } = await start(['--tools', 'search']);
    await exchange(server.url, toolCall('call_tool', { name: 'start_research_task', arguments: { topic: 'x' } }));
    await exchange(server.url, toolCall('call_tool', { name: 'a tool that there is not' }));
    await spans('tools/call start_research_task');
    expect(await spans('tools/call call_tool')).toMatchObject([
      { attributes: { 'error.type': 'tool_error', 'waxseal.error.code': 'unknown_tool' } },
    ]);
  });
});

function pointsOf({ metrics }: Told) {
  return metrics.find(({ descriptor }) => descriptor.name === 'mcp.server.operation.duration')?.dataPoints ?? [];
}

async function start(args: readonly string[] = []): Promise<ReturnType<typeof withSdk> & { server: RunningServer }> {
  const sdk = withSdk();
  const server = await startServer(['--keys', (await ringFile()).path, ...args], { env: sdk.env });
  onTestFinished(() => server.kill());
  return { ...sdk, server };
}

function withMeta(request: Outgoing, meta: Record<string, unknown>): Outgoing {
  const message = JSON.parse(request.body);
  Object.assign(message.params._meta, meta);
  return { ...request, body: JSON.stringify(message) };
}

/** Gives a request another id. An id may be any text. */
function withId(request: Outgoing, id: string): Outgoing {
  return { ...request, body: JSON.stringify({ ...JSON.parse(request.body), id }) };
}
