// Runs Genkit's generation loop with the tools of one server.
import { googleAI } from '@genkit-ai/google-genai';
import { createMcpHost } from '@genkit-ai/mcp';
import { genkit } from 'genkit';

// #region connect
const direct = (url) => createMcpHost({ name: 'host', mcpServers: { waxseal: { url } } });
const throughWallet = (url) => createMcpHost({ name: 'host', mcpServers: { waxseal: { command: 'waxseal', args: ['wallet', url] } } });
// #endregion

const [modelUrl, url, way, prompt] = process.argv.slice(2);
const host = way === 'wallet' ? throughWallet(url) : direct(url);
try {
  const ai = genkit({ plugins: [googleAI({ apiKey: 'none', baseUrl: modelUrl })] });
  await ai.generate({ model: googleAI.model('gemini-2.5-flash'), prompt, tools: await host.getActiveTools(ai), maxTurns: 30 });
} finally {
  await host.close();
}
