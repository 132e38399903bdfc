import { type CallToolResult, type ContentBlock, type InputRequiredResult, inputRequired } from '@modelcontextprotocol/server';
import { descriptionOf, writeHandleInfo } from '../../handle/index.ts';
import type { Asking, Caller } from '../define/call.ts';
import type { Tool } from '../define/tool.ts';
import type { Environment } from '../environment.ts';
import { type RequestIdentity, sealRequestState } from '../sealed/request-state.ts';
import type { Carried } from './handles.ts';

export interface Said {
  readonly structuredContent: object;
  readonly text: string;
  readonly content: readonly ContentBlock[];
  readonly _meta: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Makes the result of a call. Some hosts show a model only the text, and others only the structured content. So both
 * contain the whole answer and, by default, the new handle. A tool that only reads returns the handle that it got, so
 * its text omits the handle. The handle is the first member of the structured content, so that a host that cuts long
 * results keeps it.
 *
 * @param carried the handle for the result; undefined for a plain tool
 * @param handleIn the part of the result that contains the handle: `text`, `structured` or `both`
 */
export function answer(
  tool: Tool,
  { structuredContent, text, content, _meta }: Said,
  carried: Carried | undefined,
  handleIn: Environment['handleIn'] = 'both',
): CallToolResult {
  // Without an output schema, the structured content repeats the text, for hosts that show a model nothing else.
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
    structuredContent: { ...(handleIn !== 'text' && { handle }), ...fields, handle_info: info },
    ...meta,
  };
}

/**
 * Makes the result that asks the client a question. If the handler wants a value back, the result carries it in a
 * sealed `requestState`.
 *
 * @throws {StateTooLarge} `state_too_large`: the `requestState` would be too long, or the value nests too deep
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this time, or the caller is revoked
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
