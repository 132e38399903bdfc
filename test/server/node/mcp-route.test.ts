/** Tests the requests of real probes, proxies and platforms. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { generateRing, toText } from '../../../src/keys/index.ts';
import { createFetchHandler, systemClock } from '../../../src/server/index.ts';
import { ringFile } from '../../support/folders.ts';
import { sendRaw } from '../../support/http.ts';
import { legacyRequest, messageIn, modernRequest, toolCall } from '../../support/mcp.ts';
import { type RunningServer, startServer } from '../../support/program.ts';
import { researchServer } from '../../support/research.ts';
import { until } from '../../support/wait.ts';

const start = toolCall('start_research_task', { topic: 'how far is the moon' });
const legacy = legacyRequest('tools/call', { name: 'start_research_task', arguments: { topic: 'x' } });
const codeIn = (text: string) => messageIn(text).error?.code ?? 0;

/** Bodies that the server cannot read: what they are, their bytes, and the status, the reason and the text of the refusal. */
const UNREADABLE: [string, (body: string) => Uint8Array, number, string, string][] = [
  ['empty', () => Buffer.from(' \n'), 400, 'body', 'is empty'],
  ['in Latin-1', (body) => Buffer.from(body.replace('moon', 'caf\u00e9'), 'latin1'), 400, 'body', 'is not valid UTF-8'],
  ['compressed', (body) => gzipSync(body), 415, 'encoding', 'compressed'],
  ['in UTF-16', (body) => Buffer.from(`\uFEFF${body}`, 'utf16le'), 415, 'charset', 'only in UTF-8'],
  ['in UTF-16 without a byte order mark', (body) => Buffer.from(body, 'utf16le'), 415, 'charset', 'only in UTF-8'],
  ['not JSON', () => Buffer.from('topic=x'), 400, 'body', 'is not valid JSON'],
  ['JSON with __proto__', () => Buffer.from('{"a":[{"__proto__":{}}]}'), 400, 'body', '"__proto__"'],
  ['JSON with an escaped __proto__', () => Buffer.from('{"\\u005f_proto__":1}'), 400, 'body', '"__proto__"'],
  ['JSON with constructor.prototype', () => Buffer.from('{"constructor":{"prototype":{}}}'), 400, 'body', '"constructor.prototype"'],
];

/** The same server as a fetch handler. */
const onAnyHost = createFetchHandler({
  server: researchServer,
  keys: toText(await generateRing(systemClock())),
  allowAnonymous: true,
});

let server: RunningServer;
beforeAll(async () => {
  server = await startServer(['--keys', (await ringFile()).path]);
});
afterAll(() => server.kill());

/** Sends a request. @returns the answer, and the log lines about its refusal */
async function refusedWith(request: { method: string; headers?: Record<string, string>; body?: string | Uint8Array }, path = '/mcp') {
  const before = server.printed.stdout.length;
  const answer = await sendRaw(`${server.origin}${path}`, request);
  const lines = () =>
    server.printed.stdout
      .slice(before)
      .split('\n')
      .filter((line) => line.includes('"refused"'))
      .map((line) => JSON.parse(line));
  await until('the refusal was logged', () => lines().length > 0);
  return { ...answer, logged: lines() };
}

