/** Writes tool calls of MCP 2026-07-28 as HTTP requests, and reads the answers. */

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'waxseal-soak', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Returns a tool call as a whole HTTP request. The call must be ASCII, because its characters are counted as bytes. */
export function toolCall(name, args) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: META } });
  return [
    'POST /mcp HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'mcp-protocol-version: 2026-07-28',
    'mcp-method: tools/call',
    `mcp-name: ${name}`,
    `content-length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

export const HEALTH = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n';

/**
 * Returns the meaning of an answer:
 *
 * - `ok` with the tool's result
 * - `shed` (503) or `limited` (429), if the answer says when to call again
 * - `error` with the code of the tool's refusal
 * - `wrong` for every other answer, which is a defect of the server
 */
export function meaningOf({ status, head, text }) {
  if ((status === 503 || status === 429) && /\r\nretry-after: \d+/i.test(head)) return { is: status === 503 ? 'shed' : 'limited' };
  if (status !== 200) return { is: 'wrong', why: `status ${status}: ${text.slice(0, 200)}` };
  try {
    const event = /^data: (.+)$/m.exec(text)?.[1];
    const { result } = JSON.parse(event ?? text);
    if (result.isError) return { is: 'error', why: result.structuredContent.error.code };
    return { is: 'ok', result: result.structuredContent };
  } catch {
    return { is: 'wrong', why: `no JSON-RPC result: ${text.slice(0, 200)}` };
  }
}

/** Returns the `kid` of a handle, without a key. */
export function kidOf(handle) {
  return JSON.parse(Buffer.from(handle.slice(0, handle.indexOf('.')), 'base64url')).kid;
}
