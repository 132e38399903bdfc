import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder } from '../support/folders.ts';
import { startProxy } from '../support/proxy.ts';
import { type Passing, servePassing } from '../wallet/passing-server.mjs';
import { waxseal } from './support.ts';
import { host } from './wallet-support.ts';

const canMakeCertificates = spawnSync('openssl', ['version']).status === 0;

const INITIALIZE = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n`;

describe.runIf(canMakeCertificates)('waxseal wallet for a TLS server behind a proxy', () => {
  let passing: Passing;
  let url: string;
  let authority: string;
  let close: () => void;
  beforeAll(async () => {
    const folder = emptyFolder();
    authority = join(folder, 'cert.pem');
    const made = [
      '-keyout',
      join(folder, 'key.pem'),
      '-out',
      authority,
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    ];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...made], { stdio: 'ignore' });
    passing = await servePassing();
    const sockets = new Set<TLSSocket>();
    const tls = createServer({ key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(authority) }, (socket) => {
      sockets.add(socket);
      const inner = connect(Number(new URL(passing.url).port), '127.0.0.1');
      socket.pipe(inner).pipe(socket);
      for (const end of [socket, inner]) end.on('error', () => {});
      socket.on('close', () => inner.destroy());
    });
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    url = `https://localhost:${(tls.address() as AddressInfo).port}/mcp`;
    close = () => {
      for (const socket of sockets) socket.destroy();
      tls.close();
    };
  });
  afterAll(async () => {
    close();
    await passing.close();
  });

  it('connects through the proxy that HTTPS_PROXY names', async () => {
    const proxy = await startProxy({ credentials: 'ada:secret' });
    const env = { HTTPS_PROXY: `http://ada:secret@${proxy.host}`, NO_PROXY: 'example.com', NODE_EXTRA_CA_CERTS: authority };
    const model = await host(['--ephemeral', url], 'v2', env);
    expect((await model.call('say', { text: 'heard' })).content[0]?.text).toBe('heard');
    await model.close();
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT localhost:${new URL(url).port}`]));
    expect(model.stderr()).toBe('');
  });

  it('connects directly to a host that NO_PROXY names', async () => {
    const proxy = await startProxy();
    const env = { https_proxy: `http://${proxy.host}`, no_proxy: 'localhost', NODE_EXTRA_CA_CERTS: authority };
    const model = await host(['--ephemeral', url], 'v2', env);
    expect((await model.call('say', { text: 'heard' })).content[0]?.text).toBe('heard');
    await model.close();
    expect(proxy.asked).toEqual([]);
  });

  it.each<[string, () => Promise<Record<string, string>>, RegExp]>([
    ['asks for credentials', async () => ({ HTTPS_PROXY: (await startProxy({ credentials: 'ada:right' })).host }), /requires a user name/],
    [
      'refuses the tunnel',
      async () => ({ HTTPS_PROXY: `ada:secret@${(await startProxy({ answer: 403 })).host}` }),
      /refused the connection with status 403/,
    ],
    ['does not listen', async () => ({ HTTPS_PROXY: 'ada:secret@127.0.0.1:1' }), /nothing listens at the proxy/],
    [
      'opens the tunnel, but the certificate is not trusted',
      async () => ({ HTTPS_PROXY: (await startProxy()).host }),
      /its certificate is not trusted here \(\w+\)/,
    ],
  ])('reports to the host and on standard error that the proxy %s', async (_what, env, wording) => {
    const { code, stdout, stderr } = await waxseal(['wallet', '--ephemeral', url], { env: await env(), input: INITIALIZE });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, error: { message: expect.stringMatching(wording) } });
    expect(stderr).toMatch(wording);
    expect(stdout + stderr).not.toMatch(/secret|ada|right/);
  });
});

describe('waxseal wallet with an invalid proxy', () => {
  it('exits with 2, and does not print the value of the variable', async () => {
    for (const HTTPS_PROXY of ['socks5://ada:secret@127.0.0.1:1080', 'http://ada:secret@']) {
      const { code, stdout, stderr } = await waxseal(['wallet', '--ephemeral', 'https://mcp.example.com/mcp'], { env: { HTTPS_PROXY } });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/HTTPS_PROXY names a proxy/);
      expect(stderr).not.toMatch(/secret|ada/);
    }
  });
});