describe('the header Accept', () => {
  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/*',
    'application/json;q=0.1, text/event-stream;q=0',
    'application/json, text/plain, */*',
    '*/*',
    '*',
    undefined,
  ])('can be %s from clients of 2025 and of 2026, and the answer is then JSON', async (accept) => {
    for (const request of [legacy, legacyRequest('tools/list'), start]) {
      const { accept: _given, ...others } = request.headers as Record<string, string>;
      const answer = await sendRaw(server.url, { ...request, headers: { ...others, ...(accept && { accept }) } });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(JSON.parse(answer.text)).toHaveProperty('result');
    }
  });

  test.each(['Text/Event-Stream, Application/JSON', 'text/*'])('can be %s', async (accept) => {
    for (const request of [legacy, start]) {
      const answer = await sendRaw(server.url, { ...request, headers: { ...request.headers, accept } });
      expect(answer.status).toBe(200);
      expect(messageIn(answer.text).result).toHaveProperty('structuredContent.status', 'running');
    }
  });

  test('is refused unless it accepts JSON or an event stream', async () => {
    const { status, logged } = await refusedWith({ ...start, headers: { ...start.headers, accept: 'text/html' } });
    expect(status).toBe(406);
    expect(logged).toMatchObject([{ status: 406, reason: 'accept' }]);
  });

  test('can be application/json for initialize and for a notification', async () => {
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const headers = { ...legacy.headers, accept: 'application/json' };
    const initialized = await sendRaw(server.url, { ...legacyRequest('initialize', params), headers });
    expect(JSON.parse(initialized.text).result).toHaveProperty('protocolVersion', '2025-06-18');
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await sendRaw(server.url, { method: 'POST', headers, body })).toMatchObject({ status: 202, text: '' });
  });

  test('can be application/json for a batch, whose answer is a list', async () => {
    const calls = [1, 2].map((id) => ({ ...JSON.parse(legacyRequest('tools/list').body), id }));
    const headers = { ...legacy.headers, accept: 'application/json', 'mcp-protocol-version': '2025-03-26' };
    const answer = await sendRaw(server.url, { method: 'POST', headers, body: JSON.stringify(calls) });
    expect(
      JSON.parse(answer.text)
        .map(({ id }: { id: number }) => id)
        .sort(),
    ).toEqual([1, 2]);
  });
});

