import { createMcpHandler, type McpHttpHandler, type McpServer, type Server } from '@modelcontextprotocol/server';
import { type Environment, type ServerIdentity, serverOf, type Toolset } from '../../kit/index.ts';

/** Largest request body that is read. Bytes (1 MiB). */
export const BODY_LIMIT = 1_048_576;

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
