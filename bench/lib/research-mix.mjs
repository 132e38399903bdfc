/** The task that all servers run: four calls, each with the handle from the previous response. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

/** The texts of all benches. */
export const { topic, depth, findings } = JSON.parse(readFileSync(new URL('../findings.json', import.meta.url), 'utf8'));

/** Each call has the tool's name, the arguments besides the handle (`input`), and the required fields (`answer`). */
export const STEPS = [
  { name: 'start_research_task', input: { topic, depth }, answer: { status: 'running' } },
  { name: 'get_task_status', input: {}, answer: { topic, depth, status: 'running', results: [] } },
  { name: 'record_findings', input: { findings }, answer: { status: 'running', result_count: findings.length } },
  { name: 'complete_research_task', input: { findings: [] }, answer: { status: 'complete', result_count: findings.length } },
];

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'waxseal-bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** The headers of a tool call, without those for the body's length, which the sender adds. */
export function headersOf({ name }) {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': name,
  };
}

export function bodyOf({ name, input }, handle) {
  const params = { name, arguments: { ...(handle !== undefined && { handle }), ...input }, _meta: META };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
}

/**
 * Checks a response, and returns its handle.
 *
 * @param handle the handle of the call
 * @throws {Error} if the response is wrong. The message says how.
 */
export function checked({ name, answer }, status, body, handle) {
  const wrong = (problem) => new Error(`${name} ${problem}: ${status} ${body.slice(0, 500)}`);
  if (status !== 200) throw wrong('was not answered with 200');
  let result;
  try {
    result = JSON.parse(body).result;
  } catch {
    throw wrong('was not answered with JSON');
  }
  const content = result?.structuredContent;
  if (content === undefined || result.isError) throw wrong('failed');
  for (const [field, value] of Object.entries(answer)) {
    if (!isDeepStrictEqual(content[field], value)) throw wrong(`answered another ${field}`);
  }
  if (typeof content.handle !== 'string') throw wrong('answered no handle');
  if (name === 'get_task_status' && content.handle !== handle) throw wrong('answered another handle');
  return content.handle;
}
