import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createWallet, withWallet } from '../../../src/wallet/index.ts';
import { httpUpstream } from '../../../src/wallet/upstream/http-upstream.ts';
import { until } from '../../support/wait.ts';
import { madeUpHandle } from '../passing-server.mjs';

/** A server of 2024-11-05, made with version 1 of the SDK. Its event stream, GET /sse, names the URL for messages. */
class Older {
  /** The requests, each as `METHOD path`. */
  readonly asked: string[] = [];
  readonly headers: (string | undefined)[] = [];
  /** The number of handshakes. */
  handshakes = 0;
  readonly #open = new Map<string, SSEServerTransport>();
  #http: HttpServer | undefined;
  port = 0;

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}/sse`);
  }

  async start(): Promise<this> {
    const http = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      this.asked.push(`${request.method} ${pathname}`);
      this.headers.push(request.headers['x-key']?.toString());
      if (request.method === 'GET' && pathname === '/sse') return this.#connect(new SSEServerTransport('/messages', response));
      const session = this.#open.get(searchParams.get('sessionId') ?? '');
      if (request.method === 'POST' && pathname === '/messages' && session !== undefined)
        return session.handlePostMessage(request, response);
      response.writeHead(404).end('Cannot POST /sse');
    });
    await new Promise<void>((resolve) => http.listen(this.port, '127.0.0.1', resolve));
    this.port = (http.address() as AddressInfo).port;
    this.#http = http;
    return this;
  }

  async #connect(transport: SSEServerTransport): Promise<void> {
    const server = new McpServer({ name: 'older', version: '1.0.0' });
    let isShaken = false;
    server.server.oninitialized = () => {
      isShaken = true;
      this.handshakes += 1;
    };
    server.registerTool('say', { inputSchema: { text: z.string() } }, async ({ text }) => {
      // Servers of other SDKs also accept nothing before the handshake.
      if (!isShaken) throw new Error('before the handshake');
      return { content: [{ type: 'text', text: `${text} ${madeUpHandle(text)}` }] };
    });
    server.registerTool('ask', {}, async () => {
      const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
      const { content } = await server.server.elicitInput({ message: 'Who?', requestedSchema });
      return { content: [{ type: 'text', text: String(content?.['name']) }] };
    });
    server.registerTool('hang', {}, () => new Promise(() => {}));
    this.#open.set(transport.sessionId, transport);
    await server.connect(transport);
  }

  /** Ends all event streams, and forgets all sessions. */
  async stop(): Promise<void> {
    this.#open.clear();
    await new Promise((resolve) => {
      this.#http?.close(resolve);
      this.#http?.closeAllConnections();
    });
  }
}

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function started(): Promise<Older> {
  const server = await new Older().start();
  ending.push(() => server.stop());
  return server;
}

/** Connects a client through a wallet, which finds the transport. */
async function connect(url: URL, mode: 'legacy' | 'auto' = 'legacy'): Promise<{ client: Client; told: string[] }> {
  const told: string[] = [];
  const client = new Client(
    { name: 'waxseal-test', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
  );
  client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { name: 'Ada' } }));
  const upstream = httpUpstream(url, { onError: (text) => told.push(text), headers: new Headers({ 'x-key': 'k' }) });
  const wallet = createWallet({ upstream: url, ephemeral: true });
  ending.push(() => client.close());
  await client.connect(withWallet(upstream, wallet));
  return { client, told };
}

const textOf = async (answer: Promise<unknown>) => ((await answer) as { content: { text: string }[] }).content[0]?.text;

describe('a server that speaks only HTTP with SSE of 2024-11-05', () => {
  it.each(['legacy', 'auto'] as const)('is used over this transport once it has refused a POST: client %s', async (mode) => {
    const server = await started();
    const { client, told } = await connect(server.url, mode);
    expect(client.getServerVersion()).toMatchObject({ name: 'older' });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['say', 'ask', 'hang', 'list_held_handles']);
    expect(await textOf(client.callTool({ name: 'say', arguments: { text: 'hi' } }))).toMatch(/^hi task_[a-z0-9]{6}$/);
    expect(await textOf(client.callTool({ name: 'ask', arguments: {} }))).toBe('Ada');
    expect(server.asked.slice(0, 2)).toEqual(['POST /sse', 'GET /sse']);
    expect(new Set(server.asked.slice(2))).toEqual(new Set(['POST /messages']));
    expect(new Set(server.headers)).toEqual(new Set(['k']));
    expect(told).toEqual([]);
  });

  it('can end its stream: open requests get an error, and the next request begins with a new handshake', async () => {
    const server = await started();
    const { client } = await connect(server.url);
    const hanging = client.callTool({ name: 'hang', arguments: {} });
    await until('it was called', () => server.asked.filter((asked) => asked === 'POST /messages').length === 3);
    await server.stop();
    await expect(hanging).rejects.toThrow(/ended the connection before it answered\. It is unknown whether the call took effect/);
    await server.start();
    const calls = ['one', 'two', 'three'].map((text) => textOf(client.callTool({ name: 'say', arguments: { text } })));
    expect((await Promise.all(calls)).map((text) => text?.split(' ')[0])).toEqual(['one', 'two', 'three']);
    expect(server.handshakes).toBe(2);
  });

  it('may have stopped: requests then get an error', async () => {
    const server = await started();
    const { client, told } = await connect(server.url);
    await server.stop();
    await until('the wallet saw it', async () => {
      const failed = await client.callTool({ name: 'say', arguments: { text: 'x' } }).catch((error: Error) => error.message);
      return /\/sse cannot be reached/.test(String(failed));
    });
    expect(told.join()).toMatch(/\/sse cannot be reached/);
  });
});

describe('a server that refuses a POST, and does not speak HTTP with SSE either', () => {
  it.each<[string, number, string, number]>([
    ['a refusal in JSON-RPC', 400, '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Not so"}}', 1],
    ['a web page', 404, '<h1>Not here</h1>', 2],
    ['a challenge', 401, '', 1],
    ['an internal error', 500, '', 1],
  ])('makes the request fail with the server’s refusal: %s', async (_what, status, body, requests) => {
    let asked = 0;
    const http = createServer((_request, response) => {
      asked += 1;
      response.writeHead(status, { 'content-type': 'text/html' }).end(body);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    ending.push(async () => http.close());
    const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`);
    await expect(connect(url)).rejects.toThrow(
      body.includes('jsonrpc') ? 'Not so' : status === 401 ? 'authorization' : `answered ${status}`,
    );
    expect(asked).toBe(requests);
  });
});
