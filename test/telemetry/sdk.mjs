/**
 * Sets up OpenTelemetry's SDK, for `node --import`. Every 100 ms and at the end, it writes all spans and metrics to the
 * file TELEMETRY_FILE.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

const file = process.env.TELEMETRY_FILE;
delete process.env.TELEMETRY_FILE;
const spans = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 100, exportTimeoutMillis: 100 });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

const save = () => {
  const told = spans.getFinishedSpans().map((span) => {
    const { name, kind, attributes, status, events } = span;
    const links = span.links.map(({ context }) => context.spanId);
    return { name, kind, attributes, links, status, events, ...span.spanContext(), parent: span.parentSpanContext?.spanId };
  });
  const figures = (measured.getMetrics().at(-1)?.scopeMetrics ?? []).flatMap(({ metrics: list }) => list);
  writeFileSync(`${file}.tmp`, JSON.stringify({ spans: told, metrics: figures }));
  renameSync(`${file}.tmp`, file);
};
setInterval(save, 100).unref();
process.on('exit', save);
