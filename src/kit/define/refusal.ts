/** Execution errors (MCP 2026-07-28, server/tools): what a tool refuses, and how a model reads the refusal. */
import type { CallToolResult } from '@modelcontextprotocol/server';

/** A tool's function refuses, and says what to do instead. Nothing is issued; the given handle stays good. */
export class ToolRefusal extends Error {
  readonly code: string;
  /** @param code stable, for programs @param message what the model reads */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** An execution error: for programs, and for the model. */
export interface Explanation {
  readonly code: string;
  readonly text: string;
}

/** An execution error as `tools/call` returns it. Hosts show a model the text or the structured content: each says all. */
export function refusal({ code, text }: Explanation): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }], structuredContent: { error: { code, message: text } } };
}
