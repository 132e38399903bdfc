// Runs mcp-use's agent with the tools of one server.
import { ChatOpenAI } from '@langchain/openai';
import { MCPAgent, MCPClient } from 'mcp-use';

// #region connect
const direct = (url) => new MCPClient({ mcpServers: { waxseal: { url } } });
const throughWallet = (url) => new MCPClient({ mcpServers: { waxseal: { command: 'waxseal', args: ['wallet', url] } } });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const client = way === 'wallet' ? throughWallet(url) : direct(url);
try {
  const llm = new ChatOpenAI({ model: 'gpt-4.1', apiKey: 'none', configuration: { baseURL: `${modelUrl}/v1` } });
  await new MCPAgent({ llm, client, maxSteps: 30 }).run(prompt);
} finally {
  await client.closeAllSessions();
}
