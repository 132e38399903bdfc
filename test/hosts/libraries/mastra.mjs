// Runs Mastra's agent with the tools of one server.
import { Agent } from '@mastra/core/agent';
import { MCPClient } from '@mastra/mcp';

// #region connect
const direct = (url) => new MCPClient({ servers: { waxseal: { url: new URL(url) } } });
const throughWallet = (url) => new MCPClient({ servers: { waxseal: { command: 'waxseal', args: ['wallet', url] } } });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const client = way === 'wallet' ? throughWallet(url) : direct(url);
try {
  const agent = new Agent({
    id: 'researcher',
    name: 'researcher',
    instructions: 'Use the tools.',
    model: { id: 'scripted/gpt', url: `${modelUrl}/v1`, apiKey: 'none' },
    tools: await client.listTools(),
  });
  await agent.generate(prompt, { maxSteps: 30 });
} finally {
  await client.disconnect();
}
