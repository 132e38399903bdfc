import { writeIn } from '../lib/sandbox.mjs';

const direct = (url) => `[mcp_servers.waxseal]
url = "${url}"
default_tools_approval_mode = "approve"
`;

// Codex asks the model at once, and does not wait for a server that still starts, unless it is required.
const throughWallet = (url) => `[mcp_servers.waxseal]
command = "waxseal"
args = ["wallet", "${url}"]
required = true
default_tools_approval_mode = "approve"
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
