import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProtectedServer, startProtected } from '../support/authorization-calls.ts';
import { SignsInAs } from '../support/authorization-client.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';
import { research } from '../support/findings.ts';
import { ringFile } from '../support/folders.ts';
import { type Answer, MODERN } from '../support/mcp.ts';

describe.each<['auto' | { pin: string }]>([['auto'], [{ pin: MODERN }]])('with OAuth and the SDK’s client in mode %j,', (mode) => {
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

  /** Connects, gets a 401, signs the user in, and connects again. */
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

  test('the client gets a 401, finds the authorization server, signs in, and does a whole task', async () => {
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

  test('the client requests authorization with PKCE, for this server, with the scope of the challenge', () => {
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

  test('the client registers itself once', () => {
    expect(authorizationServer.paths.filter((path) => path === '/reg')).toHaveLength(1);
    expect(provider.information?.client_id).toBe(provider.asked[0]?.searchParams.get('client_id'));
  });

  test('the client receives an access token whose only audience is this server', () => {
    const token = provider.saved?.access_token ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    expect(decodeJwt(token)).toMatchObject({ iss: authorizationServer.issuer, aud: server.audience, sub: 'alice', scope: 'research' });
  });

  test('a task can be continued by another client of its user, but not by another user', async () => {
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

  test('the client renews an expired token without asking its user, and continues its task', async () => {
    const client = await connect(provider);
    const { handle } = (await call(client, 'start_research_task', { topic: research.topic })).structuredContent;
    const renewed = await spoil(provider);
    expect((await call(client, 'get_task_status', { handle })).structuredContent).toMatchObject({ status: 'running' });
    expect(renewed()).toBe(true);
    expect(provider.asked).toHaveLength(1);
  });

  test('the client signs its user in again if it cannot renew the token, and continues its task', async () => {
    const { handle } = (await call(await connect(provider), 'start_research_task', { topic: research.topic })).structuredContent;
    await spoil(provider);
    if (provider.saved !== undefined) provider.saved = { ...provider.saved, refresh_token: 'unknown' };
    const client = await signIn(provider);
    expect(provider.asked).toHaveLength(2);
    expect((await call(client, 'get_task_status', { handle })).structuredContent).toMatchObject({ status: 'running' });
  });

  /** Gives the holder an expired token. @returns a function that tells whether the holder has another token by now */
  async function spoil(holder: SignsInAs): Promise<() => boolean> {
    const expired = await authorizationServer.mint({ aud: server.audience, exp: 1 });
    if (holder.saved === undefined) throw new Error('nobody has signed in');
    holder.saved = { ...holder.saved, access_token: expired };
    return () => holder.saved?.access_token !== expired;
  }
});
