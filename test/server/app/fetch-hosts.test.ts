/** Tests the ways in which hosts use the fetch handler. */
import { describe, expect, test } from 'vitest';
import { generateRing, toText } from '../../../src/keys/index.ts';
import { plainTool, requireScopes } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { ConfigError, createFetchHandler, type FetchHandlerOptions, systemClock } from '../../../src/server/index.ts';
import { type Answer, messageIn, type Outgoing, toolCall } from '../../support/mcp.ts';
import { until } from '../../support/wait.ts';

const ring = toText(await generateRing(systemClock()));
const identity = { name: 'test', version: '1' };
const start = toolCall('start_research_task', { topic: 'does the edge remember' });

const made = <Env = unknown>(options: Partial<FetchHandlerOptions<Env>> = {}) =>
  createFetchHandler<Env>({ keys: ring, tools: researchTools, identity, allowAnonymous: true, ...options } as FetchHandlerOptions<Env>);

function post({ headers, body }: Outgoing = start, more: Record<string, string> = {}, url = 'http://localhost/mcp'): Request {
  return new Request(url, { method: 'POST', headers: { ...headers, ...more }, body });
}

const statusOf = async (response: Promise<Response>) => (await response).status;

describe("the fetch handler's ring", () => {
  test('is a text, and can be in quotes or in base64', async () => {
    for (const keys of [ring, `'${ring}'`, btoa(ring)]) expect(await statusOf(made({ keys }).fetch(post()))).toBe(200);
  });

  test('is read once from the host’s environment, when the first requests arrive', async () => {
    let reads = 0;
    const keys = async (env: { WAXSEAL_KEYS: string }) => {
      reads += 1;
      return env.WAXSEAL_KEYS;
    };
    const handler = made<{ WAXSEAL_KEYS: string }>({ keys });
    expect(reads).toBe(0);
    const env = { WAXSEAL_KEYS: ring };
    const statuses = await Promise.all(Array.from({ length: 6 }, () => statusOf(handler.fetch(post(), env, {}))));
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await statusOf(handler.fetch(new Request('http://localhost/readyz'), env))).toBe(200);
    expect(reads).toBe(1);
  });

  test('can be bytes, or an object whose method get gives the text, as in Cloudflare’s Secrets Store', async () => {
    const bytes = new TextEncoder().encode(ring);
    const secret = { get: async () => ring };
    for (const keys of [bytes, secret, () => bytes, async () => secret]) expect(await statusOf(made({ keys }).fetch(post()))).toBe(200);
  });

  test('causes an error if it is missing', async () => {
    const errors: Error[] = [];
    const handler = made({ keys: () => undefined as never, onError: (error) => errors.push(error) });
    expect(await statusOf(handler.fetch(post()))).toBe(503);
    expect(errors.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      expect.stringMatching(/^RingError: .*Set the variable that holds the key ring/),
    ]);
  });

  test('is read again after a failure, and meanwhile requests get 503', async () => {
    let isThere = false;
    const errors: Error[] = [];
    const keys = () => (isThere ? ring : Promise.reject(new Error('the secret store is away')));
    const refused: string[] = [];
    const handler = made({ keys, onError: (error) => errors.push(error), onRefused: ({ reason }) => refused.push(reason) });
    const answer = await handler.fetch(post());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(await answer.text()).not.toContain('secret store');
    expect(await statusOf(handler.fetch(new Request('http://localhost/readyz')))).toBe(503);
    expect(await statusOf(handler.fetch(new Request('http://localhost/healthz')))).toBe(200);
    expect(errors.map(({ message }) => message)).toEqual(['the secret store is away', 'the secret store is away']);
    expect(refused).toEqual(['ring_unavailable', 'ring_unavailable']);
    isThere = true;
    expect(await statusOf(handler.fetch(post()))).toBe(200);
  });

  test('causes an error if it is broken, without the advice to generate another ring', async () => {
    const errors: Error[] = [];
    await made({ keys: 'nonsense', onError: (error) => errors.push(error) }).fetch(post());
    expect(errors[0]?.message).toMatch(/not JSON/);
    expect(errors[0]?.message).not.toContain('waxseal keys generate');
  });
});

