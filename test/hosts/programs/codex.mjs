import { writeIn } from '../lib/sandbox.mjs';

const direct = (url) => `[mcp_servers.waxseal]
url = "${url}"
`;

// Without `required`, Codex may send its first request before the server has started. The model then has no tools.
const throughWallet = (url) => `[mcp_servers.waxseal]
command = "waxseal"
args = ["wallet", "${url}"]
required = true
`;

export const codex = {
  name: 'codex',
  title: 'Codex CLI',
  packages: { '@openai/codex': '0.171.0' },
  api: 'responses',
  file: '~/.codex/config.toml',
  connect: { direct, throughWallet },
  command({ home, modelUrl, connection, prompt }) {
    const model = `model = "gpt-5.1"
model_provider = "scripted"
check_for_update_on_startup = false
[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
[analytics]
enabled = false
`;
    writeIn(home, '.codex/config.toml', model + connection);
    return ['codex', 'exec', '--skip-git-repo-check', '--sandbox', 'read-only', prompt];
  },
};