describe('the server', () => {
  test.each(['/healthz', '/readyz', '/healthz/', '/readyz/'])('answers HEAD %s like GET, without a body', async (path) => {
    expect(await sendRaw(`${server.origin}${path}`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await sendRaw(`${server.origin}${path}`, { method: 'GET' })).toMatchObject({ status: 200 });
  });

  test.each(['/mcp/', '//mcp', '//mcp//'])('answers POST %s like POST /mcp', async (path) => {
    expect((await sendRaw(`${server.origin}${path}`, start)).status).toBe(200);
    expect((await refusedWith({ method: 'GET' }, path)).status).toBe(405);
  });

  test.each(['/mcp', '/mcp/', '/healthz', '/readyz'])(
    'answers OPTIONS %s with the list of methods if the request has no origin',
    async (path) => {
      const answer = await sendRaw(`${server.origin}${path}`, { method: 'OPTIONS' });
      expect(answer.status).toBe(204);
      expect(answer.headers['allow']).toContain(path.startsWith('/mcp') ? 'POST' : 'GET, HEAD');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test('answers the preflight of an allowed web page', async () => {
    const asked = {
      origin: 'http://localhost:6274',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'mcp-method',
    };
    const answer = await sendRaw(server.url, { method: 'OPTIONS', headers: asked });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:6274',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'mcp-method',
    });
    const refused = await refusedWith({ method: 'OPTIONS', headers: { ...asked, origin: 'https://evil.example' } });
    expect(refused.status).toBe(403);
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a request body', () => {
  test.each(['gzip', 'br', 'deflate', 'x-anything', 'identity, gzip'])(
    'is refused in the content coding %s, and the answer says why',
    async (coding) => {
      const headers = { ...start.headers, 'content-encoding': coding };
      const { status, text, logged } = await refusedWith({ ...start, headers, body: gzipSync(start.body).toString('latin1') });
      expect(status).toBe(415);
      expect(messageIn(text).error?.message).toContain('Content-Encoding');
      expect(logged).toMatchObject([{ reason: 'encoding' }]);
    },
  );

  test.each(['utf-16', 'iso-8859-1', '"utf-16le"'])('is refused in the charset %s, and the answer says why', async (charset) => {
    const headers = { ...start.headers, 'content-type': `application/json; charset=${charset}` };
    const { status, text, logged } = await refusedWith({ ...start, headers });
    expect(status).toBe(415);
    expect(messageIn(text).error?.message).toContain('UTF-8');
    expect(logged).toMatchObject([{ reason: 'charset' }]);
  });

  test.each([
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/json; charset="utf-8"',
    'application/json; charset=us-ascii',
    "application/json; charset='utf-8'",
    'application/json, application/json',
    'text/json',
    'application/json-rpc; charset=utf-8',
  ])('is read if its type is %s', async (type) => {
    for (const request of [start, legacy]) {
      const headers = { host: 'localhost', ...request.headers, 'content-type': type };
      expect((await sendRaw(server.url, { ...request, headers })).status).toBe(200);
      expect((await onAnyHost.fetch(new Request(server.url, { ...request, headers }))).status).toBe(200);
    }
  });

  test('is refused if its two types differ', async () => {
    const headers = { ...start.headers, 'content-type': 'application/json, text/plain' };
    expect((await refusedWith({ ...start, headers })).logged).toMatchObject([{ status: 415, reason: 'content_type' }]);
  });

  test.each(UNREADABLE)('is refused if it is %s, and the answer says so', async (_what, bytes, status, reason, text) => {
    const refused = await refusedWith({ ...start, body: bytes(start.body) });
    expect(refused.status).toBe(status);
    expect(messageIn(refused.text)).toMatchObject({ id: null, error: { message: expect.stringContaining(text) } });
    expect(refused.logged).toMatchObject([{ status, reason }]);
    const headers = { host: 'localhost', ...start.headers };
    const request = new Request(server.url, { ...start, headers, body: bytes(start.body) as BodyInit });
    const elsewhere = await onAnyHost.fetch(request);
    expect({ status: elsewhere.status, text: await elsewhere.text() }).toEqual({ status, text: refused.text });
  });

  test('is read if it has a byte order mark, or a letter whose bytes are in two chunks', async () => {
    const body = Buffer.from(`\uFEFF${start.body.replace('moon', 'méridien')}`);
    const at = body.indexOf(0xc3) + 1;
    const parts = new ReadableStream({
      start: (controller) => {
        for (const part of [body.subarray(0, at), body.subarray(at)]) controller.enqueue(part);
        controller.close();
      },
    });
    const headers = { host: 'localhost', ...start.headers };
    const elsewhere = await onAnyHost.fetch(new Request(server.url, { ...start, headers, body: parts, duplex: 'half' } as RequestInit));
    for (const text of [(await sendRaw(server.url, { ...start, body })).text, await elsewhere.text()])
      expect(messageIn(text).result).toHaveProperty('structuredContent.status', 'running');
  });

  test.each(['identity', 'utf-8', 'UTF8', 'none'])('is read if its Content-Encoding is %s', async (coding) => {
    expect((await sendRaw(server.url, { ...start, headers: { ...start.headers, 'content-encoding': coding } })).status).toBe(200);
  });
});

describe('a request', () => {
  test.each(['/mcp', '/healthz', '/readyz', '/nowhere'])(
    'is refused at %s if its Host is not served, and the answer names the setting',
    async (path) => {
      const { status, text, logged } = await refusedWith({ method: 'GET', headers: { host: 'host.docker.internal' } }, path);
      expect(status).toBe(403);
      expect(messageIn(text).error?.message).toContain('--allowed-hosts');
      expect(messageIn(text).error?.message).not.toContain('docker');
      expect(logged).toMatchObject([{ status: 403, reason: 'host' }]);
    },
  );

  test.each(['10.1.2.3:3000', '[fd00::1]'])('is refused with an IP address as Host, except for probes: %s', async (host) => {
    expect((await sendRaw(`${server.origin}/healthz`, { method: 'GET', headers: { host } })).status).toBe(200);
    expect((await refusedWith({ ...start, headers: { ...start.headers, host } })).status).toBe(403);
  });

  test('is refused if its Origin is not served, and the answer names the setting', async () => {
    const { status, text, logged } = await refusedWith({ ...start, headers: { ...start.headers, origin: 'https://app.example' } });
    expect(status).toBe(403);
    expect(messageIn(text).error?.message).toContain('--allowed-origins');
    expect(logged).toMatchObject([{ reason: 'origin' }]);
  });

  test.each(['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'x-forwarded-host'])(
    'is refused if it was forwarded to an anonymous server on loopback: %s',
    async (name) => {
      const { status, text, logged } = await refusedWith({ ...start, headers: { ...start.headers, [name]: '203.0.113.8' } });
      expect(status).toBe(403);
      expect(messageIn(text).error?.message).toMatch(/tunnel.*--auth-issuer.*--allow-anonymous/);
      expect(logged).toMatchObject([{ reason: 'forwarded' }]);
    },
  );

  test.each([
    ['mcp-protocol-version', '2025-06-18, 2025-06-18'],
    ['origin', 'http://localhost:6274, http://localhost:6274'],
  ])('is answered if a proxy has doubled its header %s', async (name, value) => {
    const headers = { host: 'localhost', ...legacy.headers, [name]: value };
    const elsewhere = await onAnyHost.fetch(new Request(server.url, { ...legacy, headers }));
    const here = await sendRaw(server.url, { ...legacy, headers });
    expect([here.status, elsewhere.status]).toEqual([200, 200]);
    const expected = name === 'origin' ? 'http://localhost:6274' : undefined;
    expect(here.headers['access-control-allow-origin']).toBe(expected);
    expect(elsewhere.headers.get('access-control-allow-origin') ?? undefined).toBe(expected);
  });

  test('is refused if it has two different origins, of which one is served', async () => {
    const headers = { ...start.headers, origin: 'http://localhost, https://evil.example' };
    expect((await refusedWith({ ...start, headers })).logged).toMatchObject([{ status: 403, reason: 'origin' }]);
  });

  test.each<[string, Parameters<typeof refusedWith>, number]>([
    ['method', [{ method: 'GET' }], 405],
    ['path', [{ method: 'GET' }, '/nowhere'], 404],
    ['body', [{ ...start, body: '{' }], 400],
    ['content_type', [{ ...start, headers: { ...start.headers, 'content-type': 'text/plain' } }], 415],
    ['too_large', [{ ...start, headers: { ...start.headers, 'content-length': '1048577' } }], 413],
    ['protocol', [{ ...start, headers: { ...start.headers, 'mcp-method': 'tools/list' } }], 400],
  ])('is refused with one log line that has the reason %s', async (reason, request, status) => {
    const answer = await refusedWith(...request);
    expect(answer.status).toBe(status);
    expect(answer.logged).toMatchObject([{ status, reason }]);
    expect(answer.logged[0]).not.toHaveProperty('url');
  });

  test('is refused with a JSON-RPC code that MCP does not reserve: -31000 minus the HTTP status', async () => {
    const limited = await startServer(['--keys', (await ringFile()).path, '--rate-limit', '1']);
    onTestFinished(() => limited.kill());
    const answers = [
      await refusedWith({ method: 'GET' }),
      await refusedWith({ ...start, headers: { ...start.headers, host: 'evil.example' } }),
      await refusedWith({ ...start, headers: { ...start.headers, origin: 'https://evil.example' } }),
      await refusedWith({ ...start, headers: { ...start.headers, accept: 'text/html' } }),
      ...[await sendRaw(limited.url, modernRequest('tools/list')), await sendRaw(limited.url, modernRequest('tools/list'))].slice(1),
    ];
    expect(answers.map(({ status }) => status)).toEqual([405, 403, 403, 406, 429]);
    for (const { status, text } of answers) expect(codeIn(text)).toBe(-31_000 - status);
  });
});

test('with --allow-anonymous, a forwarded request is served', async () => {
  const open = await startServer(['--keys', (await ringFile()).path, '--allow-anonymous']);
  onTestFinished(() => open.kill());
  expect((await sendRaw(open.url, { ...start, headers: { ...start.headers, 'x-forwarded-for': '203.0.113.8' } })).status).toBe(200);
});

test('a server ignores a Kubernetes service link in WAXSEAL_PORT, with one line in the log', async () => {
  const env = { WAXSEAL_PORT: 'tcp://10.96.0.17:3000', PORT: '0' };
  const linked = await startServer(['--keys', (await ringFile()).path], { env });
  onTestFinished(() => linked.kill());
  await linked.says('WAXSEAL_PORT is a Kubernetes service link');
  expect(linked.printed.stdout.match(/WAXSEAL_PORT is a Kubernetes service link/g)).toHaveLength(1);
});

test('the ring in WAXSEAL_KEYS can be in base64 or in quotes', async () => {
  const { document } = await ringFile();
  const ring = JSON.stringify(document);
  for (const text of [`'${ring}'`, Buffer.from(ring).toString('base64')]) {
    const wrapped = await startServer([], { env: { WAXSEAL_KEYS: text } });
    onTestFinished(() => wrapped.kill());
    expect((await sendRaw(wrapped.url, start)).status).toBe(200);
  }
});