describe("the fetch handler's callers", () => {
  test('are refused if neither the host nor a token identifies them', async () => {
    const answer = await made({ allowAnonymous: false }).fetch(post());
    expect(answer.status).toBe(401);
    expect(messageIn(await answer.text()).error?.message).toContain('allowAnonymous: true');
    expect(await statusOf(made({ allowAnonymous: false }).fetch(post(start, { authorization: 'Bearer nonsense' })))).toBe(401);
  });

  test('can be verified by the host, and then open only their own handles', async () => {
    const handler = made({ allowAnonymous: false });
    const as = (subject: string) => ({ caller: { issuer: 'https://login.example', subject } });
    const call = async (request: Request, subject: string) =>
      messageIn(await (await handler.fetch(request, as(subject))).text()).result as Answer;
    const { handle } = (await call(post(), 'alice')).structuredContent;
    const see = () => post(toolCall('get_task_status', { handle }));
    expect((await call(see(), 'alice')).structuredContent.status).toBe('running');
    expect((await call(see(), 'bob')).structuredContent.error?.code).toBe('rejected');
  });

  test('have the host’s scopes, and get a challenge if a tool requires another scope', async () => {
    const publish = plainTool('publish', { description: '', scopeChallenge: requireScopes('publish') }, (_input, { scopes }) => ({
      text: scopes.join(),
    }));
    const refused: unknown[] = [];
    const handler = made({ tools: [publish], allowAnonymous: false, onRefused: (told) => refused.push(told) });
    const call = (scopes?: string[]) =>
      handler.fetch(post(toolCall('publish', {})), {
        caller: { issuer: 'https://login.example', subject: 'alice', ...(scopes && { scopes }) },
      });
    for (const scopes of [undefined, [], ['research']]) {
      const answer = await call(scopes);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="publish"/);
    }
    expect(refused).toEqual(Array(3).fill({ status: 403, reason: 'scope' }));
    const { content } = messageIn(await (await call(['research', 'publish'])).text()).result as Answer;
    expect(content).toEqual([{ type: 'text', text: 'research,publish' }]);
  });

  test.each(['alice', {}, { issuer: 'x' }, { issuer: 'x', subject: '' }, { issuer: 5, subject: 'x' }])(
    'are refused if the host passes an invalid caller: %j',
    async (caller) => {
      expect(await statusOf(made().fetch(post(), { caller } as never))).toBe(500);
    },
  );

  test('get 503 with a token while the authorization server is down, and without a token 401', async () => {
    const issuer = 'http://127.0.0.1:9';
    const errors: Error[] = [];
    const handler = made({
      authorization: { issuer, audience: 'https://mcp.example.com/mcp' },
      allowAnonymous: true,
      onError: (error) => errors.push(error),
    });
    const claims = { iss: issuer, sub: 'alice', exp: 4_000_000_000 };
    const token = [{ alg: 'RS256' }, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    expect(await statusOf(handler.fetch(post(start, { authorization: `Bearer ${token}` })))).toBe(503);
    expect(errors.map(({ name }) => name)).toEqual(['IssuerUnavailable']);
    const refused = await handler.fetch(post());
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('resource_metadata=');
    const at = (path: string) => statusOf(handler.fetch(new Request(`http://localhost${path}`)));
    expect(await at('/.well-known/oauth-protected-resource/mcp')).toBe(200);
    expect(await at('/.well-known/oauth-authorization-server')).toBe(503);
  });

  test.each<[string, unknown, string]>([
    ['the issuer is not set', { issuer: undefined, audience: 'a' }, 'issuer must be an https URL'],
    ['the issuer is not a URL', { issuer: 'login.example.com', audience: 'a' }, 'issuer must be an https URL'],
    ['the issuer has no TLS', { issuer: 'http://keycloak:8080/realms/x', audience: 'a' }, 'issuer must be an https URL'],
    [
      'the issuer is the URL of its metadata',
      { issuer: 'https://login.example.com/.well-known/openid-configuration', audience: 'a' },
      'issuer must be the issuer, and not the URL of its metadata',
    ],
    ['the audience is not set', { issuer: 'https://login.example.com' }, 'audience must be'],
    ['the audience is empty', { issuer: 'https://login.example.com', audience: '' }, 'audience must be'],
    ['no audience is given', { issuer: 'https://login.example.com', audience: [] }, 'audience must be'],
    ['several audiences are one text', { issuer: 'https://login.example.com', audience: 'a,https://b.example' }, 'audience must be'],
    ['the scopes are one text', { issuer: 'https://login.example.com', audience: 'a', scopes: 'a b' }, 'scopes must be a list'],
    ['a scope has a space', { issuer: 'https://login.example.com', audience: 'a', scopes: ['a b'] }, 'scopes must be a list'],
    ['the resource is not a URL', { issuer: 'https://login.example.com', audience: 'a', resource: 'mcp' }, 'resource must be an https URL'],
    ['nothing is set', null, 'issuer must be an https URL'],
  ])('are not served by a handler that is made with wrong options of authorization: %s', (_what, authorization, says) => {
    const make = () => made({ authorization: authorization as { issuer: string; audience: string } });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(`authorization: ${says}`);
  });
});

