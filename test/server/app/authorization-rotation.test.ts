import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Authorization, prepareAuthorization } from '../../../src/server/app/authorization.ts';
import { callAs, freePort, startProtected } from '../../support/authorization-calls.ts';
import {
  type AuthorizationServer,
  generateSigningKey,
  type PrivateKey,
  startAuthorizationServer,
} from '../../support/authorization-server.ts';
import { ringFile } from '../../support/folders.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

/** How long a key set that was just fetched is not fetched again, whatever kids are asked for. Milliseconds, and jose's. */
const COOLDOWN_MS = 30_000;

/** The authorization server takes new keys as such servers do: one after the other, and here with a restart. */
describe('The authorization server rotates its keys', () => {
  let before: PrivateKey;
  let after: PrivateKey;
  let current: AuthorizationServer | undefined;
  beforeAll(async () => {
    [before, after] = await Promise.all([generateSigningKey('ES256', 'before'), generateSigningKey('ES256', 'after')]);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await current?.stop();
  });

  async function run(port: number, keys: readonly PrivateKey[]): Promise<AuthorizationServer> {
    await current?.stop();
    current = await startAuthorizationServer({ port, keys });
    return current;
  }

  test('a server that runs takes a token under a new kid, and goes on with those under the old one', async () => {
    const port = await freePort();
    const server = await startProtected(await run(port, [before]), (await ringFile()).path);
    const args = { topic: 'wax and seals' };
    const asked = { resource: server.audience };
    const old = (await current?.tokenFor('alice', asked)) as string;
    // A first call now would have the keys fetched, and the new one unknown for half a minute: see the next test for that.
    const renewed = await (await run(port, [after, before])).tokenFor('alice', asked);
    const { structuredContent } = await callAs(renewed, server.url, 'start_research_task', args);
    const seen = await callAs(old, server.url, 'get_task_status', { handle: structuredContent.handle });
    expect(seen.structuredContent).toMatchObject({ status: 'running' });
    await server.kill();
  });

  test('keys that were fetched are fetched again for a kid that is not among them, but not more often than every half minute', async () => {
    const port = await freePort();
    const issuer = await run(port, [before]);
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, scopes: [] });
    vi.useFakeTimers({ toFake: ['Date'] });
    const old = await issuer.tokenFor('alice', { resource: AUDIENCE });
    expect(await statusOf(authorization, old)).toBe(200);

    const rotated = await run(port, [after, before]);
    const token = await rotated.tokenFor('alice', { resource: AUDIENCE });
    expect(await statusOf(authorization, token)).toBe(401);
    for (let count = 0; count < 5; count += 1)
      await statusOf(authorization, await rotated.mint({ aud: AUDIENCE }, { kid: `chance-${count}` }));
    expect(rotated.paths).not.toContain('/jwks');

    vi.setSystemTime(Date.now() + COOLDOWN_MS + 1);
    expect(await statusOf(authorization, token)).toBe(200);
    expect(await statusOf(authorization, old)).toBe(200);
    expect(rotated.paths.filter((path) => path === '/jwks')).toHaveLength(1);
  });

  test('a key that was withdrawn is no longer taken, at the latest ten minutes after', async () => {
    const port = await freePort();
    const issuer = await run(port, [before]);
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, scopes: [] });
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = () => issuer.mint({ aud: AUDIENCE });
    expect(await statusOf(authorization, await token())).toBe(200);
    await run(port, [after]);
    vi.setSystemTime(Date.now() + 600_001);
    expect(await statusOf(authorization, await token())).toBe(401);
  });

  test('keys that cannot be fetched let nobody in, and are fetched when they can be', async () => {
    const port = await freePort();
    const issuer = await run(port, [before]);
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, scopes: [] });
    const token = await issuer.mint({ aud: AUDIENCE });
    await issuer.stop();
    expect(await statusOf(authorization, token)).not.toBe(200);
    await run(port, [before]);
    expect(await statusOf(authorization, token)).toBe(200);
  });
});

async function statusOf(authorization: Authorization, token: string): Promise<number> {
  const verdict = await authorization.judge(new Request(AUDIENCE, { method: 'POST', headers: { authorization: `Bearer ${token}` } }));
  return verdict instanceof Response ? verdict.status : 200;
}
