// Runs LlamaIndex's agent workflow with the tools of one server.
import { OpenAI } from '@llamaindex/openai';
import { mcp } from '@llamaindex/tools';
import { agent } from '@llamaindex/workflow';

// #region connect
const direct = (url) => mcp({ url });
const throughWallet = (url) => mcp({ command: 'waxseal', args: ['wallet', url] });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const client = way === 'wallet' ? throughWallet(url) : direct(url);
try {
  const llm = new OpenAI({ model: 'gpt-4.1', apiKey: 'none', baseURL: `${modelUrl}/v1` });
  await agent({ llm, tools: await client.tools() }).run(prompt);
} finally {
  await client.cleanup();
}
