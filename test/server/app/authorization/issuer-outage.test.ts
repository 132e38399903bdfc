import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Authorization, prepareAuthorization } from '../../../../src/server/app/authorization/authorization.ts';
import { ConfigError } from '../../../../src/server/index.ts';
import { freePort } from '../../../support/authorization-calls.ts';
import { type Issuer, type Pair, pairFor, startIssuer } from '../../../support/issuer.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const PAUSE_MS = 5_000;

let pair: Pair;
let issuer: Issuer;
let problems: Error[];
beforeAll(async () => {
  pair = await pairFor('ES256', 'k1');
});
beforeEach(async () => {
  problems = [];
  issuer = await startIssuer(AUDIENCE);
  issuer.jwks = { keys: [pair.jwk] };
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await issuer.stop();
});

const prepare = (name = issuer.issuer) => prepareAuthorization({ issuer: name, audience: AUDIENCE }, (problem) => problems.push(problem));

async function outcomeOf(authorization: Authorization, token?: string): Promise<{ status: number; reason?: string; challenge?: string }> {
  const told: string[] = [];
  const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
  const verdict = await authorization.judge({ headers }, (reason) => told.push(reason));
  if (!(verdict instanceof Response)) return { status: 200 };
  return { status: verdict.status, reason: told.join(), challenge: verdict.headers.get('www-authenticate') ?? '' };
}

const statusAt = async (authorization: Authorization, path: string) =>
  (await authorization.discovery(new Request(`https://mcp.example.com${path}`)))?.status;

const unavailable = { status: 503, reason: 'keys_unavailable' };

/** Answers every request with a status, or only those for a path. */
const answering =
  (status: number, path?: string): Issuer['instead'] =>
  ({ url }, response) => {
    if (path !== undefined && url !== path) return false;
    response.writeHead(status).end();
    return true;
  };

/** Lets an issuer keep a response back. @returns a promise of the response */
function held(path: string): Promise<ServerResponse> {
  return new Promise((resolve) => {
    issuer.instead = ({ url }, response) => {
      if (url === path) resolve(response);
      return url === path;
    };
  });
}

describe('While the authorization server cannot be reached from the start,', () => {
  test('calls without a token get 401 with the challenge, and the metadata of this server are served', async () => {
    const authorization = await prepare(`http://127.0.0.1:${await freePort()}`);
    const { status, reason, challenge } = await outcomeOf(authorization);
    expect({ status, reason }).toEqual({ status: 401, reason: 'token_missing' });
    expect(challenge).toContain('resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"');
    expect(await statusAt(authorization, '/.well-known/oauth-protected-resource/mcp')).toBe(200);
    expect(await statusAt(authorization, '/.well-known/oauth-authorization-server')).toBe(503);
  });

  test('calls with a token get 503, until the metadata can be fetched after a pause of five seconds', async () => {
    const { port, issuer: name } = issuer;
    await issuer.stop();
    vi.useFakeTimers({ toFake: ['Date'] });
    const authorization = await prepare(name);
    issuer = await startIssuer(AUDIENCE, port);
    issuer.jwks = { keys: [pair.jwk] };
    const token = await issuer.mint(pair);
    expect(await outcomeOf(authorization, token)).toMatchObject(unavailable);
    expect(issuer.paths).toEqual([]);
    vi.setSystemTime(Date.now() + PAUSE_MS);
    expect(await Promise.all([1, 2, 3].map(() => outcomeOf(authorization, token)))).toEqual(Array(3).fill({ status: 200 }));
    expect(issuer.paths).toEqual(['/.well-known/oauth-authorization-server', '/jwks']);
    expect(await statusAt(authorization, '/.well-known/oauth-authorization-server')).toBe(200);
  });

  test.each([500, 503, 429, 408])('a response of %i counts as no answer', async (status) => {
    issuer.instead = answering(status);
    const authorization = await prepare();
    expect(await outcomeOf(authorization, await issuer.mint(pair))).toMatchObject(unavailable);
    expect(problems[0]?.message).toContain(`${issuer.issuer}/.well-known/oauth-authorization-server: the response is ${status}`);
  });

  test('a wrong answer at one place is not final as long as another place gives none', async () => {
    issuer.instead = answering(503, '/.well-known/openid-configuration');
    issuer.metadata = { issuer: 'https://other.example' };
    expect(await outcomeOf(await prepare(), await issuer.mint(pair))).toMatchObject(unavailable);
    issuer.instead = () => false;
    await expect(prepare()).rejects.toThrow(ConfigError);
  });

  test('a wrong answer later is reported, and calls with a token get 503', async () => {
    issuer.instead = answering(503);
    vi.useFakeTimers({ toFake: ['Date'] });
    const authorization = await prepare();
    issuer.instead = answering(404);
    vi.setSystemTime(Date.now() + PAUSE_MS);
    expect(await outcomeOf(authorization, await issuer.mint(pair))).toMatchObject(unavailable);
    expect(problems[1]).toBeInstanceOf(ConfigError);
  });
});

