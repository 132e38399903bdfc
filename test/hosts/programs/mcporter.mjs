import { json, writeIn } from '../lib/sandbox.mjs';

const FILE = '.mcporter/mcporter.json';

/** A command-line client without an agent loop. An agent runs it in a shell and reads its output. */
export const mcporter = {
  name: 'mcporter',
  title: 'mcporter',
  packages: { mcporter: '0.12.3' },
  api: 'a shell',
  file: `~/${FILE}`,
  connect: {
    direct: (url) => json({ mcpServers: { waxseal: { baseUrl: url } } }),
    throughWallet: (url) => json({ mcpServers: { waxseal: { command: 'waxseal', args: ['wallet', url] } } }),
  },
  prepare: ({ home, connection }) => writeIn(home, FILE, connection),
  call: ({ tool, input }) => ['mcporter', 'call', `waxseal.${tool}`, '--args', JSON.stringify(input)],
};
