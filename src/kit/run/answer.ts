import { type CallToolResult, type InputRequiredResult, inputRequired } from '@modelcontextprotocol/server';
import { descriptionOf, writeHandleInfo } from '../../handle/index.ts';
import type { Caller } from '../define/call.ts';
import type { Asking, Tool } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { type RequestIdentity, sealRequestState } from '../sealed/request-state.ts';
import type { Carried } from './handles.ts';

/**
 * A new handle stands once in the structured content and once in the text; one that did not change only in the former.
 *
 * @param warning of the handle, for the model
 */
export function answer(tool: Tool, { handle, claims }: Carried, result: object, text: string, warning?: string): CallToolResult {
  const info = { ...writeHandleInfo(descriptionOf(claims)), ...(warning !== undefined && { warning }) };
  const said = warning === undefined ? text : `${text}\n${warning}`;
  const spoken = tool.role === 'read' ? said : `${said}\nhandle (revision ${info.revision}, expires ${info.expires_at}): ${handle}`;
  return { content: [{ type: 'text', text: spoken }], structuredContent: { ...result, handle, handle_info: info } };
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
