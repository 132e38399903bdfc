/** The kit for authors of tools. An author declares a kind of task state, and writes tools over that state. */

/** The SDK's helpers for questions, answers and scopes, so that authors need no second package. */
export { acceptedContent, inputRequired, inputResponse, requireScopes } from '@modelcontextprotocol/server';
export {
  type Asking,
  ask,
  type Call,
  type Caller,
  type CallerClaims,
  callerOf,
  canElicit,
  type Progress,
  type Saying,
  type TaskCall,
  type Update,
} from './define/call.ts';
export { handleOf } from './define/handle-argument.ts';
export { type Choice, defineKind, type Kind, type KindDeclaration, type Migration, oneOf, type Tagged, type Takes } from './define/kind.ts';
export type { Finder, RunTool, Toolset } from './define/lookup.ts';
export {
  createTool,
  endTool,
  plainTool,
  type Role,
  readTool,
  type Tool,
  type ToolAnnotations,
  type ToolConfig,
  type ToolDefinition,
  updateTool,
} from './define/tool.ts';
export { estimateTokens, type Listing, MOST_TOKENS_LISTED, type ToolsetOptions, toolset } from './define/toolset.ts';
export type { CallRecord, Environment } from './environment.ts';
export { registerTools } from './mcp/register.ts';
export { HANDLE_INSTRUCTIONS, type ServerIdentity, serverOf } from './mcp/server.ts';
export { callTool, type Incoming } from './run/call.ts';
export type { CodecKeys } from './sealed/codec-keys.ts';
export { InvalidCursor, type ListIdentity, openCursor, sealCursor } from './sealed/cursor.ts';
export { InvalidRequestState } from './sealed/request-state.ts';
export { createRequestStateCodec, type RequestStateCodec, type RequestStateCodecOptions } from './sealed/request-state-codec.ts';
export { ToolDefect } from './values/defect.ts';
export { ToolRefusal } from './values/refusal.ts';
export type { Fields, JsonSchema, Values } from './values/schema.ts';
