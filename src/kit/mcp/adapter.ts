import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';
import { callerOf } from '../define/call.ts';
import { type Finder, type RunTool, someOf, type Toolset } from '../define/lookup.ts';
import type { JsonSchema } from '../define/schema.ts';
import type { Tool } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { refusal } from '../run/answer.ts';
import { callTool, type Incoming } from '../run/call.ts';
import { InvalidRequestState } from '../sealed/request-state.ts';
import { sealedStateOf } from '../sealed/request-state-codec.ts';

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

/** How long a client may keep the list of tools. Milliseconds (1 h). It changes with deployments only. */
const LIST_TTL_MS = 3_600_000;

/**
 * The tools on the SDK's lower-level `Server`, one for one request or connection. Cheap to build: the schemas are
 * ready-made, and nothing is converted.
 */
export function serverOf(tools: Toolset, environment: Environment, identity: ServerIdentity): Server {
  const { instructions = HANDLE_INSTRUCTIONS, ...info } = identity;
  const cacheable = { ttlMs: LIST_TTL_MS, cacheScope: 'public' } as const;
  const server = new Server(info, {
    capabilities: { tools: {} },
    instructions,
    cacheHints: { 'tools/list': cacheable, 'server/discover': cacheable },
  });
  server.setRequestHandler('tools/list', ({ params }) => {
    // The list is one page, so no cursor was ever given out.
    if (params?.cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor: the list has one page');
    return { tools: tools.definitions as never };
  });
  server.setRequestHandler('tools/call', ({ params }, ctx) => answerCall(tools, params.name, params.arguments, environment, server, ctx));
  return server;
}

/**
 * The tools on the SDK's `McpServer`, beside tools, resources and prompts of its author's own, which are left alone.
 * Arguments are validated by the kit, so that every error is the kit's; the author's server checks nothing of them.
 * Where tools ask and remember, give the server `requestState: { verify: createRequestStateCodec(environment).verify }`:
 * then a state that is not good is answered with the protocol's error (-32602). Without it, and where only the tool can
 * see that the state is another call's, it is refused all the same, but as an execution error `invalid_request_state`,
 * for the SDK's `McpServer` makes results of what tools throw. The SDK's own codec there would refuse the kit's states.
 *
 * @throws {Error} where the server has a tool of the same name
 */
export function registerTools(server: McpServer, tools: Toolset, environment: Environment): void {
  for (const { name, title, description, inputSchema, outputSchema, annotations } of tools.definitions) {
    const config = {
      ...(title !== undefined && { title }),
      description,
      inputSchema: asIs(inputSchema),
      ...(outputSchema !== undefined && { outputSchema: asIs(outputSchema) }),
      annotations,
    };
    server.registerTool(name, config, (args, ctx) =>
      answerCall(tools, name, args, environment, server.server, ctx).catch((error) => {
        if (error instanceof InvalidRequestState) return refusal({ code: 'invalid_request_state', text: error.message });
        throw error;
      }),
    );
  }
}

/** A ready-made JSON Schema that lets everything pass: whoever validates is behind it. */
function asIs(schema: JsonSchema): StandardSchemaWithJSON<unknown, Record<string, unknown>> {
  const json = () => schema as Record<string, unknown>;
  return {
    '~standard': {
      version: 1,
      vendor: 'waxseal',
      validate: (value: unknown) => ({ value: value as Record<string, unknown> }),
      jsonSchema: { input: json, output: json },
    },
  };
}

/** @throws {ProtocolError} where there is no such tool, its `requestState` is not good here, or it is defective */
async function answerCall(
  tools: Toolset,
  name: string,
  args: unknown,
  environment: Environment,
  server: Server,
  ctx: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const incoming = incomingOf(server, ctx);
  const run: RunTool = (tool, given) => callTool(tools, tool, given, environment, incoming);
  const finder = tools.finders.get(name) ?? directly(tools.byName.get(name));
  if (finder === undefined) {
    const names = tools.definitions.map((listed) => listed.name);
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 128)}. There are: ${someOf(names)}`);
  }
  try {
    return await finder(args, run);
  } catch (error) {
    if (error instanceof InvalidRequestState) throw error;
    // A defect in the tool's function: it was reported to the log, and its message may hold state.
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error');
  }
}

function directly(tool: Tool | undefined): Finder | undefined {
  return tool && ((args, run) => run(tool, args));
}

/** Who calls, what the client can be asked, and what it answers. */
function incomingOf(server: Server, { http, mcpReq }: ServerContext): Incoming {
  return {
    ...callerOf(http?.authInfo),
    capabilities: capabilitiesOf(server, mcpReq.envelope),
    answers: mcpReq.inputResponses,
    requestState: sealedStateOf(mcpReq.requestState<unknown>()),
  };
}

/** The first revision whose requests carry, in a validated envelope, what the client can be asked. */
const FIRST_WITH_ENVELOPE = '2026-07-28';

/** Clients of earlier revisions declare it once; an envelope of theirs is not validated, and means nothing. */
function capabilitiesOf(server: Server, envelope: Readonly<Record<string, unknown>> = {}): ClientCapabilities {
  const declaresEachTime = (server.getNegotiatedProtocolVersion() ?? '') >= FIRST_WITH_ENVELOPE;
  const declared = declaresEachTime ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  return (declared as ClientCapabilities | undefined) ?? {};
}
