import { afterEach, describe, expect, test } from 'vitest';
import { generateRing, parseRing, toText } from '../../../src/keys/index.ts';
import { createFetchHandler, type FetchHandler, systemClock } from '../../../src/server/index.ts';
import { type Answer, legacyRequest, messageIn, modernRequest, type Outgoing, toolCall } from '../../support/mcp.ts';
import { researchServer } from '../../support/research.ts';

const ring = await parseRing(toText(await generateRing(systemClock())));
const start = toolCall('start_research_task', { topic: 'does the edge remember' });
const handlers: FetchHandler[] = [];
afterEach(() => Promise.all(handlers.splice(0).map((handler) => handler.close())));

function handler(options: Partial<Parameters<typeof createFetchHandler>[0]> = {}): FetchHandler {
  const made = createFetchHandler({
    server: researchServer,
    environment: { ring: () => ring, now: systemClock },
    allowAnonymous: true,
    ...options,
  } as Parameters<typeof createFetchHandler>[0]);
  handlers.push(made);
  return made;
}

/** Makes the `Request` that an edge runtime would pass to the handler: it has the header `Host`. */
function post({ headers, body }: Outgoing, more: Record<string, string> = {}, path = '/mcp'): Request {
  return new Request(`http://localhost${path}`, { method: 'POST', headers: { host: 'localhost', ...headers, ...more }, body });
}

describe('the fetch handler', () => {
  test.each([
    ['2026-07-28', start],
    ['2025', legacyRequest('tools/call', { name: 'start_research_task', arguments: { topic: 'x' } })],
  ])('answers POST /mcp of revision %s', async (_era, request) => {
    const response = await handler().fetch(post(request));
    expect(response.status).toBe(200);
    expect((messageIn(await response.text()).result as Answer).structuredContent.status).toBe('running');
  });

  test('continues the task of another handler with the same ring', async () => {
    const started = messageIn(await (await handler().fetch(post(start))).text()).result as Answer;
    const { handle } = started.structuredContent;
    const seen = await handler().fetch(post(toolCall('get_task_status', { handle })));
    expect((messageIn(await seen.text()).result as Answer).structuredContent.topic).toBe('does the edge remember');
  });

  test('says that it is alive, and that it is ready if its ring can mint', async () => {
    const { fetch } = handler();
    expect((await fetch(new Request('http://localhost/healthz'))).status).toBe(200);
    expect((await fetch(new Request('http://localhost/readyz'))).status).toBe(200);
  });

  test('says that it is not ready if its ring can no longer mint', async () => {
    const { fetch } = handler({ environment: { ring: () => ring, now: () => systemClock() + 400 * 86_400 } });
    const response = await fetch(new Request('http://localhost/readyz'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'not_ready' });
  });

  test.each(['GET', 'DELETE', 'PUT'])('answers %s /mcp with 405 and names POST', async (method) => {
    const response = await handler().fetch(new Request('http://localhost/mcp', { method, headers: { host: 'localhost' } }));
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  test('answers PUT /healthz with 405, names GET, and tells the program', async () => {
    const refused: object[] = [];
    const { fetch } = handler({ onRefused: (told) => refused.push(told) });
    const response = await fetch(new Request('http://localhost/healthz', { method: 'PUT' }));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(refused).toEqual([{ status: 405, reason: 'method' }]);
  });

  test.each(['/', '/constructor', '/__proto__', '/toString'])('answers %s with 404', async (path) => {
    expect((await handler().fetch(post(start, {}, path))).status).toBe(404);
  });

  test.each([
    ['host', 'evil.example'],
    ['host', 'localhost.evil.example'],
    ['origin', 'https://evil.example'],
    ['origin', 'null'],
  ])('refuses a request with the header %s: %s', async (name, value) => {
    expect((await handler().fetch(post(start, { [name]: value }))).status).toBe(403);
  });

  test('serves only the configured hosts and origins', async () => {
    const { fetch } = handler({ allowedHosts: ['mcp.example.com'], allowedOrigins: ['app.example.com'] });
    expect((await fetch(post(start, { host: 'mcp.example.com', origin: 'https://app.example.com' }))).status).toBe(200);
    expect((await fetch(post(start, { host: 'localhost' }))).status).toBe(403);
  });

  test('refuses a body over 1 MiB, with or without a Content-Length', async () => {
    const { fetch } = handler();
    const body = JSON.stringify({ filler: 'x'.repeat(1_048_576) });
    expect((await fetch(post({ ...start, body }))).status).toBe(413);
    expect((await fetch(post({ ...start, body }, { 'content-length': String(body.length) }))).status).toBe(413);
  });

  test.each([
    ['broken JSON', (): Request => post({ ...start, body: '{"jsonrpc"' }), 400],
    [
      'no body',
      (): Request => new Request('http://localhost/mcp', { method: 'POST', headers: { host: 'localhost', ...start.headers } }),
      400,
    ],
    ['another content type', (): Request => post(start, { 'content-type': 'text/plain' }), 415],
    ['a body that breaks off', (): Request => streaming(new ReadableStream({ pull: (body) => body.error(new Error('gone')) })), 400],
  ])('answers %s with an error, and resolves its promise', async (_what, request, status) => {
    const response = await handler().fetch(request());
    expect(response.status).toBe(status);
    expect(messageIn(await response.text()).error).toBeDefined();
  });

  test.each(['/mcp', '/readyz'])('answers %s with an error if the ring cannot be read', async (path) => {
    const environment = {
      ring: () => {
        throw new Error('the secret store is away');
      },
      now: systemClock,
    };
    const response = await handler({ environment }).fetch(path === '/mcp' ? post(start) : new Request(`http://localhost${path}`));
    expect(await response.text()).not.toContain('secret store');
  });

  test.each(['*/*', 'application/json, text/event-stream'])('answers a subscription with a stream if Accept is %s', async (accept) => {
    const response = await handler().fetch(post(modernRequest('subscriptions/listen', { notifications: {} }), { accept }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
  });

  test('asks clients to come again after it was closed', async () => {
    const refused: object[] = [];
    const closed = handler({ onRefused: (told) => refused.push(told) });
    await closed.close();
    const answer = await closed.fetch(post(start));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(messageIn(await answer.text()).error?.message).toContain('send the same request again');
    expect(refused).toEqual([{ status: 503, reason: 'stopping' }]);
  });
});

function streaming(body: ReadableStream): Request {
  return new Request('http://localhost/mcp', {
    method: 'POST',
    headers: { host: 'localhost', ...start.headers },
    body,
    duplex: 'half',
  } as RequestInit);
}
