/** Starts each host's project from `waxseal init`, and calls it with real clients. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as StreamableHTTPClientTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bearing, refusalOf } from '../support/authorization-calls.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';
import { research } from '../support/findings.ts';
import { type Answer, exchange, MODERN, toolCall } from '../support/mcp.ts';
import { HOSTS, type Hosted, hosted } from './hosts.ts';

/** The longest time to build and start a project on a busy machine, in milliseconds. */
const LIMIT = 400_000;

const me = { name: 'waxseal-test', version: '1.0.0' };

type Call = (name: string, args?: Record<string, unknown>) => Promise<Answer>;

async function modernClient(url: string, headers: Record<string, string>): Promise<Call> {
  const client = new Client(me, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  expect(client.getNegotiatedProtocolVersion()).toBe(MODERN);
  return async (name, args = {}) => (await client.callTool({ name, arguments: args })) as unknown as Answer;
}

async function legacyClient(url: string, headers: Record<string, string>): Promise<Call> {
  const client = new ClientV1(me);
  await client.connect(new StreamableHTTPClientTransportV1(new URL(url), { requestInit: { headers } }) as TransportV1);
  onTestFinished(() => client.close());
  return async (name, args = {}) => (await client.callTool({ name, arguments: args })) as unknown as Answer;
}

const CLIENTS = [
  ['2026-07-28, with the v2 client', modernClient],
  ['2025-11-25, with the v1 client', legacyClient],
] as const;

let authorizationServer: AuthorizationServer;
beforeAll(async () => {
  authorizationServer = await startAuthorizationServer();
});
afterAll(() => authorizationServer.stop());

describe.each(HOSTS.map((host) => [host.name, host] as const))('%s', (_name, host) => {
  test('serves the project as waxseal init wrote it', { timeout: LIMIT }, async () => {
    const { url, stop } = await hosted(host);
    const call = await modernClient(url, {});
    const { handle } = (await call('start_counter')).structuredContent;
    expect((await call('add', { handle, by: 42 })).content[0]?.text).toMatch(/^The counter is at 42\./);
    await stop();
  });

  describe('with authorization', () => {
    let server: Hosted;
    let token: string;
    let bearer: { authorization: string };
    beforeAll(async () => {
      server = await hosted(host, authorizationServer);
      token = await authorizationServer.tokenFor('alice', { resource: server.url });
      bearer = { authorization: `Bearer ${token}` };
    }, LIMIT);
    afterAll(() => server?.stop());

    test('answers its first six requests, which arrive together', async () => {
      const request = bearing(token, toolCall('start_research_task', { topic: 'who is first' }));
      const answers = await Promise.all(Array.from({ length: 6 }, () => exchange(server.url, request)));
      expect(answers.map(({ status, message }) => [status, message.result?.structuredContent.status])).toEqual(
        Array(6).fill([200, 'running']),
      );
    });

    test('refuses a call without a token, and says where to get one', async () => {
      const { status, challenge } = await refusalOf(server.url, toolCall('start_research_task', { topic: 'nobody' }));
      expect(status).toBe(401);
      const metadata = await fetch(challenge['resource_metadata'] ?? '');
      expect(await metadata.json()).toMatchObject({
        resource: server.url,
        authorization_servers: [expect.stringContaining(authorizationServer.issuer)],
      });
    });

    test.each(CLIENTS)('does a whole task in %s', async (_revision, connect) => {
      const call = await connect(server.url, bearer);
      const { topic, depth, findings } = research;
      const started = await call('start_research_task', { topic, depth });
      const recorded = await call('record_findings', { handle: started.structuredContent.handle, findings: findings.slice(0, 4) });
      const completed = await call('complete_research_task', { handle: recorded.structuredContent.handle, findings: findings.slice(4) });
      const { handle } = completed.structuredContent;
      expect(completed.structuredContent).toMatchObject({ status: 'complete', handle_info: { revision: 3 } });
      expect((await call('get_task_status', { handle })).structuredContent).toMatchObject({ topic, status: 'complete', results: findings });
      const wrong = `${handle.slice(0, -30)}${handle.at(-30) === 'A' ? 'B' : 'A'}${handle.slice(-29)}`;
      expect(await call('get_task_status', { handle: wrong })).toMatchObject({
        isError: true,
        structuredContent: { error: { code: 'rejected' } },
      });
      expect(await call('get_task_status', { handle: handle.slice(0, -30) })).toMatchObject({
        isError: true,
        structuredContent: { error: { code: 'malformed' } },
      });
    });

    test('refuses the handle of another caller', async () => {
      const { handle } = (await (await modernClient(server.url, bearer))('start_research_task', { topic: 'mine' })).structuredContent;
      const other = await authorizationServer.tokenFor('bob', { resource: server.url });
      const call = await modernClient(server.url, { authorization: `Bearer ${other}` });
      expect(await call('get_task_status', { handle })).toMatchObject({
        isError: true,
        structuredContent: { error: { code: 'rejected' } },
      });
    });

    test('answers the preflight of a web page on this machine, and refuses other preflights', async () => {
      const ask = (origin: string) =>
        fetch(server.url, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, mcp-method' },
        });
      const answer = await ask('http://localhost:6274');
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:6274');
      expect(answer.headers.get('access-control-allow-headers')).toBe('authorization, mcp-method');
      expect((await ask('https://evil.example')).status).toBe(403);
    });
  });
});
