import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { callerOf } from '../define/call.ts';
import { type Finder, type RunTool, someOf, type Toolset } from '../define/lookup.ts';
import type { Tool } from '../define/tool.ts';
import { type Environment, UNKNOWN_TOOL } from '../environment.ts';
import { callTool, type Incoming } from '../run/call.ts';
import { recorderOf } from '../run/record.ts';
import { InvalidRequestState } from '../sealed/request-state.ts';
import { sealedStateOf } from '../sealed/request-state-codec.ts';
import { refusal } from '../values/refusal.ts';
import { tellerOf } from './teller.ts';
import { turnOn } from './turns.ts';

/**
 * The answer to a call that a defect ended. Hosts do not show protocol errors to a model, so it is a tool execution
 * error.
 */
const DEFECTIVE = {
  code: 'internal_error',
  text: 'This tool failed because of a defect in the server. A handle that you passed is still good. Try again later, or tell the user.',
};

/**
 * Answers a `tools/call` request of the SDK's server.
 *
 * @throws {ProtocolError} -32602 (invalid params): the tool does not exist
 * @throws {InvalidRequestState} -32602 (invalid params): the `requestState` does not open
 */
export async function answerCall(
  tools: Toolset,
  name: string,
  args: unknown,
  environment: Environment,
  server: Server,
  ctx: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const { told, end } = tellerOf(ctx);
  const incoming = { ...incomingOf(server, ctx), ...told };
  const run: RunTool = async (tool, given) => {
    const refused = tool.scopeChallenge && (await refusalForScopes(tool, given, environment, ctx));
    return refused ?? callTool(tools, tool, given, environment, incoming);
  };
  if (tools.finders.has(name)) await turnOn(server);
  const finder = tools.finders.get(name) ?? directly(tools.byName.get(name));
  if (finder === undefined) {
    recorderOf(UNKNOWN_TOOL, environment)({ outcome: 'error', code: 'unknown_tool' });
    const names = tools.definitions.map((listed) => listed.name);
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 128)}. This server has: ${someOf(names)}`);
  }
  try {
    return await finder(args, run);
  } catch (error) {
    if (error instanceof InvalidRequestState) throw error;
    // `callTool` has reported the defect to the log. The model gets a fixed text, because the message may contain
    // state.
    return refusal(DEFECTIVE);
  } finally {
    end();
  }
}

/**
 * Refuses a call whose token lacks scopes that the tool demands. Over HTTP, the SDK's `McpServer` has already refused
 * such a call. Other transports may not check scopes, so every call is checked here.
 */
async function refusalForScopes(
  tool: Tool,
  args: unknown,
  environment: Environment,
  ctx: ServerContext,
): Promise<CallToolResult | undefined> {
  const { name } = tool.definition;
  const request = { jsonrpc: '2.0' as const, id: ctx.mcpReq.id, method: 'tools/call', params: { name, arguments: args } };
  const challenge = await tool.scopeChallenge?.({ request, ...(ctx.http?.authInfo && { authInfo: ctx.http.authInfo }) });
  if (challenge === undefined) return undefined;
  recorderOf(name, environment)({ outcome: 'error', code: 'insufficient_scope' });
  const text = `${name} needs an access token with these scopes: ${challenge.scopes.join(', ')}. Ask the user to grant them, and call again.`;
  return refusal({ code: 'insufficient_scope', text });
}

function directly(tool: Tool | undefined): Finder | undefined {
  return tool && ((args, run) => run(tool, args));
}

function incomingOf(server: Server, { http, mcpReq }: ServerContext): Incoming {
  return {
    ...callerOf(http?.authInfo),
    scopes: http?.authInfo?.scopes ?? [],
    _meta: mcpReq._meta ?? {},
    capabilities: capabilitiesOf(server, mcpReq.envelope),
    answers: mcpReq.inputResponses,
    requestState: sealedStateOf(mcpReq.requestState<unknown>()),
  };
}

/**
 * The first revision of MCP whose requests all carry the client's capabilities. The SDK validates them, and passes them
 * on in `envelope`.
 */
const FIRST_WITH_ENVELOPE = '2026-07-28';

/**
 * Returns the client's capabilities. A client of an earlier revision declares them once, when it connects. If such a
 * client sends an envelope, the envelope is ignored, because the SDK has not validated it.
 */
function capabilitiesOf(server: Server, envelope: Readonly<Record<string, unknown>> = {}): ClientCapabilities {
  const declaresEachTime = (server.getNegotiatedProtocolVersion() ?? '') >= FIRST_WITH_ENVELOPE;
  const declared = declaresEachTime ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  return (declared as ClientCapabilities | undefined) ?? {};
}
