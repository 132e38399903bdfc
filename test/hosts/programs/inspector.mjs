import { json, writeIn } from '../lib/sandbox.mjs';

const FILE = 'mcp.json';

/** A command-line client without an agent loop. An agent runs it in a shell and reads its output. */
export const inspector = {
  name: 'inspector',
  title: 'MCP Inspector (command line)',
  packages: { '@modelcontextprotocol/inspector': '2.12.0' },
  api: 'a shell',
  file: 'mcp.json',
  connect: {
    direct: (url) => json({ mcpServers: { waxseal: { type: 'streamable-http', url } } }),
    throughWallet: (url) => json({ mcpServers: { waxseal: { command: 'waxseal', args: ['wallet', url] } } }),
  },
  prepare: ({ home, connection }) => writeIn(home, FILE, connection),
  call({ tool, input }) {
    const pairs = Object.entries(input).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    const target = ['--config', FILE, '--server', 'waxseal'];
    return ['mcp-inspector', '--cli', ...target, '--method', 'tools/call', '--tool-name', tool, '--tool-arg', ...pairs];
  },
};
