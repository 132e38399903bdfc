import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/keys/index.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { MAIN, startServer } from '../support/program.ts';

const page = readFileSync('docs/operate.md', 'utf8');
const run = promisify(execFile);
const has = (...programs: string[]) => programs.every((program) => spawnSync('bash', ['-c', `command -v ${program}`]).status === 0);

/** Returns the first block of the page that contains a given text. */
function blockWith(language: string, text: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)];
  return blocks.find(([, written, block = '']) => written === language && block.includes(text))?.[2] ?? '';
}

describe('the page on operating', () => {
  it.runIf(has('curl'))('shows a first call, which works as written', async () => {
    const { path } = await ringFile();
    const args = ['--keys', path, '--allowed-hosts', 'mcp.example.com', '--trust-proxy', '127.0.0.1', '--allow-anonymous'];
    const server = await startServer(args);
    const call = blockWith('sh', 'curl').replace('http://127.0.0.1/', `${server.origin}/`);
    const { stdout } = await run('bash', ['-euc', call]);
    expect(JSON.parse(stdout).result.structuredContent).toMatchObject({ status: 'running', handle_info: { revision: 1 } });
  });

  it.runIf(has('nginx', 'openssl'))('shows lines with which nginx serves TLS', async () => {
    const folder = emptyFolder();
    const [certificate, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')];
    const made = ['-subj', '/CN=mcp.example.com', '-keyout', key, '-out', certificate];
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...made]);
    const lines = blockWith('nginx', 'ssl_certificate')
      .replaceAll('/etc/ssl/mcp.example.com', folder)
      // `nginx -t` also opens the port, and the test may lack permission for port 443.
      .replace('443', `unix:${join(folder, 'tls.sock')}`);
    const site = readFileSync('deploy/proxies/nginx.conf', 'utf8').replace('  listen 80;\n', lines);
    expect(site).toContain('ssl_certificate_key');
    const config = join(folder, 'nginx.conf');
    writeFileSync(config, `pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${site} }`);
    const { stderr } = await run('nginx', ['-t', '-p', folder, '-c', config]);
    expect(stderr).toContain('test is successful');
    expect(stderr).not.toContain('[warn]');
  });

  it.runIf(has('bash'))('shows how to rotate a ring that is in an environment variable', async () => {
    const { document } = await ringFile();
    const cwd = emptyFolder();
    const script = `waxseal() { '${process.execPath}' '${MAIN}' "$@"; }\n${blockWith('sh', '"$WAXSEAL_KEYS"')}`;
    const { PATH = '' } = process.env;
    await run('bash', ['-euc', script], { cwd, env: { PATH, WAXSEAL_KEYS: JSON.stringify(document) } });
    const ring = join(cwd, 'ring.jwks');
    expect(statSync(ring).mode & 0o777).toBe(0o600);
    expect(parseDocument(readFileSync(ring, 'utf8')).pairs).toHaveLength(2);
  });
});
