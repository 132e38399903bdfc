import { type AuthInfo, createMcpHandler, type McpHttpHandler, type McpServer, type Server } from '@modelcontextprotocol/server';
import { type Environment, type ServerIdentity, serverOf, type Toolset } from '../../kit/index.ts';
import { BOTH, inFormTaken, type Taken } from './negotiation.ts';
import { BODY_LIMIT, NOT_ACCEPTABLE, refusalResponse } from './refusals.ts';

/**
 * Makes the server object for one request or connection, in the environment that the server runs in. What all of
 * them share is made outside of it, once. An `McpServer` of the author's own may have the kit's tools beside others.
 */
export type ServerFactory = (environment: Environment) => Server | McpServer;

/** Servers of the kit's tools and nothing else. */
export function toolServer(tools: Toolset, identity: ServerIdentity): ServerFactory {
  return (environment) => serverOf(tools, environment, identity);
}

/**
 * The MCP endpoint: Streamable HTTP of revision 2026-07-28 and, from the same factory, of the 2025 revisions without
 * sessions. One server object a request; nothing outlives it. Checks neither Host nor Origin: whoever mounts it does.
 *
 * A caller is whoever `authInfo` of a request says: whoever passes that has verified it.
 *
 * @param onError told of what the protocol layer refused, for the log. Its messages may quote the request.
 */
export function mcpEndpoint(make: ServerFactory, environment: Environment, onError: (error: Error) => void): McpHttpHandler {
  return createMcpHandler(() => make(environment), { onerror: onError, maxRequestBodySize: BODY_LIMIT });
}

/** A request whose body was read. */
export interface Asked {
  readonly parsedBody: unknown;
  /** Absent: the caller is anonymous. */
  readonly authInfo?: AuthInfo | undefined;
}

/** Has the endpoint answer, in a form that the client takes. */
export async function answerIn(
  taken: Taken,
  endpoint: McpHttpHandler,
  request: Request,
  { parsedBody, authInfo }: Asked,
): Promise<Response> {
  if (!taken.stream && isSubscription(parsedBody)) return refusalResponse(NOT_ACCEPTABLE);
  const answer = await endpoint.fetch(withBoth(request), { parsedBody, ...(authInfo && { authInfo }) });
  return inFormTaken(answer, taken, Array.isArray(parsedBody));
}

/** A stream that ends only with the connection. */
function isSubscription(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'method' in body && body.method === 'subscriptions/listen';
}

/** The protocol layer serves a client of the 2025 revisions only where it names both forms; what it really takes was found out before. */
function withBoth(request: Request): Request {
  const accept = request.headers.get('accept') ?? '';
  if (accept.includes('application/json') && accept.includes('text/event-stream')) return request;
  const headers = new Headers(request.headers);
  headers.set('accept', BOTH);
  return new Request(request.url, { method: request.method, headers, signal: request.signal });
}
