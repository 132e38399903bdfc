import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { generateRing, parseRing, toText } from '../../../src/keys/index.ts';
import { httpServer, systemClock } from '../../../src/server/index.ts';
import { ringFile } from '../../support/folders.ts';
import { sendRaw } from '../../support/http.ts';
import { exchange, legacyRequest, messageIn, modernRequest, toolCall } from '../../support/mcp.ts';
import { type RunningServer, startServer } from '../../support/program.ts';
import { researchServer } from '../../support/research.ts';
import { until } from '../../support/wait.ts';

const start = toolCall('start_research_task', { topic: 'how far is the moon' });

describe('over HTTP,', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(['--keys', (await ringFile()).path]);
  });
  afterAll(() => server.kill());

  test.each([
    ['2026-07-28', start],
    ['2025', legacyRequest('tools/call', { name: 'start_research_task', arguments: { topic: 'x' } })],
  ])('a call of revision %s is answered without a handshake', async (_era, request) => {
    const { status, message, headers } = await exchange(server.url, request);
    expect(status).toBe(200);
    expect(message.result.structuredContent).toMatchObject({ status: 'running', handle_info: { revision: 1 } });
    expect(headers.get('mcp-session-id')).toBeNull();
  });

  test('a client of 2025 can use a handle that was issued to a client of 2026-07-28', async () => {
    const { message } = await exchange(server.url, start);
    const { handle } = message.result.structuredContent;
    const seen = await exchange(server.url, legacyRequest('tools/call', { name: 'get_task_status', arguments: { handle } }));
    expect(seen.message.result.structuredContent).toMatchObject({ handle, topic: 'how far is the moon' });
  });

  test('an initialize of the 2025 revisions is answered with the requested revision', async () => {
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const { message } = await exchange(server.url, legacyRequest('initialize', params));
    expect(message.result).toMatchObject({ protocolVersion: '2025-06-18', serverInfo: { name: 'waxseal' } });
  });

  test.each([['server/discover'], ['tools/list']])('the answer to %s can be cached for an hour, even by shared caches', async (method) => {
    const { message } = await exchange(server.url, modernRequest(method));
    expect(message.result).toMatchObject({ ttlMs: 3_600_000, cacheScope: 'public' });
  });

  test('the answer to tools/list has the same bytes every time', async () => {
    const lists = await Promise.all([1, 2, 3].map(async () => (await sendRaw(server.url, modernRequest('tools/list'))).text));
    expect(new Set(lists).size).toBe(1);
  });

  test('a hundred equal calls get equal answers, before and after zod compiles the schemas', async () => {
    const { handle } = (await exchange(server.url, start)).message.result.structuredContent;
    const calls = [toolCall('get_task_status', { handle }), toolCall('get_task_status', { handle: 5 }), modernRequest('tools/call', {})];
    for (const call of calls) {
      const answers = new Set<string>();
      for (let time = 0; time < 100; time += 1) answers.add((await sendRaw(server.url, call)).text);
      expect([...answers]).toHaveLength(1);
    }
  });

  test.each(['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'TRACE', 'PROPFIND'])(
    '%s /mcp is not allowed, and the answer names POST',
    async (method) => {
      const answer = await sendRaw(server.url, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']).toBe('POST');
    },
  );

  test.each(['PUT', 'POST', 'TRACE'])('%s is not allowed for probes, and the answer names GET', async (method) => {
    for (const path of ['/healthz', '/readyz/']) {
      const answer = await sendRaw(`${server.origin}${path}`, { method });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD']);
    }
  });

  test('the server says that it is alive, and that it is ready if its ring can mint', async () => {
    expect(await sendRaw(`${server.origin}/healthz`, { method: 'GET' })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await sendRaw(`${server.origin}/readyz`, { method: 'GET' })).toMatchObject({ status: 200, text: '{"status":"ready"}' });
  });

  test.each(['/', '/sse', '/mcp/x', '/healthz/x'])('POST %s is not found, and the answer names POST /mcp', async (path) => {
    const answer = await sendRaw(`${server.origin}${path}`, { method: 'POST', headers: start.headers, body: start.body });
    expect(answer.status).toBe(404);
    expect(messageIn(answer.text).error?.message).toContain('POST /mcp');
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost@evil.example'])(
    'on loopback, the Host %s is refused, because a web page of that name could reach the server by DNS rebinding',
    async (host) => {
      expect(await sendRaw(server.url, { ...start, headers: { ...start.headers, host } })).toMatchObject({ status: 403 });
    },
  );

  test.each(['localhost', 'localhost:1234', 'LOCALHOST.', 'localhost:', '127.0.0.1', '[::1]:80', '[0:0:0:0:0:0:0:1]'])(
    'on loopback, the Host %s is served',
    async (host) => {
      expect(await sendRaw(server.url, { ...start, headers: { ...start.headers, host } })).toMatchObject({ status: 200 });
    },
  );

  test.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://localhost.evil.example', 403],
    ['http://localhost:6274', 200],
  ])('a web page of origin %s gets the status %i', async (origin, status) => {
    expect(await sendRaw(server.url, { ...start, headers: { ...start.headers, origin } })).toMatchObject({ status });
  });

  test('a body over 1 MiB is refused, and the answer names the limit', async () => {
    // The test sends only a part of the body. The server answers at once and closes the connection, so a client that
    // still sends may miss the answer.
    const headers = { ...start.headers, 'content-length': '1048577' };
    const answer = await sendRaw(server.url, { ...start, headers });
    expect(answer.status).toBe(413);
    expect(messageIn(answer.text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32600 } });
    expect(messageIn(answer.text).error?.message).toContain('1048576');
  });

  test('a body of exactly 1 MiB is read', async () => {
    const message = legacyRequest('tools/call', { name: 'start_research_task', arguments: { topic: 'x' } });
    const body = message.body + ' '.repeat(1_048_576 - message.body.length);
    expect(await sendRaw(server.url, { ...message, body })).toMatchObject({ status: 200 });
  });

  test.each(['{"jsonrpc": "2.0",', 'topic=x'])('the body %o is answered with a parse error that does not repeat the body', async (body) => {
    const answer = await sendRaw(server.url, { ...start, body });
    expect(answer.status).toBe(400);
    const { id, error } = messageIn(answer.text);
    expect(id).toBeNull();
    expect(error?.code).toBe(-32700);
    expect(error?.message).toContain('not valid JSON');
    expect(answer.text).not.toContain(body);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])('the content type "%s" is refused', async (type) => {
    const { 'content-type': _json, ...others } = start.headers;
    const headers = type === '' ? others : { ...others, 'content-type': type };
    const answer = await sendRaw(server.url, { ...start, headers });
    expect(answer.status).toBe(415);
    expect(messageIn(answer.text).error?.message).toContain('application/json');
  });

  test.each([
    ['2026-07-28', toolCall('no_such_tool', {})],
    ['2025', legacyRequest('tools/call', { name: 'no_such_tool', arguments: {} })],
  ])('a call of an unknown tool in revision %s gets a protocol error that lists the tools', async (_era, request) => {
    const { message } = await exchange(server.url, request);
    expect(message.error?.code).toBe(-32602);
    expect(message.error?.message).toContain('start_research_task');
  });

  test.each([
    ['mcp-name', 'get_task_status'],
    ['mcp-method', 'tools/list'],
    ['mcp-protocol-version', '2025-11-25'],
  ])('a header %s that contradicts the body is refused', async (name, value) => {
    const { status, message } = await exchange(server.url, { ...start, headers: { ...start.headers, [name]: value } });
    expect(status).toBe(400);
    expect(message.error?.code).toBe(-32020);
  });

  test.each(['mcp-name', 'mcp-method', 'mcp-protocol-version'])(
    'a request of 2026-07-28 without the header %s is refused',
    async (name) => {
      const headers = Object.fromEntries(Object.entries(start.headers).filter(([header]) => header !== name));
      expect(await sendRaw(server.url, { ...start, headers })).toMatchObject({ status: 400 });
    },
  );
});

