/**
 * Tests the files of `deploy/` for Docker, Kubernetes, systemd and Fly. Each test starts a server with the command or
 * the environment in a file.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/authorization-calls.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';
import { emptyFolder } from '../support/folders.ts';
import { sendRaw } from '../support/http.ts';
import { messageIn, toolCall } from '../support/mcp.ts';
import { load, PROJECTS, WAXSEAL } from './installed.ts';
import { running, type Served, serving } from './process.ts';

const { parse, parseAllDocuments } = load('yaml');
const read = (path: string) => readFileSync(join('deploy', path), 'utf8');

type Env = Readonly<Record<string, string>>;

let folder: string;
let ring: string;
let authorizationServer: AuthorizationServer;
beforeAll(async () => {
  mkdirSync(PROJECTS, { recursive: true });
  folder = mkdtempSync(join(PROJECTS, 'deploy-'));
  await running(process.execPath, [WAXSEAL, 'init', folder, '--for', 'docker'], PROJECTS);
  await running(process.execPath, [WAXSEAL, 'keys', 'generate', '--out', 'ring.jwks'], folder);
  ring = readFileSync(join(folder, 'ring.jwks'), 'utf8');
  authorizationServer = await startAuthorizationServer();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await authorizationServer.stop();
});

/** Returns the instructions of the Dockerfile's last stage, in order. */
const dockerfile = (): readonly (readonly [name: string, rest: string])[] => {
  const lines = read('docker/Dockerfile')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  return last.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);
};
const instruction = (name: string) => dockerfile().find(([found]) => found === name)?.[1] ?? '';
const imageEnv = (): Env =>
  Object.fromEntries(
    instruction('ENV')
      .split(' ')
      .map((pair) => pair.split('=')) as [string, string][],
  );

/** Starts the project with a platform's environment, and with the key ring and the issuer of this test. */
async function deployed(env: Env, program = process.execPath, args: readonly string[] = ['server.js']): Promise<Served & { port: number }> {
  const port = await freePort();
  const replaced = {
    ...(env['WAXSEAL_AUTH_ISSUER'] !== undefined && { WAXSEAL_AUTH_ISSUER: authorizationServer.issuer }),
    ...(env['WAXSEAL_KEYS_FILE'] === undefined ? { WAXSEAL_KEYS: ring } : { WAXSEAL_KEYS_FILE: join(folder, 'ring.jwks') }),
  };
  const served = await serving({ program, args, cwd: folder, env: { ...env, ...replaced, PORT: String(port) }, ready: /serves MCP at/ });
  onTestFinished(served.stop);
  return { ...served, port };
}

/**
 * Calls the server as a reverse proxy does: with the hostname that the client asked for, and with `X-Forwarded-For`.
 *
 * @returns the message of the tool, or the HTTP status of a refusal
 */
async function called(port: number, host: string): Promise<unknown> {
  const { headers, ...request } = toolCall('start_counter', {});
  const { status, text } = await sendRaw(`http://127.0.0.1:${port}/mcp`, {
    ...request,
    headers: { ...headers, host, 'x-forwarded-for': '203.0.113.8' },
  });
  return status === 200 ? messageIn(text).result.structuredContent.message : status;
}

