/** Tool execution errors (MCP 2026-07-28, server/tools, "Error Handling"): a handler throws a refusal, and the model reads it. */
import type { CallToolResult } from '@modelcontextprotocol/server';

/**
 * The error that a handler throws to refuse a call. The model reads the message, which should say what to do instead. No
 * handle is issued, and the handle that the client passed stays valid.
 *
 * @example
 * ```ts
 * import { ToolRefusal } from 'waxseal';
 *
 * function requireOpen(basket: { ordered: boolean }): void {
 *   if (basket.ordered) throw new ToolRefusal('basket_ordered', 'This basket was ordered. Use create_basket to start another.');
 * }
 * ```
 */
export class ToolRefusal extends Error {
  /** A code for programs, which stays the same when the message changes. */
  readonly code: string;
  /**
   * @param code a code for programs, which stays the same when the message changes
   * @param message the text for the model
   */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The content of a tool execution error. */
export interface Explanation {
  /** For programs. */
  readonly code: string;
  /** For the model. */
  readonly text: string;
}

/**
 * Makes the result of a failed `tools/call`. Some hosts show a model only the text, others only the structured content, so
 * each is complete.
 */
export function refusal({ code, text }: Explanation): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }], structuredContent: { error: { code, message: text } } };
}
