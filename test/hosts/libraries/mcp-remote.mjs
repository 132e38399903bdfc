// Runs the AI SDK's agent loop over stdio with mcp-remote, which passes the messages on to a server over HTTP.
import { createMCPClient } from '@ai-sdk/mcp';
import { createOpenAI } from '@ai-sdk/openai';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { generateText, isStepCount } from 'ai';

// #region connect
const direct = (url) => new StdioClientTransport({ command: 'mcp-remote', args: [url] });
const throughWallet = (url) => new StdioClientTransport({ command: 'waxseal', args: ['wallet', '--', 'mcp-remote', url] });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const client = await createMCPClient({ transport: way === 'wallet' ? throughWallet(url) : direct(url) });
try {
  const openai = createOpenAI({ baseURL: `${modelUrl}/v1`, apiKey: 'none' });
  await generateText({ model: openai('gpt-5'), tools: await client.tools(), prompt, stopWhen: isStepCount(30) });
} finally {
  await client.close();
}
