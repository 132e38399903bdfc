import { createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server';
import type { Environment } from '../../kit/index.ts';
import type { ServerFactory } from './factory.ts';

/** Largest request body that is read. Bytes (1 MiB). */
export const BODY_LIMIT = 1_048_576;

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
