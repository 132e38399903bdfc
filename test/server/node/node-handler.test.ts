/** Tests the fetch handler on `node:http` and in frameworks, over real HTTP. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { generateRing, toText } from '../../../src/keys/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { createFetchHandler, type FetchHandlerOptions, systemClock, toNodeHandler } from '../../../src/server/index.ts';
import { type Answer, exchange, legacyRequest, toolCall } from '../../support/mcp.ts';

const ring = toText(await generateRing(systemClock()));
const start = toolCall('start_research_task', { topic: 'who read the body' });
const legacyStart = legacyRequest('tools/call', { name: 'start_research_task', arguments: { topic: 'who read the body' } });

function made(options: Partial<FetchHandlerOptions> = {}) {
  const refused: string[] = [];
  const handler = createFetchHandler({
    ...{ keys: ring, tools: researchTools, identity: { name: 'test', version: '1' }, allowAnonymous: true },
    onRefused: ({ reason }) => refused.push(reason),
    ...options,
  } as FetchHandlerOptions);
  onTestFinished(() => handler.close());
  return { handler, listener: toNodeHandler(handler), refused };
}

/** Serves on a free port. @returns the origin */
async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function statusesOf(url: string): Promise<unknown[]> {
  const answers = [await exchange(url, start), await exchange(url, legacyStart)];
  return answers.map(({ status, message }) => [status, (message.result as Answer | undefined)?.structuredContent.status]);
}

const BOTH_RUN = [
  [200, 'running'],
  [200, 'running'],
];

describe('a Node handler', () => {
  test('serves on plain node:http, and changes no global', async () => {
    const globals = [globalThis.Request, globalThis.Response, globalThis.fetch];
    expect(await statusesOf(`${await serve(made().listener)}/mcp`)).toEqual(BOTH_RUN);
    expect([globalThis.Request, globalThis.Response, globalThis.fetch]).toEqual(globals);
  });

  test('reads its ring from process.env, or from the environment that the program passes', async () => {
    const keys = (env: unknown) => (env as { RING?: string }).RING ?? '';
    const { handler } = made({ keys } as Partial<FetchHandlerOptions>);
    expect((await exchange(`${await serve(toNodeHandler(handler))}/mcp`, start)).status).toBe(503);
    expect((await exchange(`${await serve(toNodeHandler(handler, () => ({ RING: ring })))}/mcp`, start)).status).toBe(200);
  });

  test('serves a caller whom the program around the handler has verified', async () => {
    const { handler } = made({ allowAnonymous: false });
    const as = (subject: string) => serve(toNodeHandler(handler, () => ({ caller: { issuer: 'https://login.example', subject } })));
    const started = (await exchange(`${await as('alice')}/mcp`, start)).message.result as Answer;
    const see = toolCall('get_task_status', { handle: started.structuredContent.handle });
    expect((await exchange(`${await as('alice')}/mcp`, see)).message.result.structuredContent.status).toBe('running');
    expect((await exchange(`${await as('bob')}/mcp`, see)).message.result.structuredContent.error.code).toBe('rejected');
  });

  test('refuses a body over 1 MiB, parsed or not', async () => {
    const body = JSON.stringify({ filler: 'x'.repeat(1_048_576) });
    const app = express().use(express.json({ limit: '4mb' }));
    app.all('/mcp', made().listener);
    for (const origin of [await serve(made().listener), await serve(app)])
      expect((await fetch(`${origin}/mcp`, { ...start, body })).status).toBe(413);
  });

  test('checks the Host of the request', async () => {
    const { port } = new URL(await serve(made().listener));
    const status = await new Promise((resolve) => {
      send({ port, path: '/mcp', method: 'POST', headers: { ...start.headers, host: 'evil.example' } }, (answer) =>
        resolve(answer.statusCode),
      ).end(start.body);
    });
    expect(status).toBe(403);
  });
});

