import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearing, type ProtectedServer, patiently, refusalOf, startProtected } from '../../../support/authorization-calls.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../../../support/authorization-server.ts';
import { ringFile } from '../../../support/folders.ts';
import { type Received, sendRaw as sendOnce } from '../../../support/http.ts';
import { modernRequest } from '../../../support/mcp.ts';
import { type RunningServer, startServer } from '../../../support/program.ts';

const LIMIT = 5;
/** Repeats a request while the answer is 503. The rate limit does not count such requests. */
const sendRaw = (...request: Parameters<typeof sendOnce>) => patiently(() => sendOnce(...request));

const limited = ['--rate-limit', String(LIMIT)];
const call = modernRequest('tools/list');

/** Returns the statuses of successive calls. */
async function statusesOf(times: number, send: () => Promise<{ status: number }>): Promise<number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < times; count += 1) statuses.push((await send()).status);
  return statuses;
}

const served = Array<number>(LIMIT).fill(200);

function expectTooMany({ status, headers, text }: Received): void {
  expect(status).toBe(429);
  const wait = Number(headers['retry-after']);
  expect(Number.isInteger(wait)).toBe(true);
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  const { jsonrpc, id, error } = JSON.parse(text);
  expect({ jsonrpc, id }).toEqual({ jsonrpc: '2.0', id: null });
  expect(error).toEqual({ code: expect.any(Number), message: expect.stringContaining('Retry-After') });
}

describe('a server with --rate-limit 5 and authorization', () => {
  let authorizationServer: AuthorizationServer;
  let server: ProtectedServer;
  beforeAll(async () => {
    authorizationServer = await startAuthorizationServer();
    server = await startProtected(authorizationServer, (await ringFile()).path, limited);
  });
  afterAll(async () => {
    await Promise.all([server.kill(), authorizationServer.stop()]);
  });

  test('refuses the sixth call of a caller within a minute, with the header Retry-After', async () => {
    const token = await authorizationServer.tokenFor('alice', { resource: server.audience });
    const send = () => sendRaw(server.url, bearing(token, call));
    expect(await statusesOf(LIMIT, send)).toEqual(served);
    expectTooMany(await send());
  });

  test('counts the calls of a caller together, across tokens and clients', async () => {
    const tokens = [1, 2].map(() => authorizationServer.tokenFor('carol', { resource: server.audience }));
    const [first = '', second = ''] = await Promise.all(tokens);
    expect(await statusesOf(LIMIT, () => sendRaw(server.url, bearing(first, call)))).toEqual(served);
    expectTooMany(await sendRaw(server.url, bearing(second, call)));
  });

  test('counts two callers at one address separately', async () => {
    const alice = await authorizationServer.tokenFor('alice', { resource: server.audience });
    const bob = await authorizationServer.tokenFor('bob', { resource: server.audience });
    await statusesOf(LIMIT + 1, () => sendRaw(server.url, bearing(alice, call)));
    expect((await sendRaw(server.url, bearing(alice, call))).status).toBe(429);
    expect(await statusesOf(LIMIT, () => sendRaw(server.url, bearing(bob, call)))).toEqual(served);
  });

  test('does not count a call with a bad token as a call of the caller in the token', async () => {
    const forged = await authorizationServer.mint({ sub: 'dave', aud: 'https://other.example' });
    const answers = await statusesOf(LIMIT + 1, () => refusalOf(server.url, bearing(forged, call)));
    expect(answers).not.toContain(200);
    expect(answers, 'the calls count against their address').toContain(429);
    const dave = await authorizationServer.tokenFor('dave', { resource: server.audience });
    expect(await statusesOf(LIMIT, () => sendRaw(server.url, bearing(dave, call)))).toEqual(served);
  });

  test('does not count requests for health and metadata', async () => {
    const { origin } = server;
    for (const path of ['/healthz', '/readyz', '/.well-known/oauth-protected-resource/mcp']) {
      expect(await statusesOf(LIMIT + 1, () => fetch(`${origin}${path}`))).toEqual([...served, 200]);
    }
  });
});

describe('a server with --rate-limit 5 and without authorization', () => {
  let direct: RunningServer;
  let proxied: RunningServer;
  let unlimited: RunningServer;
  beforeAll(async () => {
    const keys = ['--keys', (await ringFile()).path];
    [direct, proxied, unlimited] = await Promise.all([
      startServer([...keys, ...limited]),
      startServer([...keys, ...limited, '--trust-proxy', '127.0.0.1', '--allow-anonymous']),
      startServer([...keys, '--rate-limit', '0']),
    ]);
  });
  afterAll(async () => {
    await Promise.all([direct.kill(), proxied.kill(), unlimited.kill()]);
  });

  const from = (address: string, token?: string) => {
    const outgoing = bearing(token, call);
    return { ...outgoing, headers: { ...outgoing.headers, 'x-forwarded-for': address } };
  };

  test('refuses the sixth call from one address, whatever its token and X-Forwarded-For say', async () => {
    expect(await statusesOf(LIMIT, () => sendRaw(direct.url, call))).toEqual(served);
    expectTooMany(await sendRaw(direct.url, call));
    expectTooMany(await sendRaw(direct.url, from('192.0.2.1', 'a.b.c')));
  });

  test('uses the address that a trusted proxy names', async () => {
    expect(await statusesOf(LIMIT, () => sendRaw(proxied.url, from('192.0.2.1')))).toEqual(served);
    expectTooMany(await sendRaw(proxied.url, from('192.0.2.1')));
    expect((await sendRaw(proxied.url, from('192.0.2.2'))).status).toBe(200);
    // The proxy wrote only the last address. The caller can invent the others.
    expectTooMany(await sendRaw(proxied.url, from('198.51.100.7, 192.0.2.1')));
  });

  test('ignores ports in X-Forwarded-For, and counts a call with an unreadable address as a call of the proxy', async () => {
    const ports = [50_001, 50_002, 50_003, 50_004, 50_005];
    for (const port of ports) expect((await sendRaw(proxied.url, from(`203.0.113.8:${port}`))).status).toBe(200);
    expectTooMany(await sendRaw(proxied.url, from('203.0.113.8:50006')));
    for (const name of ['unknown', '_hidden', '999.1.1.1', 'a.b:1', '[::g]:1']) await sendRaw(proxied.url, from(name));
    expectTooMany(await sendRaw(proxied.url, from('anything')));
    expect((await sendRaw(proxied.url, from('[2001:db8:1::1]:443'))).status).toBe(200);
  });

  test('does not limit the rate with --rate-limit 0', async () => {
    expect(new Set(await statusesOf(4 * LIMIT, () => sendRaw(unlimited.url, call)))).toEqual(new Set([200]));
  });
});