describe("the fetch handler's address", () => {
  test.each(['/mcp', '/mcp/', '//mcp'])('is /mcp by default, even with additional slashes: %s', async (path) => {
    expect(await statusOf(made().fetch(post(start, {}, `http://localhost${path}`)))).toBe(200);
  });

  test.each(['/api/mcp', '/api/mcp/'])('has the configured path, which a 404 names: %s', async (path) => {
    const handler = made({ path });
    for (const url of ['http://localhost/api/mcp', 'http://localhost/api/mcp/'])
      expect(await statusOf(handler.fetch(post(start, {}, url)))).toBe(200);
    const lost = await handler.fetch(post());
    expect(lost.status).toBe(404);
    expect(messageIn(await lost.text()).error?.message).toContain('POST /api/mcp');
  });

  test('takes its hostname from the URL if a request has no Host header', async () => {
    const handler = made({ allowedHosts: ['mcp.example.com'] });
    expect(await statusOf(handler.fetch(post(start, {}, 'https://mcp.example.com/mcp')))).toBe(200);
    expect(await statusOf(handler.fetch(post(start, {}, 'https://evil.example/mcp')))).toBe(403);
    expect(await statusOf(handler.fetch(post(start, { host: 'evil.example' }, 'https://mcp.example.com/mcp')))).toBe(403);
  });

  test('can have any subdomain of a name, or any hostname at all', async () => {
    const url = 'https://preview-abc.vercel.app/mcp';
    expect(await statusOf(made({ allowedHosts: ['*.vercel.app'] }).fetch(post(start, {}, url)))).toBe(200);
    for (const allowedHosts of ['any', ['any']] as const)
      expect(await statusOf(made({ allowedHosts }).fetch(post(start, {}, url)))).toBe(200);
    expect(await statusOf(made({ allowedHosts: 'any' }).fetch(post(start, { origin: 'https://evil.example' }, url)))).toBe(403);
    expect(await statusOf(made().fetch(post(start, {}, url)))).toBe(403);
  });

  test.each([{ allowedHosts: ['*'] }, { allowedHosts: ['https://mcp.example.com'] }, { allowedOrigins: ['https://app.example.com:8443'] }])(
    'cannot be a hostname with a scheme or a port, or a star alone: %j',
    (options) => {
      expect(() => made(options)).toThrow(ConfigError);
    },
  );

  test('must have the right hostname even for unknown paths', async () => {
    for (const path of ['/healthz', '/readyz', '/mcp', '/nowhere', '/.well-known/oauth-protected-resource']) {
      const answer = await made().fetch(new Request(`http://evil.example${path}`));
      expect(answer.status, path).toBe(403);
      expect(messageIn(await answer.text()).error?.message).toContain('allowedHosts');
    }
  });
});

