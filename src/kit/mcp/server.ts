import { McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Toolset } from '../define/lookup.ts';
import type { ToolDefinition } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { answerCall } from './answer-call.ts';
import { definitionsIn } from './definitions.ts';
import { forgiving } from './forgiving.ts';
import { scopeChallengeIn } from './scopes.ts';
import { traced } from './traced.ts';

/** How a server introduces itself. */
export interface ServerIdentity {
  readonly name: string;
  readonly title?: string;
  readonly version: string;
  /** For the model, in few words. Default: {@link HANDLE_INSTRUCTIONS}. */
  readonly instructions?: string;
}

/** What a model should know of any server whose tasks are in handles. */
export const HANDLE_INSTRUCTIONS =
  'Every task lives in its handle; the server remembers nothing. After each call keep the newest handle and pass it, whole and unchanged, to the next.';

/** The definition of a tool whose arguments stand in headers, too. Of one that is not listed no client knows that. */
function mirroredBy({ byName, finders }: Toolset, name: string): ToolDefinition | undefined {
  const tool = finders.size === 0 ? byName.get(name) : undefined;
  return tool?.mirrors ? tool.definition : undefined;
}

/** How long a client may keep the list of tools. Milliseconds (1 h). It changes with deployments only. */
const LIST_TTL_MS = 3_600_000;

/**
 * The tools on a server of their own, one for one request or connection. Cheap to build: the schemas are ready-made, and
 * no tool is registered. What the SDK's `McpServer` does over HTTP before a call, it does here, too: it holds
 * `Mcp-Param-*` headers to the body, and challenges for scopes.
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
    // The list is one page, so no cursor was ever given out.
    if (params?.cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor: the list has one page');
    return { tools: definitionsIn(tools, environment) as never };
  });
  server.setRequestHandler('tools/call', ({ params }, ctx) => answerCall(tools, params.name, params.arguments, environment, server, ctx));
  mcp.toolInputSchemaJson = (name) => mirroredBy(tools, name)?.inputSchema;
  mcp.resolveScopeChallenge = (context) => scopeChallengeIn(tools, context);
  forgiving(traced(server, tools));
  return mcp;
}
