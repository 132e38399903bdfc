import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyFolder } from '../support/folders.ts';
import { until } from '../support/wait.ts';

/** A span, as the SDK received it. */
export interface Span {
  readonly name: string;
  /** 1: server, 2: client (OpenTelemetry's `SpanKind`). */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly string[];
  /** 2 is an error (OpenTelemetry's `SpanStatusCode`). */
  readonly status: { readonly code: number; readonly message?: string };
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
}

interface Metric {
  readonly descriptor: { readonly name: string; readonly unit: string };
  readonly dataPoints: readonly {
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly value: { readonly count: number; readonly sum: number; readonly buckets: { readonly boundaries: readonly number[] } };
  }[];
}

/** The spans and metrics that a process has reported to its SDK. */
export interface Told {
  readonly spans: readonly Span[];
  readonly metrics: readonly Metric[];
}

/** Returns environment variables that give a process an SDK, and functions that read what it has reported. */
export function withSdk(): {
  env: Record<string, string>;
  text(): string;
  told(): Told;
  spans(name: string, count?: number): Promise<Span[]>;
} {
  const file = join(emptyFolder(), 'told.json');
  const sdk = fileURLToPath(new URL('sdk.mjs', import.meta.url));
  const text = () => (existsSync(file) ? readFileSync(file, 'utf8') : '{"spans":[],"metrics":[]}');
  const told = () => JSON.parse(text()) as Told;
  const named = (name: string) => told().spans.filter((span) => span.name === name);
  return {
    env: { NODE_OPTIONS: `--import ${sdk}`, TELEMETRY_FILE: file },
    text,
    told,
    spans: async (name, count = 1) => {
      await until(`there were ${count} spans ${name}`, () => named(name).length >= count);
      return named(name);
    },
  };
}