describe('in Express,', () => {
  test.each([
    ['after express.json()', express.json()],
    ['after express.text()', express.text({ type: 'application/json' })],
    ['after express.raw()', express.raw({ type: 'application/json' })],
    ['with nothing before it', (_request: unknown, _response: unknown, next: () => void) => next()],
  ])('the handler serves both revisions %s', async (_where, parser) => {
    const app = express().use(parser);
    app.all('/mcp', made().listener);
    expect(await statusesOf(`${await serve(app)}/mcp`)).toEqual(BOTH_RUN);
  });

  test('the handler takes a body that a body parser has decompressed', async () => {
    const app = express().use(express.json());
    app.all('/mcp', made().listener);
    const headers = { ...start.headers, 'content-encoding': 'gzip' };
    expect((await fetch(`${await serve(app)}/mcp`, { ...start, headers, body: gzipSync(start.body) })).status).toBe(200);
  });

  test('if another handler has read the body and not kept it, the answer says so', async () => {
    const { listener, refused } = made();
    const app = express().use((request, _response, next) => request.on('end', next).resume());
    app.all('/mcp', listener);
    const { status, message } = await exchange(`${await serve(app)}/mcp`, start);
    expect(status).toBe(500);
    expect(message.error?.message).toMatch(/read before it reached this handler.*request\.body/);
    expect(refused).toEqual(['defect']);
  });

  test.each([
    ['/', '/mcp'],
    ['/api', '/api/mcp'],
    ['/mcp', '/mcp'],
    ['/api/mcp', '/api/mcp'],
    ['/api/mcp', '/api/mcp/'],
  ])('the handler at the mount %s serves %s, with or without a body parser', async (mount, path) => {
    const { listener } = made();
    for (const app of [express(), express().use(express.json())]) {
      app.use(mount, listener);
      expect(await statusesOf(`${await serve(app)}${path}`)).toEqual(BOTH_RUN);
    }
  });

  test('the handler at a mount serves its own path, if that is the whole path', async () => {
    const { listener } = made({ path: '/api/mcp' });
    for (const path of ['/api/mcp', '/api/mcp/', '/api//mcp'])
      expect(await statusesOf(`${await serve(express().use('/api', listener))}${path}`)).toEqual(BOTH_RUN);
  });

  test('the handler answers a request whose path begins with two slashes', async () => {
    const origin = await serve(express().use(made().listener));
    for (const path of ['//', '//example.com:99999/']) expect((await fetch(`${origin}${path}`)).status).toBe(404);
    expect(await statusesOf(`${origin}//mcp`)).toEqual(BOTH_RUN);
  });

  test('the handler under a prefix answers preflights, and names the path of MCP in a 404', async () => {
    const app = express().use('/api', made().listener);
    const origin = await serve(app);
    const headers = {
      origin: 'http://localhost:6274',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'mcp-method',
    };
    const preflight = await fetch(`${origin}/api/mcp`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('mcp-method');
    expect((await exchange(`${origin}/api/elsewhere`, start)).message.error?.message).toContain('POST /mcp');
  });
});

describe('in Fastify,', () => {
  test.each(['/mcp', '/api/mcp'])('the handler serves hijacked replies at %s after Fastify has parsed the body', async (path) => {
    const { listener } = made({ path });
    const app = fastify();
    onTestFinished(() => app.close());
    app.all(path, (request, reply) => {
      reply.hijack();
      return listener(request.raw, reply.raw, request.body);
    });
    expect(await statusesOf(`${await app.listen({ port: 0, host: '127.0.0.1' })}${path}`)).toEqual(BOTH_RUN);
  });
});

describe('in Hono,', () => {
  test('the fetch handler works in a route and under a prefix', async () => {
    const { handler } = made();
    const app = new Hono();
    app.mount('/api', handler.fetch);
    app.all('/mcp', ({ req }) => handler.fetch(req.raw));
    const origin = await serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
    for (const path of ['/api/mcp', '/mcp']) expect(await statusesOf(`${origin}${path}`), path).toEqual(BOTH_RUN);
  });

  test('if another handler has read the body, the answer says so', async () => {
    const { handler } = made();
    const request = new Request('http://localhost/mcp', { ...start });
    await request.json();
    const answer = await handler.fetch(request);
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('read before it reached this handler')]);
  });
});
