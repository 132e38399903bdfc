import { type AuthInfo, createMcpHandler, type McpHttpHandler, type McpServer, type Server } from '@modelcontextprotocol/server';
import { type Environment, type ServerIdentity, serverOf, type Toolset } from '../../kit/index.ts';
import { BODY_LIMIT, NOT_ACCEPTABLE, refusalResponse } from './refusals.ts';
import { singleOf } from './request/headers.ts';
import { BOTH, inFormTaken, type Taken } from './request/negotiation.ts';
import { wellSpelled } from './spelling.ts';

/**
 * Makes the SDK's server object for one request or one connection. Things that all server objects share, such as a
 * database connection, belong outside the factory. The factory may return your own `McpServer` with further tools.
 */
export type ServerFactory = (environment: Environment) => Server | McpServer;

/**
 * Makes a factory of servers that have only the given tools.
 *
 * @example
 * ```ts
 * import type { Toolset } from 'waxseal';
 * import { serve, toolServer } from 'waxseal/server';
 *
 * const start = (tools: Toolset) => serve(toolServer(tools, { name: 'orders', version: '1.0.0' }));
 * ```
 */
export function toolServer(tools: Toolset, identity: ServerIdentity): ServerFactory {
  return (environment) => serverOf(tools, environment, identity);
}

/**
 * Makes the MCP endpoint: Streamable HTTP of MCP 2026-07-28 and of the 2025 revisions, without sessions. Each request
 * gets a new server object, and nothing is kept after the response.
 *
 * The endpoint does not check `Host` and `Origin`, and trusts the `authInfo` that it gets. The program that mounts the
 * endpoint must check both headers and verify the caller.
 *
 * @param onError gets each error of the SDK, whose message may quote the request
 */
export function mcpEndpoint(make: ServerFactory, environment: Environment, onError: (error: Error) => void): McpHttpHandler {
  return createMcpHandler(() => make(environment), { onerror: onError, maxRequestBodySize: BODY_LIMIT });
}

/** The parsed body of a request, and the request's caller. */
export interface Asked {
  readonly parsedBody: unknown;
  /** Absent: the caller is anonymous. */
  readonly authInfo?: AuthInfo | undefined;
}

/** Passes a request to the endpoint. The response has a media type that the client accepts. */
export async function answerIn(
  taken: Taken,
  endpoint: McpHttpHandler,
  request: Request,
  { parsedBody: body, authInfo }: Asked,
): Promise<Response> {
  const parsedBody = wellSpelled(body);
  const prefersJson = taken.prefersJson && !isSubscription(parsedBody);
  if (!taken.stream && isSubscription(parsedBody)) return refusalResponse(NOT_ACCEPTABLE);
  const answer = await endpoint.fetch(asDemanded(request), { parsedBody, ...(authInfo && { authInfo }) });
  return inFormTaken(answer, { ...taken, prefersJson }, Array.isArray(parsedBody));
}

/** Tells whether a request is a subscription. Only a stream can answer a subscription. */
function isSubscription(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'method' in body && body.method === 'subscriptions/listen';
}

/**
 * Returns a request with the headers that the SDK demands: it refuses clients of the 2025 revisions whose `Accept` does
 * not name both media types, and every other name of JSON. The original headers have been checked, and `taken` says what
 * the client accepts.
 */
function asDemanded(request: Request): Request {
  const headerOf = (name: string) => request.headers.get(name) ?? '';
  const [accept, type, version] = [headerOf('accept'), headerOf('content-type'), headerOf('mcp-protocol-version')];
  const acceptsBoth = accept.includes('application/json') && accept.includes('text/event-stream');
  if (acceptsBoth && type === 'application/json' && !version.includes(',')) return request;
  const headers = new Headers(request.headers);
  headers.set('accept', BOTH);
  headers.set('content-type', 'application/json');
  if (version !== '') headers.set('mcp-protocol-version', singleOf(version));
  return new Request(request.url, { method: request.method, headers, signal: request.signal });
}
