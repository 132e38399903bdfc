import { McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Toolset } from '../define/lookup.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { answerCall } from './answer-call.ts';
import { definitionsIn } from './definitions.ts';
import { forgiving } from './forgiving.ts';
import { scopeChallengeIn } from './scopes.ts';
import { traced } from './traced.ts';

/** The name, the version and the instructions that a server sends to its clients. */
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

/** Instructions for the model, for any server whose tools pass tasks in handles. */
export const HANDLE_INSTRUCTIONS =
  'Every task lives in its handle; the server remembers nothing. After each call keep the newest handle and pass it, whole and unchanged, to the next.';

/**
 * Returns the definition of a tool if clients must repeat some of its arguments in HTTP headers; otherwise undefined. If
 * `tools/list` does not return the tool, a client cannot know the headers, so the server does not demand them.
 */
function mirroredBy({ byName, finders }: Toolset, name: string): ToolDefinition | undefined {
  const tool = finders.size === 0 ? byName.get(name) : undefined;
  return tool?.mirrors ? tool.definition : undefined;
}

/**
 * The time for which a client may cache the list of tools: one hour, in milliseconds. The list changes only when a new
 * version of the server is deployed.
 */
const LIST_TTL_MS = 3_600_000;

/**
 * Makes a server that has only the given tools, for one request or one connection. Making the server is cheap, because the
 * JSON Schemas already exist and no tool is registered. Over HTTP, the server checks a call like any other `McpServer`: the
 * `Mcp-Param-*` headers must match the body, and a caller who lacks scopes is refused.
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
    // The list has only one page, so this server has never issued a cursor.
    if (params?.cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor: the list has one page');
    return { tools: definitionsIn(tools, environment) as never };
  });
  server.setRequestHandler('tools/call', ({ params }, ctx) => answerCall(tools, params.name, params.arguments, environment, server, ctx));
  mcp.toolInputSchemaJson = (name) => mirroredBy(tools, name)?.inputSchema;
  mcp.resolveScopeChallenge = (context) => scopeChallengeIn(tools, context);
  forgiving(traced(server, tools));
  return mcp;
}
