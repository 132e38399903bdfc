import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import { callTool } from './call.ts';
import type { Environment } from './environment.ts';
import type { Caller } from './tool.ts';
import type { Toolset } from './toolset.ts';

/** How a server introduces itself. */
export interface ServerIdentity {
  readonly name: string;
  readonly title?: string;
  readonly version: string;
  /** For the model, in few words. */
  readonly instructions?: string;
}

/** How long a client may keep the list of tools. Milliseconds (1 h). It changes with deployments only. */
const LIST_TTL_MS = 3_600_000;

/**
 * The tools on the SDK's lower-level `Server`, one for one request or connection. Cheap to build: the schemas are
 * ready-made, and nothing is converted.
 */
export function serverOf(tools: Toolset, environment: Environment, identity: ServerIdentity, caller?: Caller): Server {
  const { instructions, ...info } = identity;
  const cacheable = { ttlMs: LIST_TTL_MS, cacheScope: 'public' } as const;
  const server = new Server(info, {
    capabilities: { tools: {} },
    ...(instructions !== undefined && { instructions }),
    cacheHints: { 'tools/list': cacheable, 'server/discover': cacheable },
  });
  server.setRequestHandler('tools/list', ({ params }) => {
    // The list is one page, so no cursor was ever given out.
    if (params?.cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor: the list has one page');
    return { tools: tools.definitions as never };
  });
  server.setRequestHandler('tools/call', async ({ params }) => {
    const tool = tools.byName.get(params.name);
    if (tool === undefined) {
      const names = [...tools.byName.keys()].join(', ');
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name.slice(0, 128)}. There are: ${names}`);
    }
    try {
      return await callTool(tools, tool, params.arguments, environment, caller);
    } catch {
      // A defect in the tool's function: it was reported to the log, and its message may hold state.
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error');
    }
  });
  return server;
}
