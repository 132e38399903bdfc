// Runs LangChain's agent with the tools of one server.
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent } from 'langchain';

// #region connect
const direct = (url) => new MultiServerMCPClient({ mcpServers: { waxseal: { transport: 'http', url } } });
const throughWallet = (url) =>
  new MultiServerMCPClient({ mcpServers: { waxseal: { transport: 'stdio', command: 'waxseal', args: ['wallet', url] } } });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const client = way === 'wallet' ? throughWallet(url) : direct(url);
try {
  const model = new ChatOpenAI({ model: 'gpt-4.1', apiKey: 'none', configuration: { baseURL: `${modelUrl}/v1` } });
  const agent = createAgent({ model, tools: await client.getTools() });
  await agent.invoke({ messages: [{ role: 'user', content: prompt }] }, { recursionLimit: 60 });
} finally {
  await client.close();
}
