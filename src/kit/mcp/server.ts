import { McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Toolset } from '../define/lookup.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { answerCall } from './answer-call.ts';
import { definitionsIn } from './definitions.ts';
import { forgiving } from './forgiving.ts';
import { scopeChallengeIn } from './scopes.ts';
import { traced } from './traced.ts';

/** What a server tells its clients about itself. */
export interface ServerIdentity {
  /** The name for programs. */
  readonly name: string;
  /** The name for people. */
  readonly title?: string;
  /** The version of the server. */
  readonly version: string;
  /** Instructions for the model, in a few words. Default: {@link HANDLE_INSTRUCTIONS}. */
  readonly instructions?: string;
}

/** Instructions for the model, for every server whose tools pass tasks in handles. */
export const HANDLE_INSTRUCTIONS =
  'Every task lives in its handle; the server remembers nothing. After each call keep the newest handle and pass it, whole and unchanged, to the next.';

/**
 * Returns the definition of a tool if clients must repeat some of its arguments in HTTP headers; otherwise undefined.
 * Clients learn these headers from the list of tools. A server with finders lists only the finders, so it demands no
 * headers.
 */
function mirroredBy({ byName, finders }: Toolset, name: string): ToolDefinition | undefined {
  const tool = finders.size === 0 ? byName.get(name) : undefined;
  return tool?.mirrors ? tool.definition : undefined;
}

/**
 * How long a client may cache the list of tools: one hour, in milliseconds. Only a new version of the server changes
 * the list.
 */
const LIST_TTL_MS = 3_600_000;

/**
 * Makes a server with the given tools only, for one request or one connection. This is cheap: the JSON Schemas exist
 * already, and no tool is registered.
 *
 * Over HTTP, the server checks a call as every `McpServer` does. The `Mcp-Param-*` headers must match the body, and the
 * caller must have the scopes.
 *
 * @example
 * ```ts
 * import { createMcpHandler } from '@modelcontextprotocol/server';
 * import { type Environment, serverOf, toolset } from 'waxseal';
 * import { researchTools } from 'waxseal/research';
 *
 * const tools = toolset(researchTools);
 *
 * const handlerFor = (environment: Environment) =>
 *   createMcpHandler(() => serverOf(tools, environment, { name: 'research', version: '1.0.0' }));
 * ```
 */
export function serverOf(tools: Toolset, environment: Environment, identity: ServerIdentity): McpServer {
  const { instructions = HANDLE_INSTRUCTIONS, ...info } = identity;
  const cacheable = { ttlMs: LIST_TTL_MS, cacheScope: 'public' } as const;
  const mcp = new McpServer(info, {
    capabilities: { logging: {} },
    instructions,
    cacheHints: { 'tools/list': cacheable, 'server/discover': cacheable },
  });
  const { server } = mcp;
  server.registerCapabilities({ tools: {} });
  server.setRequestHandler('tools/list', ({ params }) => {
    // The list has one page, so no cursor came from this server.
    if (params?.cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor: the list has one page');
    return { tools: definitionsIn(tools, environment) as never };
  });
  server.setRequestHandler('tools/call', ({ params }, ctx) => answerCall(tools, params.name, params.arguments, environment, server, ctx));
  mcp.toolInputSchemaJson = (name) => mirroredBy(tools, name)?.inputSchema;
  mcp.resolveScopeChallenge = (context) => scopeChallengeIn(tools, context);
  forgiving(traced(server, tools));
  return mcp;
}
