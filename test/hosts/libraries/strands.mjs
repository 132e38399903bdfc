// Runs a Strands agent with the tools of one server.
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Agent, McpClient } from '@strands-agents/sdk';
import { OpenAIModel } from '@strands-agents/sdk/models/openai';

// #region connect
const direct = (url) => new McpClient({ url });
const throughWallet = (url) => new McpClient({ transport: new StdioClientTransport({ command: 'waxseal', args: ['wallet', url] }) });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const client = way === 'wallet' ? throughWallet(url) : direct(url);
const model = new OpenAIModel({ api: 'chat', modelId: 'gpt-4.1', apiKey: 'none', clientConfig: { baseURL: `${modelUrl}/v1` } });
try {
  await new Agent({ model, tools: [client], printer: false }).invoke(prompt);
} finally {
  await client.disconnect();
}
