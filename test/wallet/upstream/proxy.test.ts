import { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpUpstream } from '../../../src/wallet/upstream/http-upstream.ts';
import { ProxyError, proxyFor, type Variables } from '../../../src/wallet/upstream/proxy.ts';
import { MODERN } from '../../support/mcp.ts';
import { startProxy, type TestProxy } from '../../support/proxy.ts';
import { type Passing, servePassing } from '../passing-server.mjs';

const HTTPS = new URL('https://mcp.example.com/mcp');

describe('the proxy that the wallet uses for a server', () => {
  it.each<[string, string, Variables, string | undefined]>([
    ['none if no variable is set', HTTPS.href, {}, undefined],
    ['HTTPS_PROXY for https', HTTPS.href, { HTTPS_PROXY: 'http://p:1' }, 'p:1 (HTTPS_PROXY)'],
    ['HTTP_PROXY for http', 'http://mcp.example.com/', { HTTP_PROXY: 'http://p:1' }, 'p:1 (HTTP_PROXY)'],
    ['not HTTP_PROXY for https', HTTPS.href, { HTTP_PROXY: 'http://p:1' }, undefined],
    ['not HTTPS_PROXY for http', 'http://mcp.example.com/', { HTTPS_PROXY: 'http://p:1' }, undefined],
    [
      'the variable in lower case before upper case',
      HTTPS.href,
      { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:2' },
      'q:2 (https_proxy)',
    ],
    ['none if the variable in lower case is empty', HTTPS.href, { HTTPS_PROXY: 'http://p:1', https_proxy: '' }, undefined],
    ['ALL_PROXY for a scheme without a variable', HTTPS.href, { ALL_PROXY: 'http://p:1' }, 'p:1 (ALL_PROXY)'],
    [
      'the variable of the scheme before ALL_PROXY',
      HTTPS.href,
      { all_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:2' },
      'q:2 (HTTPS_PROXY)',
    ],
    ['a proxy over TLS', HTTPS.href, { HTTPS_PROXY: 'https://p:1' }, 'p:1 (HTTPS_PROXY)'],
    ['a proxy without a scheme', HTTPS.href, { HTTPS_PROXY: 'proxy.example:3128' }, 'proxy.example:3128 (HTTPS_PROXY)'],
    ['a proxy with a user name, which is not shown', HTTPS.href, { HTTPS_PROXY: 'http://ada:secret@p:1' }, 'p:1 (HTTPS_PROXY)'],
  ])('is chosen by the environment: %s', (_what, server, environment, title) => {
    expect(proxyFor(new URL(server), environment)?.title).toBe(title);
  });

  it.each<[string, string, boolean]>([
    ['*', 'https://mcp.example.com/', true],
    ['localhost,*', 'https://mcp.example.com/', true],
    ['mcp.example.com', 'https://mcp.example.com/', true],
    ['MCP.Example.COM', 'https://mcp.example.com/', true],
    ['example.com', 'https://mcp.example.com/', true],
    ['.example.com', 'https://mcp.example.com/', true],
    ['*.example.com', 'https://mcp.example.com/', true],
    ['ample.com', 'https://mcp.example.com/', false],
    ['other.com', 'https://mcp.example.com/', false],
    ['', 'https://mcp.example.com/', false],
    [' , ', 'https://mcp.example.com/', false],
    ['other.com, mcp.example.com', 'https://mcp.example.com/', true],
    ['other.com mcp.example.com', 'https://mcp.example.com/', true],
    ['example.com:443', 'https://mcp.example.com/', true],
    ['example.com:8443', 'https://mcp.example.com/', false],
    ['example.com:8443', 'https://mcp.example.com:8443/', true],
    ['example.com:80', 'http://mcp.example.com/', true],
    ['127.0.0.1', 'http://127.0.0.1:3000/mcp', true],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000/mcp', true],
    ['127.0.0.1:3001', 'http://127.0.0.1:3000/mcp', false],
    ['0.0.1', 'http://127.0.0.1:3000/mcp', false],
    ['10.0.0.0/8', 'http://10.20.30.40/', true],
    ['10.0.0.0/8', 'http://11.20.30.40/', false],
    ['10.0.0.0/8', 'https://mcp.example.com/', false],
    ['10.0.0.0/99', 'http://10.20.30.40/', false],
    ['::1', 'http://[::1]:3000/', true],
    ['[::1]', 'http://[::1]:3000/', true],
    ['[::1]:3000', 'http://[::1]:3000/', true],
    ['[::1]:3001', 'http://[::1]:3000/', false],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['localhost', 'http://localhost:3000/', true],
    ['example.com', 'https://mcp.example.com./', true],
  ])('is not used if NO_PROXY names the server: NO_PROXY %j, server %s, named: %s', (list, server, isExcepted) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const environment = { ALL_PROXY: 'http://p:1', [name]: list };
      expect(proxyFor(new URL(server), environment) === undefined).toBe(isExcepted);
    }
    // NO_PROXY excludes every server, but no_proxy in lower case overrides it.
    expect(proxyFor(new URL(server), { ALL_PROXY: 'http://p:1', no_proxy: list, NO_PROXY: '*' }) === undefined).toBe(isExcepted);
  });

  it.each([['socks5://ada:secret@p:1'], ['http://ada:secret@'], ['http://ada:secret@p:port'], ['ftp://ada:secret@p']])(
    'is refused if it is invalid, and the error omits its value: %s',
    (text) => {
      const refused = () => proxyFor(HTTPS, { HTTPS_PROXY: text });
      expect(refused).toThrow(ProxyError);
      expect(refused).toThrow(/^HTTPS_PROXY names a proxy( with the scheme|, but its URL cannot)/);
      expect(refused).not.toThrow(/secret|ada/);
    },
  );
});

