import { type CallToolResult, type ContentBlock, type InputRequiredResult, inputRequired } from '@modelcontextprotocol/server';
import { descriptionOf, writeHandleInfo } from '../../handle/index.ts';
import type { Asking, Caller } from '../define/call.ts';
import type { Tool } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { type RequestIdentity, sealRequestState } from '../sealed/request-state.ts';
import type { Carried } from './handles.ts';

/** What a tool says in one answer. */
export interface Said {
  readonly structuredContent: object;
  readonly text: string;
  readonly content: readonly ContentBlock[];
  readonly _meta: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Hosts show a model the text, the structured content, or both: each says all that there is to say. A new handle stands
 * once in each; one that did not change, only in the latter.
 *
 * @param carried the handle that it answers with, if any
 * @param handleIn where a handle stands, for hosts that are known to show only one of the two
 */
export function answer(
  tool: Tool,
  { structuredContent, text, content, _meta }: Said,
  carried: Carried | undefined,
  handleIn: Environment['handleIn'] = 'both',
): CallToolResult {
  // Without fields of its own a tool would say nothing here.
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

/** What the client is asked, with what is to be remembered until it answers. */
export async function question(
  { asks, remember }: Asking,
  request: RequestIdentity,
  environment: Environment,
  caller: Caller,
): Promise<InputRequiredResult> {
  if (remember === undefined) return inputRequired({ inputRequests: asks });
  return inputRequired({ inputRequests: asks, requestState: await sealRequestState(remember, request, environment, caller) });
}
