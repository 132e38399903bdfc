// Runs the Anthropic SDK's tool runner with the tools of one server.
import Anthropic from '@anthropic-ai/sdk';
import { mcpTools } from '@anthropic-ai/sdk/helpers/beta/mcp';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

// #region connect
const direct = (url) => new StreamableHTTPClientTransport(new URL(url));
const throughWallet = (url) => new StdioClientTransport({ command: 'waxseal', args: ['wallet', url] });

async function toolsOver(transport) {
  const client = new Client({ name: 'researcher', version: '1.0.0' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  return { client, tools: mcpTools(tools, client) };
}
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const { client, tools } = await toolsOver(way === 'wallet' ? throughWallet(url) : direct(url));
try {
  const anthropic = new Anthropic({ apiKey: 'none', baseURL: modelUrl });
  await anthropic.beta.messages.toolRunner({
    model: 'claude-sonnet-4-5',
    max_tokens: 4096,
    messages: [{ role: 'user', content: prompt }],
    tools,
    // Without this line, the SDK sends only the newest part of the conversation, and relies on the API for the rest.
    thread: false,
  });
} finally {
  await client.close();
}
