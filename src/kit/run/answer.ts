import { type CallToolResult, type ContentBlock, type InputRequiredResult, inputRequired } from '@modelcontextprotocol/server';
import { descriptionOf, writeHandleInfo } from '../../handle/index.ts';
import type { Asking, Caller } from '../define/call.ts';
import type { Tool } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { type RequestIdentity, sealRequestState } from '../sealed/request-state.ts';
import type { Carried } from './handles.ts';

/** The content of a tool's result, as the handler returned it. */
export interface Said {
  readonly structuredContent: object;
  readonly text: string;
  readonly content: readonly ContentBlock[];
  readonly _meta: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Makes the result of a call. Some hosts show a model the text, others the structured content, so each part is complete. By
 * default a new handle is in both parts. An unchanged handle is never in the text.
 *
 * @param carried the handle of the result; undefined for a plain tool
 * @param handleIn which part contains the handle, for hosts that show a model only one part
 */
export function answer(
  tool: Tool,
  { structuredContent, text, content, _meta }: Said,
  carried: Carried | undefined,
  handleIn: Environment['handleIn'] = 'both',
): CallToolResult {
  // A tool without an output schema has no structured content of its own. The text stands there, for hosts that show only that part.
  const fields = Object.keys(tool.output.shape).length === 0 ? { message: text } : structuredContent;
  const meta = _meta !== undefined && { _meta };
  if (carried === undefined) return { content: [{ type: 'text', text }, ...content], structuredContent: { ...fields }, ...meta };
  const { handle, claims, warning } = carried;
  const info = { ...writeHandleInfo(descriptionOf(claims)), ...(warning !== undefined && { warning }) };
  const said = warning === undefined ? text : `${text}\n${warning}`;
  const silent = tool.role === 'read' || handleIn === 'structured';
  const spoken = silent ? said : `${said}\nhandle (revision ${info.revision}, expires ${info.expires_at}): ${handle}`;
  return {
    content: [{ type: 'text', text: spoken }, ...content],
    structuredContent: { ...fields, ...(handleIn !== 'text' && { handle }), handle_info: info },
    ...meta,
  };
}

/**
 * Makes the result that asks the client a question. The result carries the remembered value, if any, in a sealed `requestState`.
 *
 * @throws {StateTooLarge} `state_too_large`
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this moment, or the caller is revoked
 */
export async function question(
  { asks, remember }: Asking,
  request: RequestIdentity,
  environment: Environment,
  caller: Caller,
): Promise<InputRequiredResult> {
  if (remember === undefined) return inputRequired({ inputRequests: asks });
  return inputRequired({ inputRequests: asks, requestState: await sealRequestState(remember, request, environment, caller) });
}