describe('A fetch that fails', () => {
  test('is reported with the URL of the keys and the status, at most once in five seconds', async () => {
    issuer.instead = answering(418, '/jwks');
    vi.useFakeTimers({ toFake: ['Date'] });
    const authorization = await prepare();
    const token = await issuer.mint(pair);
    for (let count = 0; count < 3; count += 1) expect(await outcomeOf(authorization, token)).toMatchObject(unavailable);
    const line = `The keys of the authorization server cannot be fetched now. ${issuer.issuer}/jwks: the response is 418`;
    expect(problems.map(({ message }) => message)).toEqual([line]);
    vi.setSystemTime(Date.now() + PAUSE_MS);
    await outcomeOf(authorization, token);
    expect(problems.map(({ message }) => message)).toEqual([line, line]);
  });

  test.each<[string, Error, string]>([
    ['the code of the network', new TypeError('x', { cause: { code: 'ENOTFOUND' } }), 'no response (ENOTFOUND)'],
    ['a timeout', new DOMException('x', 'TimeoutError'), 'no response within'],
    ['no cause', new TypeError('secret'), 'no response'],
    [
      'an untrusted certificate, and what to do',
      new TypeError('x', { cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }),
      'NODE_EXTRA_CA_CERTS',
    ],
  ])('is reported with %s', async (_what, error, text) => {
    vi.stubGlobal('fetch', () => Promise.reject(error));
    await prepare('https://login.example.com');
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(`https://login.example.com/.well-known/openid-configuration: `);
    expect(problems[0]?.message).toContain(text);
    expect(problems[0]?.message).not.toContain('secret');
  });

  test('leads to the metadata, because the keys may have moved', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const authorization = await prepare();
    expect(await outcomeOf(authorization, await issuer.mint(pair))).toEqual({ status: 200 });
    const next = await pairFor('ES256', 'k2');
    issuer.metadata = { jwks_uri: `${issuer.issuer}/keys/v2` };
    issuer.instead = ({ url }, response) => {
      if (url === '/jwks') response.writeHead(404).end();
      else if (url === '/keys/v2') response.end(JSON.stringify({ keys: [next.jwk] }));
      else return false;
      return true;
    };
    const token = await issuer.mint(next);
    expect(await outcomeOf(authorization, token)).toMatchObject(unavailable);
    vi.setSystemTime(Date.now() + PAUSE_MS);
    expect(await outcomeOf(authorization, token)).toEqual({ status: 200 });
  });
});

describe('A slow authorization server', () => {
  test.each(['/jwks', '/.well-known/oauth-authorization-server'])(
    'lets a call wait for two seconds, and what arrives later serves the next call: %s',
    async (path) => {
      const isOfKeys = path === '/jwks';
      if (!isOfKeys) issuer.instead = answering(503);
      vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
      const authorization = await prepare();
      vi.setSystemTime(Date.now() + PAUSE_MS);
      const arrived = held(path);
      const token = await issuer.mint(pair);
      const call = outcomeOf(authorization, token);
      const response = await arrived;
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await call).toMatchObject(unavailable);
      expect(problems.at(-1)?.message).toContain('has not answered within 2 s');

      issuer.instead = () => false;
      const next = outcomeOf(authorization, token);
      response.end(JSON.stringify(isOfKeys ? issuer.jwks : { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }));
      await once(response, 'finish');
      expect(await next).toEqual({ status: 200 });
      expect(issuer.paths.filter((asked) => asked === path).length).toBe(isOfKeys ? 1 : 2);
    },
  );

  test('is asked again after five seconds, although the first fetch still hangs', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const authorization = await prepare();
    const arrived = held('/jwks');
    const token = await issuer.mint(pair);
    const call = outcomeOf(authorization, token);
    const response = await arrived;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await call).toMatchObject(unavailable);
    issuer.instead = () => false;
    vi.setSystemTime(Date.now() + 3_000);
    expect(await outcomeOf(authorization, token)).toEqual({ status: 200 });
    response.destroy();
  });

  test('lets a call that can use old keys wait for one second', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const authorization = await prepare();
    const token = await issuer.mint(pair, { exp: Math.floor(Date.now() / 1000) + 3_600 });
    expect(await outcomeOf(authorization, token)).toEqual({ status: 200 });
    const arrived = held('/jwks');
    vi.setSystemTime(Date.now() + 600_000);
    const first = outcomeOf(authorization, token);
    const response = await arrived;
    expect(await outcomeOf(authorization, token)).toEqual({ status: 200 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await first).toEqual({ status: 200 });
    response.destroy();
  });
});

describe('A token that is refused in any case', () => {
  test('causes no fetch, and gets 401 even during an outage', async () => {
    const authorization = await prepare();
    const fetched = [...issuer.paths];
    const unknown = { kid: 'unknown' };
    const foreign = await issuer.mint(pair, { iss: 'https://other.example' }, unknown);
    const expired = await issuer.mint(pair, { exp: 5 }, unknown);
    expect(await outcomeOf(authorization, foreign)).toMatchObject({ status: 401, reason: 'iss' });
    expect(await outcomeOf(authorization, expired)).toMatchObject({ status: 401, reason: 'exp' });
    expect(await outcomeOf(authorization, await issuer.mint(pair, {}, { crit: ['b64'], b64: true }))).toMatchObject({
      reason: 'malformed',
    });
    expect(issuer.paths).toEqual(fetched);
    issuer.instead = answering(503);
    expect(await outcomeOf(authorization, foreign)).toMatchObject({ status: 401, reason: 'iss' });
    expect(await outcomeOf(authorization, expired)).toMatchObject({ status: 401, reason: 'exp' });
    expect(await outcomeOf(authorization, await issuer.mint(pair))).toMatchObject(unavailable);
  });
});
