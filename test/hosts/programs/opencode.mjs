import { json, writeIn } from '../lib/sandbox.mjs';

export const opencode = {
  name: 'opencode',
  title: 'opencode',
  packages: { 'opencode-ai': '1.18.33' },
  api: 'chat completions',
  file: 'opencode.json',
  connect: {
    direct: (url) => json({ mcp: { waxseal: { type: 'remote', url } } }),
    throughWallet: (url) => json({ mcp: { waxseal: { type: 'local', command: ['waxseal', 'wallet', url] } } }),
  },
  env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' }),
  command({ home, modelUrl, connection, prompt }) {
    const settings = {
      share: 'disabled',
      autoupdate: false,
      model: 'scripted/model',
      provider: {
        scripted: {
          npm: '@ai-sdk/openai-compatible',
          options: { baseURL: `${modelUrl}/v1`, apiKey: 'none' },
          models: { model: { tool_call: true, limit: { context: 400_000, output: 32_000 } } },
        },
      },
      ...JSON.parse(connection),
    };
    writeIn(home, 'opencode.json', json(settings));
    return ['opencode', 'run', prompt];
  },
};
