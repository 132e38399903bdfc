/**
 * Reads the trace context of a request from its `_meta` (MCP, basic, "OpenTelemetry trace context") or its HTTP
 * headers, and writes it into `_meta`.
 */
import { type Context, context, propagation, type SpanContext, trace } from '@opentelemetry/api';

/** The members of `_meta` for trace context. The headers of W3C Trace Context and W3C Baggage have the same names. */
const RESERVED = ['traceparent', 'tracestate', 'baggage'] as const;

/** The longest member or header, in characters. A longer one is ignored. W3C Baggage §3.3.2 demands 8,192 or more. */
const LONGEST = 8_192;

/** The trace to which a request belongs. */
export interface Origin {
  /** A span in this context is the parent of the request's span. */
  readonly context: Context;
  /** The span of the HTTP request, if `_meta` names another span as the parent. */
  readonly link?: SpanContext;
}

type Carrier = Readonly<Record<string, string>>;

/**
 * Finds the trace of a request. A span in `_meta` is the parent, because one HTTP request can carry several MCP
 * requests. If the HTTP request has another span, the result links to that span.
 *
 * @param meta the request's `_meta`
 * @param headerOf returns a header of the HTTP request; absent without HTTP
 */
export function originOf(meta: unknown, headerOf: (name: string) => unknown = () => undefined): Origin {
  const members = (meta ?? {}) as Readonly<Record<string, unknown>>;
  const ambient = context.active();
  // A span from the program's own HTTP instrumentation replaces the span in the headers: it is nearer to the request.
  const http = trace.getSpanContext(ambient) === undefined ? extract(ambient, (name) => headerOf(name)) : ambient;
  const mcp = extract(ambient, (name) => members[name]);
  const [own, outer] = [trace.getSpanContext(mcp), trace.getSpanContext(http)];
  if (members['traceparent'] === undefined || own === undefined) return { context: http };
  return outer === undefined || outer.spanId === own.spanId ? { context: mcp } : { context: mcp, link: outer };
}

function extract(into: Context, saidOf: (name: string) => unknown): Context {
  return propagation.extract(into, carrierOf(saidOf));
}

function carrierOf(saidOf: (name: string) => unknown): Carrier {
  const known = RESERVED.map((name) => [name, saidOf(name)] as const);
  return Object.fromEntries(
    known.flatMap(([name, value]) => (typeof value === 'string' && value.length <= LONGEST ? [[name, value]] : [])),
  );
}

/**
 * Adds the sender's trace context to a request's `_meta`. The other members stay.
 *
 * @returns the new `_meta`; undefined without an OpenTelemetry SDK
 */
export function metaFrom(sender: Context, meta: unknown): Record<string, unknown> | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  const said = carrierOf((name) => carrier[name]);
  if (Object.keys(said).length === 0) return undefined;
  const { traceparent: _parent, tracestate: _state, ...rest } = (meta ?? {}) as Record<string, unknown>;
  return { ...rest, ...said };
}
