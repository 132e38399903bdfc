// Runs an agent of Google's ADK with the tools of one server.
import { Gemini, InMemoryRunner, LlmAgent, MCPToolset } from '@google/adk';

// #region connect
const direct = (url) => new MCPToolset({ type: 'StreamableHTTPConnectionParams', url });
const throughWallet = (url) =>
  new MCPToolset({ type: 'StdioConnectionParams', serverParams: { command: 'waxseal', args: ['wallet', url] } });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
process.env.GOOGLE_GEMINI_BASE_URL = modelUrl;
const tools = way === 'wallet' ? throughWallet(url) : direct(url);
const agent = new LlmAgent({ name: 'researcher', model: new Gemini({ model: 'gemini-2.5-flash', apiKey: 'none' }), tools: [tools] });
const runner = new InMemoryRunner({ agent, appName: 'research' });
const { id: sessionId } = await runner.sessionService.createSession({ appName: 'research', userId: 'user' });
for await (const event of runner.runAsync({ userId: 'user', sessionId, newMessage: { role: 'user', parts: [{ text: prompt }] } })) {
  if (event.errorCode) throw new Error(event.errorMessage);
}
await tools.close();
