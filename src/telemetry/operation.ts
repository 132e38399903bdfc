/**
 * Reports one MCP request to OpenTelemetry, as a span and a duration. Without an OpenTelemetry SDK, nothing is
 * reported. Attributes contain no argument and no part of a result; see `conventions.ts`.
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
import { ATTRIBUTE, BUCKETS, DURATION, methodName, OTHER } from './conventions.ts';
import type { Origin } from './propagation.ts';

const SCOPE = 'waxseal';

/** What may be reported about a request. */
export interface Asked {
  /** The side that reports: the server answers the request, and the client sends it. */
  readonly side: 'server' | 'client';
  /** The method, as the client wrote it. */
  readonly method: unknown;
  /** The name of an existing tool. Do not pass a client's text, which may be anything. */
  readonly tool?: string | undefined;
  /** Reported only if it is a number. */
  readonly id?: unknown;
  /** Absent if it is not known. */
  readonly transport?: 'tcp' | 'pipe';
}

/** How a request ended. */
export interface Ending {
  /** The class of the error. Absent if the request succeeded. */
  readonly error?: string;
  /** The code of a JSON-RPC error, or `_OTHER` if the code is no integer. */
  readonly status?: string;
  /** The code of a tool's error. */
  readonly code?: string;
  /** The revision of MCP that the client and the server use. */
  readonly version?: string | undefined;
}

/** A request that is under way. */
export interface Operation {
  /**
   * The context in which to answer or send the request. Spans that begin in it become children of the request's span.
   */
  readonly context: Context;
  end(ending: Ending): void;
}

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
      // The conventions want the error's message here, but the message can quote the request.
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

/** A program may set another meter provider at any time, and each needs its own histograms. */
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

/**
 * Describes how an answer ended its request.
 *
 * @param hasCodes whether to report the code of a tool's error. Pass true only if the tool has a fixed set of codes:
 *   any other code may be free text
 */
export function endingOf(answer: { readonly result?: unknown; readonly error?: unknown }, hasCodes: boolean): Ending {
  if (answer.error !== undefined) {
    const { code } = answer.error as { readonly code?: unknown };
    const status = Number.isInteger(code) ? String(code) : OTHER;
    return { error: status, status };
  }
  const { isError, structuredContent } = (answer.result ?? {}) as { isError?: unknown; structuredContent?: { error?: { code?: unknown } } };
  if (isError !== true) return {};
  const code = structuredContent?.error?.code;
  return { error: 'tool_error', ...(hasCodes && typeof code === 'string' && { code }) };
}

/** Runs a function in a context. Spans that the function begins become children of the context's span. */
export function workIn<Result>(where: Context, work: () => Result): Result {
  return context.with(where, work);
}
