/**
 * One request of MCP as OpenTelemetry tells of it: a span, and its duration. Nothing is told where the program has no SDK
 * of OpenTelemetry. No attribute says what was asked or answered: see `conventions.ts`.
 */
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  type MeterProvider,
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { ATTRIBUTE, BUCKETS, DURATION, methodName } from './conventions.ts';
import type { Origin } from './propagation.ts';

const SCOPE = 'waxseal';

/** A request, as far as it may be told of. */
export interface Asked {
  readonly side: 'server' | 'client';
  readonly method: unknown;
  /** The name of a tool that is known to be one. */
  readonly tool?: string | undefined;
  readonly id?: unknown;
  /** Absent: not known. */
  readonly transport?: 'tcp' | 'pipe';
}

/** How a request ended. */
export interface Ending {
  /** What class of error; absent where it was none. */
  readonly error?: string;
  /** The code of a JSON-RPC error. */
  readonly status?: string;
  /** The code of a tool's error. */
  readonly code?: string;
  /** The revision of MCP that was spoken. */
  readonly version?: string | undefined;
}

/** A request that is being worked on. */
export interface Operation {
  /** To work in: its span is the parent of what happens there. */
  readonly context: Context;
  end(ending: Ending): void;
}

/** Begins to tell of a request. */
export function beginOperation(asked: Asked, { context: parent, link }: Origin): Operation {
  const began = performance.now();
  const method = methodName(asked.method);
  const attributes = attributesOf(asked, method);
  const name = asked.tool === undefined ? method : `${method} ${asked.tool}`;
  const kind = asked.side === 'server' ? SpanKind.SERVER : SpanKind.CLIENT;
  const id = typeof asked.id === 'number' ? { [ATTRIBUTE.id]: String(asked.id) } : {};
  const links = link === undefined ? [] : [{ context: link }];
  const span = trace.getTracer(SCOPE).startSpan(name, { kind, attributes: { ...attributes, ...id }, links }, parent);
  return {
    context: trace.setSpan(parent, span),
    end: ({ error, status, code, version }) => {
      const told: Attributes = {
        ...(error !== undefined && { [ATTRIBUTE.error]: error }),
        ...(status !== undefined && { [ATTRIBUTE.status]: status }),
        ...(code !== undefined && { [ATTRIBUTE.code]: code }),
        ...(version !== undefined && { [ATTRIBUTE.version]: version }),
      };
      span.setAttributes(told);
      // The conventions have an error's message here, and a message may quote the request.
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      durationOf(asked.side).record((performance.now() - began) / 1000, { ...attributes, ...told }, trace.setSpan(parent, span));
    },
  };
}

function attributesOf({ tool, transport, method: asked }: Asked, method: string): Attributes {
  return {
    [ATTRIBUTE.method]: method,
    ...(asked === 'tools/call' && { [ATTRIBUTE.operation]: 'execute_tool' }),
    ...(tool !== undefined && { [ATTRIBUTE.tool]: tool }),
    ...(transport !== undefined && { [ATTRIBUTE.transport]: transport }),
    ...(transport === 'tcp' && { [ATTRIBUTE.protocol]: 'http' }),
  };
}

/** By who takes the figures in: a program sets that up when it likes, and a test more than once. */
const histograms = new WeakMap<MeterProvider, Partial<Record<Asked['side'], Histogram>>>();

function durationOf(side: Asked['side']): Histogram {
  const provider = metrics.getMeterProvider();
  const known = histograms.get(provider) ?? {};
  const { name, description } = DURATION[side];
  known[side] ??= provider
    .getMeter(SCOPE)
    .createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: [...BUCKETS] } });
  histograms.set(provider, known);
  return known[side];
}

/** How a request ended, by the message that answers it. @param hasCodes whether the tool's errors have codes of a fixed set */
export function endingOf(answer: { readonly result?: unknown; readonly error?: unknown }, hasCodes: boolean): Ending {
  if (answer.error !== undefined) {
    const { code } = answer.error as { readonly code?: unknown };
    const status = Number.isInteger(code) ? String(code) : '_OTHER';
    return { error: status, status };
  }
  const { isError, structuredContent } = (answer.result ?? {}) as { isError?: unknown; structuredContent?: { error?: { code?: unknown } } };
  if (isError !== true) return {};
  const code = structuredContent?.error?.code;
  return { error: 'tool_error', ...(hasCodes && typeof code === 'string' && { code }) };
}

/** Works in a context, so that what is told meanwhile is told as a part of it. */
export function workIn<Result>(where: Context, work: () => Result): Result {
  return context.with(where, work);
}