const statusOf = async (port: number, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;

describe('The container', () => {
  test.runIf(process.getuid?.() === 0)(
    'runs as pid 1 and as an unprivileged user on a read-only root, passes its HEALTHCHECK, and stops on SIGTERM',
    async () => {
      // The unprivileged user must be able to read this folder.
      const app = emptyFolder();
      chmodSync(app, 0o755);
      mkdirSync(join(app, 'node_modules'));
      const [, copied = ''] = dockerfile().findLast(([name, rest]) => name === 'COPY' && !rest.startsWith('--from')) ?? [];
      expect(copied).toBe('package.json *.js ./');
      for (const file of readdirSync(folder).filter((name) => name === 'package.json' || name.endsWith('.js')))
        cpSync(join(folder, file), join(app, file));
      const [, uid = '', gid = ''] = /^(\d+):(\d+)$/.exec(instruction('USER')) ?? [];
      expect(uid).not.toBe('0');
      const script = [
        'set -eu',
        'mount --make-rprivate /',
        // These stand in for the packages that npm ci would install.
        `mount --bind ${join(PROJECTS, '../node_modules')} node_modules`,
        'mount -o remount,bind,ro /',
        `cd ${app}`,
        '! touch written 2>/dev/null',
        `exec setpriv --reuid ${uid} --regid ${gid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`,
      ].join('\n');
      const command = JSON.parse(instruction('CMD'));
      const port = await freePort();
      const env = { ...imageEnv(), PORT: String(port), WAXSEAL_KEYS: ring, WAXSEAL_ALLOW_ANONYMOUS: 'true' };
      const args = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', script, 'sh', ...command];
      const { stop, printed } = await serving({ program: 'unshare', args, cwd: app, env, ready: /serves MCP at/ });
      onTestFinished(stop);
      expect(JSON.parse(printed().split('\n')[0] ?? '')).toMatchObject({ pid: 1 });
      expect(await called(port, 'mcp.example.com')).toMatch(/at 0/);
      const [program, ...check] = JSON.parse(instruction('HEALTHCHECK').replace(/^.*? CMD /, ''));
      const health = () => spawnSync(program, check, { cwd: folder, env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' });
      check[0] = join(PROJECTS, '..', check[0]);
      expect(health()).toMatchObject({ status: 0, stdout: expect.stringContaining('/readyz: ready') });
      // The kernel drops a SIGTERM that pid 1 does not handle, so this SIGTERM ends only a server that handles it.
      const inner = execFileSync('pgrep', ['-f', '-n', '-u', uid, command.join(' ')], { encoding: 'utf8' }).trim();
      process.kill(Number(inner), 'SIGTERM');
      await expect.poll(printed, { timeout: 20_000 }).toContain('"msg":"stopped"');
      expect(health().status).toBe(1);
    },
  );

  test('is built from the files of the project, without a key ring or a secret in its build context', () => {
    const rules = read('docker/dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const isLeftOut = (file: string) =>
      rules.reduce((left, rule) => {
        const pattern = new RegExp(`^${rule.replace('!', '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
        return pattern.test(file) ? !rule.startsWith('!') : left;
      }, false);
    for (const file of ['ring.jwks', '.env', '.dev.vars', 'keys', 'node_modules', '.git', 'dist']) expect(isLeftOut(file), file).toBe(true);
    for (const file of ['package.json', 'package-lock.json', 'server.js', 'tools.js']) expect(isLeftOut(file), file).toBe(false);
  });
});

test('The replicas of compose.yaml have read-only file systems and no Linux capabilities, and a server with their environment answers a call. The nginx beside them is configured as in the proxy tests', async () => {
  const { services } = parse(read('docker/compose.yaml'), { merge: true });
  const { nginx, ...replicas } = services;
  const addresses = Object.values<{ networks: { default: { ipv4_address: string } } }>(replicas).map(
    ({ networks }) => networks.default.ipv4_address,
  );
  const [tried, ours] = [read('proxies/nginx.conf'), read('docker/nginx.conf')];
  expect([...ours.matchAll(/server ([\d.]+):3000 max_fails=0;/g)].map(([, address]) => address)).toEqual(addresses);
  expect(ours.replace(/server [\d.]+:3000/g, 'server').replace('server_name _', 'server_name')).toBe(
    tried.replace(/server 127\.0\.0\.1:300\d/g, 'server').replace('server_name mcp.example.com', 'server_name'),
  );
  expect(Object.keys(nginx.depends_on)).toEqual(Object.keys(replicas));
  for (const { read_only, cap_drop, environment } of Object.values<{ read_only: boolean; cap_drop: string[]; environment: Env }>(
    replicas,
  )) {
    expect({ read_only, cap_drop }).toEqual({ read_only: true, cap_drop: ['ALL'] });
    const { WAXSEAL_KEYS: _ring, ...env } = environment;
    const { port } = await deployed({ ...imageEnv(), ...env });
    expect(await called(port, 'localhost')).toMatch(/at 0/);
  }
});

test('The Kubernetes objects are valid, and a server with their environment answers the probes', async () => {
  const objects = parseAllDocuments(read('kubernetes/waxseal.yaml')).map((document: { toJS(): unknown }) => document.toJS());
  for (const object of objects) {
    const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
    const module = await import(join(PROJECTS, '../node_modules/kubernetes-models', group, version, `${object.kind}.js`));
    const model = new module[object.kind](object);
    expect(() => model.validate(), object.kind).not.toThrow();
  }
  const [deployment, service] = objects;
  const { spec } = deployment.spec.template;
  const [container] = spec.containers;
  expect(service.spec.selector).toEqual(deployment.spec.template.metadata.labels);
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true });
  expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  expect(container.volumeMounts.every(({ readOnly }: { readOnly: boolean }) => readOnly)).toBe(true);
  const env: Env = Object.fromEntries(container.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
  expect(env['WAXSEAL_KEYS_FILE']).toContain(container.volumeMounts[0].mountPath);
  const { port } = await deployed({ ...imageEnv(), ...env });
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    expect(await statusOf(port, container[probe].httpGet.path), probe).toBe(200);
  expect(await called(port, 'mcp.example.com')).toBe(401);
});

test('systemd accepts the unit file, whose command and environment start a server', async () => {
  const unit = read('systemd/waxseal.service');
  if (spawnSync('systemd-analyze', ['--version']).status === 0)
    execFileSync('systemd-analyze', ['verify', 'deploy/systemd/waxseal.service']);
  const values = (name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
  const env: Env = Object.fromEntries(
    values('Environment').flatMap((line) => line.split(' ').map((pair) => pair.split(/=(.*)/).slice(0, 2))) as [string, string][],
  );
  expect(env['WAXSEAL_KEYS_FILE']).toBe(`%d/${values('LoadCredential')[0]?.split(':')[0]}`);
  const [, ...args] = values('ExecStart')[0]?.split(' ') ?? [];
  const { port } = await deployed(env, process.execPath, args);
  expect(await statusOf(port, '/readyz')).toBe(200);
  expect(await called(port, 'mcp.example.com')).toBe(401);
});

test('A server with the environment of fly.toml answers the health check of fly.toml', async () => {
  const { env, http_service } = load('smol-toml').parse(read('fly/fly.toml'));
  expect(http_service.internal_port).toBe(Number(imageEnv()['PORT']));
  const { port } = await deployed({ ...imageEnv(), ...env });
  expect(await statusOf(port, http_service.checks[0].path)).toBe(200);
  expect(await called(port, env.WAXSEAL_ALLOWED_HOSTS)).toMatch(/at 0/);
});

test('These tests, the runtime tests and the proxy tests use every file of deploy/', () => {
  const checkers = ['test/runtimes/deploy.test.ts', 'test/soak/proxies.mjs', 'src/cli/init/places.ts', 'src/cli/init/init.ts'];
  const text = checkers.map((file) => readFileSync(file, 'utf8')).join('\n');
  const files = readdirSync('deploy', { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== 'README.md',
  );
  expect(files.length).toBeGreaterThan(15);
  for (const { name } of files) expect(text, name).toContain(name);
});
