/** For authors: declare a kind of task state, write tools over it, and never see a handle. */

/** The SDK's own helpers for questions and answers, so that authors need no second package. */
export { acceptedContent, inputRequired, inputResponse } from '@modelcontextprotocol/server';
export { HANDLE_INSTRUCTIONS, registerTools, type ServerIdentity, serverOf } from './adapter.ts';
export { handleOf } from './argument.ts';
export { estimateTokens, type Listing, MOST_TOKENS_LISTED, type ToolsetOptions, toolset } from './assemble.ts';
export { callTool, type Incoming } from './call.ts';
export { type Call, type Caller, type CallerClaims, callerOf, canElicit, type TaskCall } from './caller.ts';
export { InvalidCursor, openCursor, sealCursor } from './cursor.ts';
export type { CallRecord, Environment } from './environment.ts';
export { type Choice, defineKind, type Kind, type KindDeclaration, type Migration, oneOf, type Tagged, type Takes } from './kind.ts';
export { InvalidRequestState } from './request-state.ts';
export { createRequestStateCodec, type RequestStateCodec } from './request-state-codec.ts';
export type { JsonSchema } from './schema.ts';
export {
  type Asking,
  ask,
  createTool,
  type DeclaredTool,
  endTool,
  type Role,
  readTool,
  type Saying,
  type Step,
  type Tool,
  type ToolAnnotations,
  type ToolDeclaration,
  type ToolDefinition,
  ToolRefusal,
  updateTool,
} from './tool.ts';
export type { Finder, RunTool, Toolset } from './toolset.ts';
