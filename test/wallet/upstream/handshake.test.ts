import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpUpstream } from '../../../src/wallet/upstream/http-upstream.ts';

/**
 * Responses to an unknown session: the one that the specification requires, and those of many
 * real servers.
 */
const FORGOTTEN = {
  'with 404': [404, { jsonrpc: '2.0', error: { code: -32_001, message: 'Session not found' }, id: null }],
  'with 404 and no JSON': [404, undefined],
  'with 400 and an error that mentions a session': [
    400,
    { jsonrpc: '2.0', error: { code: -32_000, message: 'Bad Request: No valid session ID provided' }, id: null },
  ],
} as const;

/** A server with sessions, made with version 1 of the SDK. A restart forgets them. */
async function withSessions([status, body]: readonly [number, object | undefined]) {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const started: string[] = [];
  let closed = false;
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
    const known = sessions.get(String(request.headers['mcp-session-id']));
    if (known !== undefined) return known.handleRequest(request, response, message);
    if (closed || !isInitializeRequest(message)) {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body));
      return;
    }
    started.push(message.params.clientInfo.name);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    const server = new McpServer({ name: 'sessions', version: '1.0.0' });
    server.registerTool('which', {}, async () => ({ content: [{ type: 'text', text: `session ${started.length}` }] }));
    await server.connect(transport as Transport);
    await transport.handleRequest(request, response, message);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  return {
    url: new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`),
    started,
    restart: () => sessions.clear(),
    /** Refuses every new session. */
    shut: () => {
      closed = true;
    },
  };
}

async function connect(url: URL): Promise<{ which: () => Promise<unknown>; told: string[] }> {
  const told: string[] = [];
  const client = new Client({ name: 'waxseal-test', version: '1.0.0' }, { versionNegotiation: { mode: 'legacy' } });
  await client.connect(httpUpstream(url, { onError: (text) => told.push(text) }));
  onTestFinished(() => client.close());
  return { which: async () => (await client.callTool({ name: 'which', arguments: {} })).content, told };
}

const session = (number: number) => [{ type: 'text', text: `session ${number}` }];

describe('a server that lost its sessions in a restart', () => {
  it.each(Object.entries(FORGOTTEN))(
    'answers the old session %s, so the wallet repeats the handshake and the call',
    async (_how, forgotten) => {
      const server = await withSessions(forgotten);
      const { which, told } = await connect(server.url);
      expect(await which()).toEqual(session(1));
      server.restart();
      // Concurrent calls share one handshake.
      expect(await Promise.all([which(), which(), which()])).toEqual([session(2), session(2), session(2)]);
      expect(server.started).toEqual(['waxseal-test', 'waxseal-test']);
      expect(told).toContain(`${server.url.href} had ended the session; the wallet has begun a new one.`);
      expect(await which()).toEqual(session(2));
    },
  );

  it('makes the call fail if it also refuses a new session, and the error gives the HTTP status', async () => {
    const server = await withSessions(FORGOTTEN['with 404 and no JSON']);
    const { which } = await connect(server.url);
    server.restart();
    server.shut();
    await expect(which()).rejects.toThrow(/answered 404: there is no MCP server at this URL, or the server has ended the session/);
    expect(server.started).toHaveLength(1);
  });
});
