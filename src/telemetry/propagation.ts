/**
 * Reads the trace of a request from its `_meta` (MCP, basic, "OpenTelemetry trace context") or from its HTTP headers, and
 * writes it into `_meta`.
 */
import { type Context, context, propagation, type SpanContext, trace } from '@opentelemetry/api';

/**
 * The members of `_meta` that MCP reserves for trace context. They have the names of the headers of W3C Trace Context and
 * W3C Baggage.
 */
const RESERVED = ['traceparent', 'tracestate', 'baggage'] as const;

/** The longest member that is read, in characters. A longer member is ignored. W3C Baggage §3.3.2 requires 8,192 bytes. */
const LONGEST = 8_192;

/** The trace that a request belongs to. */
export interface Origin {
  /** The context of the request. Its span, if it has one, is the parent of the request's span. */
  readonly context: Context;
  /** The span of the HTTP request, if `_meta` names another parent. */
  readonly link?: SpanContext;
}

type Carrier = Readonly<Record<string, string>>;

/**
 * Finds the trace of a request. The trace in `_meta` comes first, because one HTTP request may carry several MCP requests; the
 * span of the HTTP request is then linked.
 *
 * @param meta the request's `_meta`
 * @param headerOf returns a header of the HTTP request; absent on other transports
 */
export function originOf(meta: unknown, headerOf: (name: string) => unknown = () => undefined): Origin {
  const members = (meta ?? {}) as Readonly<Record<string, unknown>>;
  const ambient = context.active();
  // If the program's own instrumentation of HTTP has a span already, that span is nearer than the one in the headers.
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
 * Adds to a request's `_meta` which span sends the request. Other members stay.
 *
 * @returns the new `_meta`; undefined if the program has no SDK of OpenTelemetry, and so has nothing to add
 */
export function metaFrom(sender: Context, meta: unknown): Record<string, unknown> | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  const said = carrierOf((name) => carrier[name]);
  if (Object.keys(said).length === 0) return undefined;
  const { traceparent: _parent, tracestate: _state, ...rest } = (meta ?? {}) as Record<string, unknown>;
  return { ...rest, ...said };
}
