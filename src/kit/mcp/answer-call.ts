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
import { refusal } from '../define/refusal.ts';
import type { Tool } from '../define/tool.ts';
import { type Environment, UNKNOWN_TOOL } from '../environment.ts';
import { callTool, type Incoming } from '../run/call.ts';
import { recorderOf } from '../run/record.ts';
import { InvalidRequestState } from '../sealed/request-state.ts';
import { sealedStateOf } from '../sealed/request-state-codec.ts';
import { tellerOf } from './teller.ts';
import { turnOn } from './turns.ts';

/**
 * Answers `tools/call` as the SDK's server hands it over.
 *
 * @throws {ProtocolError} where there is no such tool, its `requestState` is not good here, or it is defective
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
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 128)}. There are: ${someOf(names)}`);
  }
  try {
    return await finder(args, run);
  } catch (error) {
    if (error instanceof InvalidRequestState) throw error;
    // A defect in the tool's function: it was reported to the log, and its message may hold state.
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error');
  } finally {
    end();
  }
}

/** For transports that do not challenge for scopes themselves, as HTTP does: nobody calls without them, whichever way. */
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

/** Who calls, what the client can be asked, and what it answers. */
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

/** The first revision whose requests carry, in a validated envelope, what the client can be asked. */
const FIRST_WITH_ENVELOPE = '2026-07-28';

/** Clients of earlier revisions declare it once; an envelope of theirs is not validated, and means nothing. */
function capabilitiesOf(server: Server, envelope: Readonly<Record<string, unknown>> = {}): ClientCapabilities {
  const declaresEachTime = (server.getNegotiatedProtocolVersion() ?? '') >= FIRST_WITH_ENVELOPE;
  const declared = declaresEachTime ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  return (declared as ClientCapabilities | undefined) ?? {};
}
