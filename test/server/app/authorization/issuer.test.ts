import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Authorization, prepareAuthorization } from '../../../../src/server/app/authorization/authorization.ts';
import { callAs, freePort, startProtected } from '../../../support/authorization-calls.ts';
import {
  type AuthorizationServer,
  generateSigningKey,
  type PrivateKey,
  startAuthorizationServer,
} from '../../../support/authorization-server.ts';
import { ringFile } from '../../../support/folders.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

/** The shortest time between two fetches that unknown keys cause, in milliseconds. */
const PAUSE_MS = 5_000;

/** The test's authorization server rotates its keys at a restart. */
describe('when the authorization server rotates its keys,', () => {
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

  test('a running server accepts tokens under the new and the old kid', async () => {
    const port = await freePort();
    const server = await startProtected(await run(port, [before]), (await ringFile()).path);
    const args = { topic: 'wax and seals' };
    const asked = { resource: server.audience };
    const old = (await current?.tokenFor('alice', asked)) as string;
    const renewed = await (await run(port, [after, before])).tokenFor('alice', asked);
    const { structuredContent } = await callAs(renewed, server.url, 'start_research_task', args);
    const seen = await callAs(old, server.url, 'get_task_status', { handle: structuredContent.handle });
    expect(seen.structuredContent).toMatchObject({ status: 'running' });
    await server.kill();
  });

  test('an unknown kid causes a fetch at once, and more unknown kids at most one fetch in a few seconds', async () => {
    const port = await freePort();
    const issuer = await run(port, [before]);
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, scopes: [] });
    vi.useFakeTimers({ toFake: ['Date'] });
    const old = await issuer.tokenFor('alice', { resource: AUDIENCE });
    expect(await statusOf(authorization, old)).toBe(200);

    const rotated = await run(port, [after, before]);
    expect(await statusOf(authorization, await rotated.tokenFor('alice', { resource: AUDIENCE }))).toBe(200);
    const fetches = () => rotated.paths.filter((path) => path === '/jwks').length;
    expect(fetches()).toBe(1);
    for (let count = 0; count < 5; count += 1) {
      expect(await statusOf(authorization, await rotated.mint({ aud: AUDIENCE }, { kid: `chance-${count}` }))).toBe(401);
    }
    expect(fetches()).toBe(1);

    vi.setSystemTime(Date.now() + PAUSE_MS);
    const guesses = [1, 2, 3].map(async (count) =>
      statusOf(authorization, await rotated.mint({ aud: AUDIENCE }, { kid: `guess-${count}` })),
    );
    expect(await Promise.all(guesses)).toEqual([401, 401, 401]);
    expect(await statusOf(authorization, old)).toBe(200);
    expect(fetches()).toBe(2);
  });

  test('the old keys work for an hour if no keys can be fetched, and then calls get 503', async () => {
    const port = await freePort();
    const issuer = await run(port, [before]);
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, scopes: [] });
    vi.useFakeTimers({ toFake: ['Date'] });
    const start = Date.now();
    const inAnHour = Math.floor(start / 1000) + 2 * 3_600;
    const token = await issuer.mint({ aud: AUDIENCE, exp: inAnHour });
    expect(await statusOf(authorization, token)).toBe(200);
    await issuer.stop();
    for (const minutes of [11, 30, 59]) {
      vi.setSystemTime(start + minutes * 60_000);
      expect(await statusOf(authorization, token), `after ${minutes} minutes`).toBe(200);
      const unknown = await issuer.mint({ aud: AUDIENCE, exp: inAnHour }, { kid: 'nobody-knows' });
      expect(await statusOf(authorization, unknown), 'the keys for an unknown kid cannot be fetched').toBe(503);
      expect(await statusOf(authorization, unknown), 'the second call gets the same status').toBe(503);
    }
    vi.setSystemTime(start + 61 * 60_000);
    expect(await statusOf(authorization, token)).toBe(503);
    await run(port, [before]);
    vi.setSystemTime(start + 61 * 60_000 + 1_000);
    expect(await statusOf(authorization, token)).toBe(200);
  });

  test('a withdrawn key is refused after at most ten minutes', async () => {
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

  test('calls get 503 until the first keys can be fetched', async () => {
    const port = await freePort();
    const issuer = await run(port, [before]);
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, scopes: [] });
    const token = await issuer.mint({ aud: AUDIENCE });
    await issuer.stop();
    const told: string[] = [];
    const answer = (await authorization.judge(bearer(token), (reason) => told.push(reason))) as Response;
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(told).toEqual(['keys_unavailable']);
    await run(port, [before]);
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 1_000);
    expect(await statusOf(authorization, token)).toBe(200);
  });
});

async function statusOf(authorization: Authorization, token: string): Promise<number> {
  const verdict = await authorization.judge(bearer(token));
  return verdict instanceof Response ? verdict.status : 200;
}

function bearer(token: string): Request {
  return new Request(AUDIENCE, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
}
