/** For authors: declare a kind of task state, write tools over it, and never see a handle. */
export { type ServerIdentity, serverOf } from './adapter.ts';
export { callTool } from './call.ts';
export type { CallRecord, Environment } from './environment.ts';
export { defineKind, type Kind, type KindDeclaration } from './kind.ts';
export type { JsonSchema } from './schema.ts';
export {
  type Caller,
  createTool,
  endTool,
  readTool,
  type Saying,
  type Step,
  type Tool,
  type ToolAnnotations,
  type ToolDefinition,
  ToolRefusal,
  updateTool,
} from './tool.ts';
export { type Toolset, toolset } from './toolset.ts';
