import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProtectedServer, startProtected } from '../support/authorization-calls.ts';
import { SignsInAs } from '../support/authorization-client.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';
import { research } from '../support/findings.ts';
import { ringFile } from '../support/folders.ts';
import { type Answer, MODERN } from '../support/mcp.ts';

describe.each<['auto' | { pin: string }]>([['auto'], [{ pin: MODERN }]])('OAuth, by the real client in mode %j', (mode) => {
  let authorizationServer: AuthorizationServer;
  let server: ProtectedServer;
  let provider: SignsInAs;
  const clients: Client[] = [];
  beforeAll(async () => {
    authorizationServer = await startAuthorizationServer();
    server = await startProtected(authorizationServer, (await ringFile()).path, ['--auth-scopes', 'research']);
    provider = new SignsInAs('alice');
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all([server.kill(), authorizationServer.stop()]);
  });

  async function connect(authProvider: SignsInAs): Promise<Client> {
    const client = new Client({ name: 'waxseal-test', version: '1.0.0' }, { versionNegotiation: { mode } });
    clients.push(client);
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { authProvider }));
    return client;
  }

  /** As a host does: is turned away, signs in, comes back. */
  async function signIn(as: SignsInAs): Promise<Client> {
    const transport = new StreamableHTTPClientTransport(new URL(server.url), { authProvider: as });
    const client = new Client({ name: 'waxseal-test', version: '1.0.0' }, { versionNegotiation: { mode } });
    await expect(client.connect(transport)).rejects.toThrow(UnauthorizedError);
    await transport.finishAuth(as.back);
    await client.close();
    return connect(as);
  }

  const call = async (client: Client, name: string, args: Record<string, unknown>) =>
    (await client.callTool({ name, arguments: args })) as unknown as Answer;

  test('the client is turned away, finds the authorization server, registers, signs in, and does a whole task', async () => {
    const client = await signIn(provider);
    expect(client.getNegotiatedProtocolVersion()).toBe(MODERN);
    const { topic, findings } = research;
    const started = await call(client, 'start_research_task', { topic });
    const recorded = await call(client, 'record_findings', { handle: started.structuredContent.handle, findings: findings.slice(0, 3) });
    const completed = await call(client, 'complete_research_task', {
      handle: recorded.structuredContent.handle,
      findings: findings.slice(3),
    });
    const seen = await call(client, 'get_task_status', { handle: completed.structuredContent.handle });
    expect(seen.structuredContent).toMatchObject({ topic, status: 'complete', results: findings, handle_info: { revision: 3 } });
  });

  test('it asked for authorization with PKCE, for this server, with the scope that the challenge names', () => {
    expect(provider.asked).toHaveLength(1);
    const asked = Object.fromEntries(provider.asked[0]?.searchParams ?? []);
    expect(asked).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      resource: server.audience,
      scope: expect.stringContaining('research'),
    });
    expect(asked['code_challenge']).toMatch(/^[\w-]{43}$/);
    expect(provider.asked[0]?.origin).toBe(authorizationServer.issuer);
  });

  test('it registered itself, and once', () => {
    expect(authorizationServer.paths.filter((path) => path === '/reg')).toHaveLength(1);
    expect(provider.information?.client_id).toBe(provider.asked[0]?.searchParams.get('client_id'));
  });

  test('what it got is an access token for this server alone', () => {
    const token = provider.saved?.access_token ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    expect(decodeJwt(token)).toMatchObject({ iss: authorizationServer.issuer, aud: server.audience, sub: 'alice', scope: 'research' });
  });

  test('another client of the same user goes on with a task; another user’s is told that the handle is not valid', async () => {
    const [mine, theirs] = [new SignsInAs('alice'), new SignsInAs('bob')];
    const [first, second, other] = [await connect(provider), await signIn(mine), await signIn(theirs)];
    expect(mine.information?.client_id).not.toBe(provider.information?.client_id);
    const { handle } = (await call(first, 'start_research_task', { topic: research.topic })).structuredContent;
    expect((await call(second, 'get_task_status', { handle })).structuredContent).toMatchObject({ handle, status: 'running' });
    expect(await call(other, 'get_task_status', { handle })).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'rejected' } },
    });
  });

  test('a token that has become invalid it renews by itself, and goes on with its task', async () => {
    const client = await connect(provider);
    const { handle } = (await call(client, 'start_research_task', { topic: research.topic })).structuredContent;
    const renewed = await spoil(provider);
    expect((await call(client, 'get_task_status', { handle })).structuredContent).toMatchObject({ status: 'running' });
    expect(renewed()).toBe(true);
    expect(provider.asked).toHaveLength(1);
  });

  test('where it cannot renew it, it has its user sign in again, and goes on with its task', async () => {
    const { handle } = (await call(await connect(provider), 'start_research_task', { topic: research.topic })).structuredContent;
    await spoil(provider);
    if (provider.saved !== undefined) provider.saved = { ...provider.saved, refresh_token: 'unknown' };
    const client = await signIn(provider);
    expect(provider.asked).toHaveLength(2);
    expect((await call(client, 'get_task_status', { handle })).structuredContent).toMatchObject({ status: 'running' });
  });

  /** Has a client hold a token that has expired. Tells afterwards whether it has another. */
  async function spoil(holder: SignsInAs): Promise<() => boolean> {
    const expired = await authorizationServer.mint({ aud: server.audience, exp: 1 });
    if (holder.saved === undefined) throw new Error('nobody has signed in');
    holder.saved = { ...holder.saved, access_token: expired };
    return () => holder.saved?.access_token !== expired;
  }
});