describe('a wallet behind a proxy', () => {
  let server: Passing;
  let open: TestProxy;
  let asking: TestProxy;
  const PASSWORD = 'p@ss/wörd';
  beforeAll(async () => {
    [server, open, asking] = await Promise.all([servePassing(), startProxy(), startProxy({ credentials: `ada:${PASSWORD}` })]);
  });
  afterAll(() => Promise.all([server.close(), open.close(), asking.close()]));

  /** Connects a client, and calls a tool. @returns the wallet's errors, and the tool's text */
  async function through(proxy: string, mode: 'legacy' | { pin: string } = { pin: MODERN }): Promise<{ told: string[]; said: unknown }> {
    const url = new URL(server.url);
    const told: string[] = [];
    const client = new Client({ name: 'waxseal-test', version: '1.0.0' }, { versionNegotiation: { mode } });
    const upstream = httpUpstream(url, { onError: (text) => told.push(text), proxy: proxyFor(url, { ALL_PROXY: proxy }) });
    try {
      await client.connect(upstream);
      const { content } = await client.callTool({ name: 'say', arguments: { text: 'heard' } });
      return { told, said: content };
    } catch (error) {
      return { told, said: (error as Error).message };
    } finally {
      await client.close();
    }
  }

  it('sends all requests through the proxy', async () => {
    const before = open.asked.length;
    const { told, said } = await through(`http://${open.host}`);
    expect(told).toEqual([]);
    expect(said).toEqual([{ type: 'text', text: 'heard' }]);
    const asked = open.asked.slice(before);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked)).toEqual(new Set([`POST ${new URL(server.url).origin}`]));
  });

  it("sends the user name and the password of the proxy's URL, decoded", async () => {
    const { told, said } = await through(`http://ada:${encodeURIComponent(PASSWORD)}@${asking.host}`);
    expect([told, said]).toEqual([[], [{ type: 'text', text: 'heard' }]]);
  });

  it.each<[string, () => string | Promise<string>, RegExp]>([
    ['requires credentials', () => `http://${asking.host}`, /the proxy 127\.0\.0\.1:\d+ \(ALL_PROXY\) requires a user name and a password/],
    ['gets a wrong password', () => `http://ada:wrong-secret@${asking.host}`, /requires a user name/],
    [
      'does not listen',
      () => 'http://ada:wrong-secret@127.0.0.1:1',
      /through the proxy 127\.0\.0\.1:1 \(ALL_PROXY\): nothing listens at the proxy/,
    ],
    ['has no address', () => 'http://ada:wrong-secret@proxy.invalid:3128', /the proxy does not exist/],
    ['refuses the connection', async () => `http://ada:wrong-secret@${(await startProxy({ answer: 403 })).host}`, /answered 403/],
  ])('reports an error without the password if the proxy %s', async (_what, proxy, wording) => {
    const { told, said } = await through(await proxy(), 'legacy');
    expect(String(said)).toMatch(wording);
    expect(told.join()).toMatch(wording);
    expect(String(said) + told).not.toMatch(/secret|ada:|Basic/);
  });
});
