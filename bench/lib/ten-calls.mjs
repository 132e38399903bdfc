/** Records a whole task as a model sees it: the calls that it writes, and the results that it reads. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { depth, findings, topic } from './research-mix.mjs';

const record = (number) => ({ name: 'record_findings', input: { findings: [findings[number]] } });
const status = { name: 'get_task_status', input: {} };
const CALLS = [
  { name: 'start_research_task', input: { topic, depth } },
  record(0),
  record(1),
  status,
  record(2),
  record(3),
  status,
  record(4),
  status,
  { name: 'complete_research_task', input: { findings: [] } },
];

/**
 * Makes the ten calls with the SDK's client.
 *
 * @param wrap wraps the client's transport, for example with a wallet
 * @returns for each call its arguments (`written`), the texts of the result (`texts`), and its structured content
 *   (`structured`)
 */
export async function tenCalls(handler, wrap = (transport) => transport) {
  const client = new Client({ name: 'waxseal-bench', version: '1.0.0' });
  const fetchFrom = (url, options) => handler.fetch(new Request(url, withHost(options)));
  await client.connect(wrap(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch: fetchFrom })));
  const exchanges = [];
  let handle;
  for (const { name, input } of CALLS) {
    const written = { ...(handle !== undefined && { handle }), ...input };
    const { content, structuredContent: structured, isError } = await client.callTool({ name, arguments: written });
    const texts = content.map(({ text }) => text);
    if (isError) throw new Error(`${name} failed: ${texts.join('\n')}`);
    exchanges.push({ written, texts, structured });
    handle = structured.handle;
  }
  await client.close();
  return exchanges;
}

/** Adds `Host`, which a client on a socket would send by itself. */
function withHost(options) {
  const headers = new Headers(options.headers);
  headers.set('host', 'localhost');
  return { ...options, headers };
}