test('over HTTP, a server that can no longer mint is not ready, and still reads tasks', async () => {
  const born = systemClock();
  let now = born;
  const ring = await parseRing(toText(await generateRing(born, 3_600)));
  const app = httpServer({
    server: researchServer,
    environment: { ring: () => ring, now: () => now },
    log: pino({ level: 'silent' }),
    allowedHosts: ['127.0.0.1'],
    allowedOrigins: [],
    rateLimit: 0,
    maxConnections: 100,
  });
  onTestFinished(() => app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const { handle } = (await exchange(`${origin}/mcp`, start)).message.result.structuredContent;
  expect(await sendRaw(`${origin}/readyz`, { method: 'GET' })).toMatchObject({ status: 200 });

  now = born + 3_601;
  const ready = await sendRaw(`${origin}/readyz`, { method: 'GET' });
  expect(ready.status).toBe(503);
  expect(JSON.parse(ready.text)).toMatchObject({ status: 'not_ready', reason: expect.stringContaining('waxseal keys') });
  expect(await sendRaw(`${origin}/healthz`, { method: 'GET' })).toMatchObject({ status: 200 });
  expect((await exchange(`${origin}/mcp`, toolCall('get_task_status', { handle }))).message.result.structuredContent.status).toBe(
    'running',
  );
  const refused = await exchange(`${origin}/mcp`, toolCall('cancel_research_task', { handle }));
  expect(refused.message.result).toMatchObject({ isError: true, structuredContent: { error: { code: 'unavailable' } } });
});

describe('over HTTP, if every Host is served,', () => {
  let origin: string;
  beforeAll(async () => {
    const ring = await parseRing(toText(await generateRing(systemClock())));
    const app = httpServer({
      server: researchServer,
      environment: { ring: () => ring, now: systemClock },
      log: pino({ level: 'silent' }),
      allowedOrigins: ['app.example.com'],
      rateLimit: 1000,
      maxConnections: 100,
    });
    origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return () => app.close();
  });

  /** Writes a text to a new connection, and reads until the server ends the connection. */
  function answersTo(written: string): Promise<string> {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    socket.write(written);
    return text(socket);
  }

  const lines = (headers: object) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`);

  test('a request of HTTP/1.0 without a Host is answered', async () => {
    const head = ['POST /mcp HTTP/1.0', ...lines({ ...start.headers, 'content-length': Buffer.byteLength(start.body) })];
    const answer = await answersTo(`${head.join('\r\n')}\r\n\r\n${start.body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('"status":"running"');
  });

  test.each(['/healthz', '/readyz'])('a probe %s without a Host is answered, but a call is not', async (path) => {
    const probe = `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`;
    expect(await answersTo(probe)).toMatch(/^HTTP\/1\.1 200 /);
    const head = ['POST /mcp HTTP/1.1', ...lines({ ...start.headers, connection: 'close', 'content-length': 0 })];
    expect(await answersTo(`${head.join('\r\n')}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each(['two words', 'example.com:port', 'ex%ample.com', 'user@example.com'])('the Host %s is refused as invalid', async (host) => {
    const { status, text } = await sendRaw(`${origin}/mcp`, { ...start, headers: { ...start.headers, host } });
    expect({ status, code: JSON.parse(text).error.code }).toEqual({ status: 400, code: -32600 });
    expect(text).not.toContain('how far is the moon');
  });

  test('an answer has a Content-Length, and CORS headers for an allowed web page', async () => {
    const asked = { ...start, headers: { ...start.headers, origin: 'https://app.example.com' } };
    const { status, headers, text } = await sendRaw(`${origin}/mcp`, asked);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-expose-headers': 'WWW-Authenticate, Retry-After',
      'x-ratelimit-limit': '1000',
    });
    expect(headers['vary']).toMatch(/origin/i);
  });

  test('pipelined requests are answered in their order', async () => {
    const requests = [1, 2, 3].map((id) => {
      const body = JSON.stringify({ ...JSON.parse(start.body), id });
      const last = id === 3 ? { connection: 'close' } : {};
      const head = lines({ host: 'localhost', ...start.headers, 'content-length': Buffer.byteLength(body), ...last });
      return `${['POST /mcp HTTP/1.1', ...head].join('\r\n')}\r\n\r\n${body}`;
    });
    const answers = [...(await answersTo(requests.join(''))).matchAll(/"id":(\d)[,}]/g)].map(([, id]) => Number(id));
    expect(answers).toEqual([1, 2, 3]);
  });
});

describe('over HTTP, a broken request', () => {
  const refused: string[] = [];
  let app: ReturnType<typeof httpServer>;
  let origin: string;
  beforeAll(async () => {
    const ring = await parseRing(toText(await generateRing(systemClock())));
    const metrics = { refused: (status: number, reason: string) => refused.push(`${status} ${reason}`), follow: () => {} };
    app = httpServer({
      server: researchServer,
      environment: { ring: () => ring, now: systemClock },
      log: pino({ level: 'silent' }),
      allowedOrigins: [],
      rateLimit: 0,
      maxConnections: 100,
      metrics: metrics as never,
    });
    origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return () => app.close();
  });

  const half = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"jsonrpc"';

  /** Sends a text, and waits until the server has closed the connection. @returns the answer, and the counted refusals */
  async function outcomeOf(written: string, then: (client: Socket, accepted: Socket) => unknown = () => {}) {
    refused.length = 0;
    const connected = new Promise<Socket>((resolve) => app.server.once('connection', resolve));
    const client = connect(Number(new URL(origin).port), '127.0.0.1', () => client.write(written));
    const answer = text(client).catch(() => '');
    const accepted = await connected;
    const closed = new Promise((resolve) => accepted.once('close', resolve));
    await until('the request was read', () => accepted.destroyed || accepted.bytesRead >= written.length);
    then(client, accepted);
    await closed;
    await sendRaw(`${origin}/healthz`, { method: 'GET' });
    return { answer: await answer, refused: [...refused] };
  }

  test.each<[string, (client: Socket) => unknown]>([
    ['resets its connection', (client) => client.resetAndDestroy()],
    ['closes its connection', (client) => client.destroy()],
    ['ends its connection', (client) => client.end()],
  ])('is not counted if the client %s in the middle of the body', async (_what, leave) => {
    expect((await outcomeOf(half, leave)).refused).toEqual([]);
  });

  test('is counted once, as a timeout, if its body comes too slowly', async () => {
    const timeout = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const slow = await outcomeOf(half, (_client, accepted) => app.server.emit('clientError', timeout, accepted));
    expect(slow.refused).toEqual(['408 timeout']);
    expect(slow.answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*took too long/);
  });

  test('is answered with the limit if its headers are too large', async () => {
    const large = await outcomeOf(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(16_400)}`);
    expect(large.refused).toEqual(['431 headers']);
    expect(large.answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n[\s\S]*at most 16384 bytes/);
  });

  test('is counted once if it is not HTTP', async () => {
    const outcome = await outcomeOf('\u0016\u0003\u0001');
    expect(outcome.refused).toEqual(['400 target']);
    expect(outcome.answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });
});
