/**
 * Tests a tool that demands its own scope, with the real client. The client gets a challenge, asks its user for the
 * scope, and calls again (MCP 2026-07-28, basic/authorization, "Step-Up Authorization Flow").
 */
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import type { FastifyInstance } from 'fastify';
import { decodeJwt } from 'jose';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateRing, parseRing, toText } from '../../src/keys/index.ts';
import { plainTool, requireScopes, toolset } from '../../src/kit/index.ts';
import { prepareAuthorization } from '../../src/server/app/authorization/authorization.ts';
import { httpServer, systemClock, toolServer } from '../../src/server/index.ts';
import { bearing, freePort } from '../support/authorization-calls.ts';
import { SignsInAs } from '../support/authorization-client.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';
import { MODERN, toolCall } from '../support/mcp.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };
const publish = plainTool('publish', { description: '', scopeChallenge: requireScopes('publish') }, (_input, { scopes, principal }) => ({
  text: `${principal?.subject} may ${[...scopes].sort().join(' and ')}.`,
}));

describe('A tool that demands its own scope', () => {
  let authorizationServer: AuthorizationServer;
  let app: FastifyInstance;
  let url: URL;
  const lines: string[] = [];
  beforeAll(async () => {
    authorizationServer = await startAuthorizationServer();
    const port = await freePort();
    url = new URL(`http://127.0.0.1:${port}/mcp`);
    const ring = await parseRing(toText(await generateRing(systemClock())));
    app = httpServer({
      server: toolServer(toolset([publish]), identity),
      environment: { ring: () => ring, now: systemClock },
      log: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
      authorization: await prepareAuthorization({ issuer: authorizationServer.issuer, audience: url.href, scopes: ['research'] }),
      allowedOrigins: [],
      rateLimit: 0,
      maxConnections: 100,
    });
    await app.listen({ host: '127.0.0.1', port });
  });
  afterAll(() => Promise.all([app.close(), authorizationServer.stop()]));

  test('refuses a token without the scope, names the scope and its source, and logs the reason', async () => {
    const token = await authorizationServer.tokenFor('alice', { resource: url.href, scope: 'openid research' });
    const response = await fetch(url, bearing(token, toolCall('publish', {})));
    expect(response.status).toBe(403);
    const challenge = response.headers.get('www-authenticate') ?? '';
    expect(challenge).toMatch(/^Bearer /);
    for (const part of [
      'error="insufficient_scope"',
      'scope="publish"',
      `resource_metadata="${url.origin}/.well-known/oauth-protected-resource/mcp"`,
    ]) {
      expect(challenge).toContain(part);
    }
    expect(lines.map((line) => JSON.parse(line) as object).at(-1)).toMatchObject({ status: 403, reason: 'scope' });
  });

  test('accepts a client that gets the scope and calls again', async () => {
    const alice = new SignsInAs('alice');
    const connecting = () => {
      const client = new Client(identity, { versionNegotiation: { mode: { pin: MODERN } } });
      return { client, transport: new StreamableHTTPClientTransport(url, { authProvider: alice }) };
    };
    const first = connecting();
    await expect(first.client.connect(first.transport)).rejects.toThrow(UnauthorizedError);
    await first.transport.finishAuth(alice.back);
    await first.client.close();

    const { client, transport } = connecting();
    await client.connect(transport);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['publish']);
    // This authorization server grants only registered scopes, so the client must register again.
    alice.invalidateCredentials('client');
    await expect(client.callTool({ name: 'publish', arguments: {} })).rejects.toThrow();
    await transport.finishAuth(alice.back);
    const { content } = await client.callTool({ name: 'publish', arguments: {} });
    expect(content).toEqual([{ type: 'text', text: 'alice may publish and research.' }]);
    expect(
      alice.asked.map((asked) =>
        asked.searchParams
          .get('scope')
          ?.split(' ')
          .filter((scope) => scope !== 'offline_access'),
      ),
    ).toEqual([['research'], expect.arrayContaining(['research', 'publish'])]);
    expect(decodeJwt(alice.tokens()?.access_token ?? '')).toMatchObject({ sub: 'alice' });
    await client.close();
  });
});
