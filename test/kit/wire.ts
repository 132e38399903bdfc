/** Sends raw messages to a server and connects the SDKs' clients to it, without a socket. */
import { Client, type ClientOptions, InMemoryTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type AuthInfo, createMcpHandler, type McpServer, type Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { onTestFinished } from 'vitest';
import type { Principal } from '../../src/handle/index.ts';
import { legacyRequest, type Message, MODERN, messageIn, modernRequest, type Outgoing } from '../support/mcp.ts';

const URL_OF_MCP = new URL('http://localhost/mcp');
const me = { name: 'waxseal-test', version: '1.0.0' };

/** A server behind the SDK's handler for HTTP without sessions. */
export interface Wire {
  /** The caller of the next requests. Undefined: no authorization. */
  principal: Principal | undefined;
  /** The scopes of the caller's access token. */
  scopes: string[];
  /** The messages that the SDK reported to `onerror`. */
  readonly errors: string[];
  /** Sends a raw request and returns the message in the answer. */
  send(outgoing: Outgoing): Promise<{ status: number; headers: Headers; message: Message }>;
  /** Sends a raw request and returns the body of the answer. */
  answer(outgoing: Outgoing): Promise<string>;
  /** Connects a client of revision 2026-07-28. */
  client(options?: ClientOptions): Promise<Client>;
}

export function serving(make: () => Server | McpServer): Wire {
  const errors: string[] = [];
  const handler = createMcpHandler(make, { onerror: (error) => errors.push(error.message) });
  onTestFinished(() => handler.close());
  const answer = (request: Request) => {
    const { principal, scopes } = wire;
    return handler.fetch(request, principal && { authInfo: { ...authOf(principal), scopes } });
  };
  const wire: Wire = {
    principal: undefined,
    scopes: [],
    errors,
    send: async ({ method, headers, body }) => {
      const response = await answer(new Request(URL_OF_MCP, { method, headers, body }));
      return { status: response.status, headers: response.headers, message: messageIn(await response.text()) };
    },
    answer: async ({ method, headers, body }) => (await answer(new Request(URL_OF_MCP, { method, headers, body }))).text(),
    client: async (options = {}) => {
      const client = new Client(me, { ...options, versionNegotiation: { mode: { pin: MODERN } } });
      const fetch = (url: string | URL, init?: RequestInit) => answer(new Request(url, init));
      await client.connect(new StreamableHTTPClientTransport(URL_OF_MCP, { fetch }));
      onTestFinished(() => client.close());
      return client;
    },
  };
  return wire;
}

function authOf({ issuer, subject }: Principal): AuthInfo {
  return { token: '', clientId: 'some client', scopes: [], extra: { issuer, subject } };
}

/** Connects a client to a server through the SDK's handler for standard input and output, in memory. */
export async function connected(make: () => Server | McpServer, mode: 'legacy' | 'modern', options: ClientOptions = {}): Promise<Client> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  const served = serveStdio(make, { transport: there });
  const client = new Client(me, { ...options, versionNegotiation: { mode: mode === 'legacy' ? 'legacy' : { pin: MODERN } } });
  await client.connect(here);
  onTestFinished(async () => {
    await client.close();
    await served.close();
  });
  return client;
}

export type ListedTool = Record<string, unknown> & { name: string };

/** Returns the tools that a server lists. @param request another request for the list, for example of 2025 */
export async function listedOn(wire: Wire, request = modernRequest('tools/list')): Promise<ListedTool[]> {
  return (await wire.send(request)).message.result.tools as ListedTool[];
}

/** What a tool call of revision 2026-07-28 can have besides its arguments. */
export interface Extras {
  readonly requestState?: unknown;
  readonly inputResponses?: unknown;
  readonly capabilities?: unknown;
}

export function rawCall(name: string, args: unknown, extras: Extras = {}): Outgoing {
  return rawRequest('tools/call', { name, arguments: args }, extras);
}

export function rawRequest(method: string, params: Record<string, unknown>, { capabilities = {}, ...retry }: Extras = {}): Outgoing {
  const outgoing = modernRequest(method, { ...params, ...retry });
  const message = JSON.parse(outgoing.body) as { params: { _meta: Record<string, unknown> } };
  message.params._meta['io.modelcontextprotocol/clientCapabilities'] = capabilities;
  const target = typeof params['uri'] === 'string' ? { 'mcp-name': params['uri'] } : {};
  return { ...outgoing, headers: { ...outgoing.headers, ...target }, body: JSON.stringify(message) };
}

/** Makes a tool call of the 2025 revisions, with any further members. */
export function rawLegacyCall(name: string, args: unknown, { capabilities, ...retry }: Extras = {}): Outgoing {
  const _meta = capabilities === undefined ? {} : { 'io.modelcontextprotocol/clientCapabilities': capabilities };
  return legacyRequest('tools/call', { name, arguments: args, ...retry, _meta });
}
