/** Tests the fetch handler in a program that sets up OpenTelemetry. */

import { McpServer } from '@modelcontextprotocol/server';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { identity } from '../../src/cli/io/server.ts';
import { generateRing, parseRing, toText } from '../../src/keys/index.ts';
import { registerTools, toolset } from '../../src/kit/index.ts';
import { researchTools } from '../../src/research/index.ts';
import { createFetchHandler, type ServerFactory, systemClock } from '../../src/server/index.ts';
import { legacyRequest, type Outgoing, toolCall } from '../support/mcp.ts';
import { researchServer } from '../support/research.ts';
import { until } from '../support/wait.ts';

const ring = await parseRing(toText(await generateRing(systemClock())));
const spans = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 });

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
afterAll(async () => {
  await reader.shutdown();
  for (const api of [trace, metrics, propagation, context]) api.disable();
});
beforeEach(() => spans.reset());

async function ask(server: ServerFactory, { headers, body }: Outgoing, signal?: AbortSignal): Promise<void> {
  const handler = createFetchHandler({ server, environment: { ring: () => ring, now: systemClock }, allowAnonymous: true });
  const response = await handler.fetch(
    new Request('http://localhost/mcp', { method: 'POST', headers: { host: 'localhost', ...headers }, body, ...(signal && { signal }) }),
  );
  await response.text();
}

const names = () => spans.getFinishedSpans().map(({ name }) => name);

describe('the fetch handler', () => {
  test.each([
    ['2026-07-28', toolCall('start_research_task', { topic: 'x' })],
    ['2025', legacyRequest('tools/call', { name: 'start_research_task', arguments: { topic: 'x' } })],
  ])('reports a call of revision %s as a span and a duration', async (_era, request) => {
    await ask(researchServer, request);
    expect(names()).toEqual(['tools/call start_research_task']);
    await reader.forceFlush();
    const figures =
      measured
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    expect(figures.map(({ descriptor }) => descriptor.name)).toEqual(['mcp.server.operation.duration']);
  });

  test('makes the call’s span the parent of a tool’s spans', async () => {
    const server: ServerFactory = (environment) => {
      const mine = new McpServer(identity);
      registerTools(mine, toolset(researchTools), environment);
      mine.registerTool('mine', { inputSchema: z.object({}) }, async () => {
        await Promise.resolve();
        trace.getTracer('mine').startSpan('upstream').end();
        return { content: [] };
      });
      return mine;
    };
    await ask(server, toolCall('mine', {}));
    const [upstream, call] = spans.getFinishedSpans();
    expect([upstream?.name, call?.name]).toEqual(['upstream', 'tools/call']);
    expect(upstream?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
  });

  test('reports a call as cancelled if its client has gone', async () => {
    let begun = () => {};
    const working = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const server: ServerFactory = (environment) => {
      const mine = new McpServer(identity);
      registerTools(mine, toolset(researchTools), environment);
      mine.registerTool('mine', { inputSchema: z.object({}) }, async (_args, { mcpReq: { signal } }) => {
        begun();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { content: [] };
      });
      return mine;
    };
    const leaving = new AbortController();
    const asked = ask(server, toolCall('mine', {}), leaving.signal).catch(() => {});
    await working;
    leaving.abort();
    await asked;
    await until('the call was reported', () => names().length === 1);
    expect(spans.getFinishedSpans()[0]?.attributes['error.type']).toBe('cancelled');
  });

  test('reports each call once, even if a server registers its tools in two steps', async () => {
    const server: ServerFactory = (environment) => {
      const mine = new McpServer(identity);
      const [first, ...others] = researchTools;
      registerTools(mine, toolset(first ? [first] : [], { delegation: false }), environment);
      registerTools(mine, toolset(others, { delegation: false }), environment);
      return mine;
    };
    await ask(server, toolCall('start_research_task', { topic: 'x' }));
    expect(names()).toEqual(['tools/call start_research_task']);
  });
});
