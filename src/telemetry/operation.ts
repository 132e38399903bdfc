/**
 * Reports one MCP request to OpenTelemetry, as a span and as a duration in a histogram. A program without an OpenTelemetry
 * SDK reports nothing. No attribute contains an argument of the request or a part of its result; see `conventions.ts`.
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

/** The facts about a request that may be reported. */
export interface Asked {
  /** The side that reports the request: the server answers the request, the client sends it. */
  readonly side: 'server' | 'client';
  /** The method, as the client wrote it. */
  readonly method: unknown;
  /** The name of the tool. Pass only the name of an existing tool, because a client can send any text as a name. */
  readonly tool?: string | undefined;
  /** The request's id. Only a number is reported. */
  readonly id?: unknown;
  /** The transport. Absent if it is not known. */
  readonly transport?: 'tcp' | 'pipe';
}

/** How a request ended. */
export interface Ending {
  /** The class of the error. Absent if the request succeeded. */
  readonly error?: string;
  /** The code of a JSON-RPC error. */
  readonly status?: string;
  /** The code of a tool's error. */
  readonly code?: string;
  /** The revision of MCP that the client and the server use. */
  readonly version?: string | undefined;
}

/** A request that is under way. */
export interface Operation {
  /** The context in which to answer or send the request. A span that begins in this context becomes a child of the request's span. */
  readonly context: Context;
  /** Ends the span, and records the duration. */
  end(ending: Ending): void;
}

/** Begins the span of a request, and starts to measure its duration. */
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
      // The conventions also want the error's message in the status. The message is left out, because it can quote the
      // request.
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

/**
 * The histograms of each meter provider. A program may set another provider at any time, and each provider needs its own
 * histograms.
 */
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
 * Reads from the answer how a request ended.
 *
 * @param answer the message that answers the request
 * @param hasCodes whether the code of a tool's error may be reported. Pass true only if the tool chooses its codes from a
 *   fixed set.
 */
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

/**
 * Runs a function in a context. Spans that begin in the function become children of the context's span.
 *
 * @returns what the function returns
 */
export function workIn<Result>(where: Context, work: () => Result): Result {
  return context.with(where, work);
}
