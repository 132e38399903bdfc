/** Tool execution errors (MCP 2026-07-28, server/tools, "Error Handling"). */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { ToolDefect } from './defect.ts';

/**
 * The error that a handler throws to refuse a call. The model reads the message, so say what to do instead. No handle
 * is issued, and the handle that the client passed stays valid.
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
  /** A code for programs. Keep it when you change the message. */
  readonly code: string;
  /**
   * @param code a code for programs: 1 to 64 lower-case letters, digits and `_`, beginning with a letter
   * @param message the text for the model
   * @throws {ToolDefect} the code is not allowed, or the message is empty
   */
  constructor(code: string, message: string) {
    if (!CODE.test(code) || typeof message !== 'string' || message === '') {
      throw new ToolDefect('ToolRefusal: expected a code like "basket_ordered", and a message for the model');
    }
    super(message);
    this.code = code;
  }
}

/** The spelling of a code. It allows no spaces, so that a message in place of the code is refused. */
const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** The content of a tool execution error. */
export interface Explanation {
  /** The code, for programs. */
  readonly code: string;
  /** The text, for the model. */
  readonly text: string;
}

/**
 * Makes the result of a failed `tools/call`. Some hosts show a model only the text, and others only the structured
 * content. So both contain the whole error.
 */
export function refusal({ code, text }: Explanation): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }], structuredContent: { error: { code, message: text } } };
}
