import { json, writeIn } from '../lib/sandbox.mjs';

export const gemini = {
  name: 'gemini',
  title: 'Gemini CLI',
  packages: { '@google/gemini-cli': '0.61.0' },
  api: 'gemini',
  file: '~/.gemini/settings.json',
  connect: {
    direct: (url) => json({ mcpServers: { waxseal: { httpUrl: url, trust: true } } }),
    throughWallet: (url) => json({ mcpServers: { waxseal: { command: 'waxseal', args: ['wallet', url], trust: true } } }),
  },
  env: ({ modelUrl }) => ({ GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: modelUrl, GEMINI_CLI_TRUST_WORKSPACE: 'true' }),
  command({ home, connection, prompt }) {
    const settings = {
      security: { auth: { selectedType: 'gemini-api-key' } },
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      ...JSON.parse(connection),
    };
    writeIn(home, '.gemini/settings.json', json(settings));
    return ['gemini', '--model', 'gemini-2.5-flash', '--approval-mode', 'yolo', '--prompt', prompt];
  },
};
