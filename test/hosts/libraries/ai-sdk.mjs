// Runs the AI SDK's agent loop with the tools of one server.
import { createMCPClient } from '@ai-sdk/mcp';
import { createOpenAI } from '@ai-sdk/openai';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { isStepCount, streamText } from 'ai';

// #region connect
const direct = (url) => createMCPClient({ transport: { type: 'http', url } });
const throughWallet = (url) => createMCPClient({ transport: new StdioClientTransport({ command: 'waxseal', args: ['wallet', url] }) });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const client = await (way === 'wallet' ? throughWallet(url) : direct(url));
try {
  const openai = createOpenAI({ baseURL: `${modelUrl}/v1`, apiKey: 'none' });
  const tools = await client.tools();
  await streamText({ model: openai('gpt-5'), tools, prompt, stopWhen: isStepCount(30) }).consumeStream({
    onError: (error) => Promise.reject(error),
  });
} finally {
  await client.close();
}
