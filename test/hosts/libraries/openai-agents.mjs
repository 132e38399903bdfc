// Runs OpenAI's Agents SDK with the tools of one server.
import { Agent, MCPServerStdio, MCPServerStreamableHttp, OpenAIProvider, Runner } from '@openai/agents';

// #region connect
const direct = (url) => new MCPServerStreamableHttp({ url });
const throughWallet = (url) => new MCPServerStdio({ command: 'waxseal', args: ['wallet', url] });
// #endregion

const [modelUrl, url, way, prompt, variant] = process.argv.slice(2);
const server = way === 'wallet' ? throughWallet(url) : direct(url);
await server.connect();
try {
  const strict = variant === 'strict';
  const agent = new Agent({ name: 'researcher', model: 'gpt-4.1', mcpServers: [server], mcpConfig: { convertSchemasToStrict: strict } });
  const modelProvider = new OpenAIProvider({ apiKey: 'none', baseURL: `${modelUrl}/v1`, useResponses: strict });
  const result = await new Runner({ modelProvider, tracingDisabled: true }).run(agent, prompt, { maxTurns: 30, stream: true });
  await result.completed;
} finally {
  await server.close();
}