describe('web pages', () => {
  const origin = 'https://app.example.com';
  const handler = made({ allowedOrigins: ['app.example.com'] });

  test('get a response to a preflight request', async () => {
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'mcp-method, authorization' };
    const answer = await handler.fetch(new Request('http://localhost/mcp', { method: 'OPTIONS', headers }));
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-methods')).toBe('POST');
    expect(answer.headers.get('access-control-allow-headers')).toBe('mcp-method, authorization');
  });

  test('can read the response, even a refusal', async () => {
    for (const [request, status] of [
      [post(start, { origin }), 200],
      [post({ ...start, body: '{' }, { origin }), 400],
    ] as const) {
      const answer = await handler.fetch(request);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('vary')).toMatch(/origin/i);
    }
  });
});

test.each(['/healthz', '/readyz'])('HEAD %s gets the response of GET, without a body', async (path) => {
  const answer = await made().fetch(new Request(`http://localhost${path}`, { method: 'HEAD' }));
  expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: '' });
});

test('a call is cancelled when its request is aborted', async () => {
  const stop = new AbortController();
  let heard: AbortSignal | undefined;
  const wait = plainTool('wait', { description: '' }, (_input, { signal }) => {
    heard = signal;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      stop.abort();
    });
  });
  const codes: unknown[] = [];
  const handler = made({ tools: [wait], onCall: ({ code }) => codes.push(code) });
  await handler.fetch(new Request(post(toolCall('wait', {})), { signal: stop.signal }));
  expect(heard?.aborted).toBe(true);
  await until('the call has ended', () => codes.length > 0);
  expect(codes).toEqual(['cancelled']);
});

test.each([
  ['structured', /^Research task started[^\n]*$/, true],
  ['text', /\nhandle \(revision 1, /, false],
] as const)('results contain the handle only in the part that handleIn names: %s', async (handleIn, text, isStructured) => {
  const { content, structuredContent } = messageIn(await (await made({ handleIn }).fetch(post())).text()).result as Answer;
  expect(content[0]?.text).toMatch(text);
  expect(Object.hasOwn(structuredContent, 'handle')).toBe(isStructured);
});

test.each(['application/json', '*/*', 'text/event-stream'])('the header Accept can be %s', async (accept) => {
  const answer = await made().fetch(post(start, { accept }));
  expect(answer.status).toBe(200);
  expect(messageIn(await answer.text()).result).toHaveProperty('structuredContent.status', 'running');
});

describe('the path of MCP', () => {
  test('gets a slash at its start', async () => {
    const handler = made({ path: 'api/mcp' });
    expect(handler.path).toBe('/api/mcp');
    expect(await statusOf(handler.fetch(post(start, {}, 'http://localhost/api/mcp')))).toBe(200);
  });

  test.each(['https://mcp.example.com/mcp', '/mcp?x=1', '/mcp#x', '/api/:transport', '/api/[transport]', '/mcp/*', '/{mcp}'])(
    'cannot be a URL or a pattern: %s',
    (path) => {
      expect(() => made({ path })).toThrow(ConfigError);
      expect(() => made({ path })).toThrow('path must be the path of a URL, such as /mcp');
    },
  );
});

test('a caller who is undefined gets 401, even if anonymous callers are served', async () => {
  for (const caller of [undefined, null]) {
    const answer = await made().fetch(post(), { caller } as never);
    expect(answer.status).toBe(401);
    expect(messageIn(await answer.text()).error?.message).toContain('The caller is unknown');
  }
});
