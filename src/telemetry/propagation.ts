/** Which trace a request is a part of: what its `_meta` says of it (MCP, basic, "OpenTelemetry trace context"), or its HTTP headers. */
import { type Context, context, propagation, type SpanContext, trace } from '@opentelemetry/api';

/** Members of `_meta` that are reserved for it: headers of W3C Trace Context and W3C Baggage. */
const RESERVED = ['traceparent', 'tracestate', 'baggage'] as const;

/** Longest that is believed; what is longer tells nothing. W3C Baggage §3.3.2 has 8,192 bytes. */
const LONGEST = 8_192;

/** The trace that a request is a part of. */
export interface Origin {
  /** What to work in: its span, where it has one, is the parent. */
  readonly context: Context;
  /** Another span that led here: of HTTP, where the parent is MCP's. */
  readonly link?: SpanContext;
}

type Carrier = Readonly<Record<string, string>>;

/**
 * MCP's own context comes first, for one HTTP request may carry several of MCP; that of HTTP is then linked.
 *
 * @param meta the request's `_meta`
 * @param headerOf gives a header of the HTTP request; absent where there was none
 */
export function originOf(meta: unknown, headerOf: (name: string) => unknown = () => undefined): Origin {
  const members = (meta ?? {}) as Readonly<Record<string, unknown>>;
  const ambient = context.active();
  // Where the host's own instrumentation has read the headers, its span is the nearer one.
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

/** A request's `_meta` that says which span sends it. What else stands there stays; without an SDK, all of it. */
export function metaFrom(sender: Context, meta: unknown): Record<string, unknown> | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  const said = carrierOf((name) => carrier[name]);
  if (Object.keys(said).length === 0) return undefined;
  const { traceparent: _parent, tracestate: _state, ...rest } = (meta ?? {}) as Record<string, unknown>;
  return { ...rest, ...said };
}
