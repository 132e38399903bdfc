import { Client, type JSONRPCMessage } from '@modelcontextprotocol/client';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpUpstream } from '../../../src/wallet/upstream/http-upstream.ts';
import { MODERN } from '../../support/mcp.ts';
import { until } from '../../support/wait.ts';
import { madeUpHandle, type Served, serveFetch } from '../passing-server.mjs';

const WANTED = ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-param-region'];

/** The MCP headers of each request to the server. */
let asked: (string | null)[][];
let cancelled: number;
let server: Served;

const handler = createMcpHandler(() => {
  const made = new McpServer({ name: 'upstream', version: '1.0.0' });
  const inputSchema = (properties: Record<string, object>) => fromJsonSchema({ type: 'object', properties });
  const region = { type: 'string', 'x-mcp-header': 'Region' };
  made.registerTool('where', { inputSchema: inputSchema({ region }) }, async () => ({ content: [] }));
  made.registerTool('misplaced', { inputSchema: inputSchema({ regions: { type: 'array', items: region } }) }, async () => ({
    content: [],
  }));
  made.registerTool('wait', {}, async ({ mcpReq }) => {
    await new Promise((resolve) => mcpReq.signal.addEventListener('abort', resolve));
    cancelled += 1;
    return { content: [] };
  });
  return made;
});

beforeAll(async () => {
  server = await serveFetch((request) => {
    if (request.method === 'POST') asked.push(WANTED.map((name) => request.headers.get(name)));
    return handler.fetch(request);
  });
});
afterAll(() => Promise.all([handler.close(), server.close()]));
beforeEach(() => {
  [asked, cancelled] = [[], 0];
});

/** Makes a client that is connected to the server over the wallet's upstream transport. */
async function connect(mode: 'legacy' | { pin: string }, told: string[] = []): Promise<Client> {
  const client = new Client({ name: 'waxseal-test', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(httpUpstream(new URL(server.url), { onError: (text) => told.push(text) }));
  return client;
}

describe('a server behind a gateway', () => {
  it.each([
    [503, null, /answered 503.* in 3600 seconds/],
    [429, null, /answered 429.* in 3600 seconds/],
    [429, '{"error":{"code":-32000,"message":"Too many requests."}}', /^Too many requests\. Retry-After says 3600 seconds\.$/],
  ])('gets the configured headers, and gets a refused request again only if Retry-After is short: %i %s', async (status, body, text) => {
    const seen: (string | null)[] = [];
    const away = ['0', new Date(0).toUTCString(), '3600'];
    const busy = await serveFetch((request) => {
      seen.push(request.headers.get('x-key'));
      const until = away[seen.length - 1];
      if (until !== undefined) return new Response(body, { status, headers: { 'retry-after': until } });
      return handler.fetch(request);
    });
    const answers: object[] = [];
    const upstream = httpUpstream(new URL(busy.url), { onError: () => {}, headers: new Headers({ 'x-key': 'k' }) });
    upstream.onmessage = (message) => answers.push(message);
    await upstream.start();
    const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    await upstream.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize });
    await until('it was answered', () => answers.length === 1);
    expect(answers).toMatchObject([{ id: 1, error: { message: expect.stringMatching(text) } }]);
    expect(seen).toEqual(['k', 'k', 'k']);
    await upstream.send({ jsonrpc: '2.0', id: 2, method: 'initialize', params: initialize });
    await until('it was answered', () => answers.length === 2);
    expect(answers[1]).toMatchObject({ id: 2, result: { serverInfo: { name: 'upstream' } } });
    await upstream.close();
    await busy.close();
  });
});

describe('a Streamable HTTP server', () => {
  it('gets the headers of revision 2026-07-28, including the headers that repeat arguments', async () => {
    const told: string[] = [];
    const client = await connect({ pin: MODERN }, told);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['where', 'wait']);
    expect(told).toEqual([expect.stringContaining('"misplaced" is left out')]);
    await client.callTool({ name: 'where', arguments: { region: 'Malmö' } });
    await client.callTool({ name: 'where', arguments: {} });
    expect(asked).toEqual([
      [MODERN, 'server/discover', null, null],
      [MODERN, 'tools/list', null, null],
      [MODERN, 'tools/call', 'where', '=?base64?TWFsbcO2?='],
      [MODERN, 'tools/call', 'where', null],
    ]);
    await client.close();
  });

  it('gets only one MCP header from a client of 2025: the negotiated revision', async () => {
    const client = await connect('legacy');
    await client.listTools();
    await client.callTool({ name: 'where', arguments: { region: 'x' } });
    const agreed = ['2025-11-25', null, null, null];
    expect(asked).toEqual([[null, null, null, null], agreed, agreed, agreed]);
    await client.close();
  });

  it('sees a cancellation as a closed stream in revision 2026-07-28', async () => {
    const client = await connect({ pin: MODERN });
    const abort = new AbortController();
    const waiting = client.callTool({ name: 'wait', arguments: {} }, { signal: abort.signal });
    await until('it was called', () => asked.length === 2);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    await until('the server heard of it', () => cancelled === 1);
    expect(asked).toHaveLength(2);
    await client.close();
  });

  it('keeps the event streams of subscriptions open', async () => {
    const client = await connect({ pin: MODERN });
    let changes = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      changes += 1;
    });
    const subscription = await client.listen({ toolsListChanged: true });
    handler.notify.toolsChanged();
    await until('the client heard of it', () => changes === 1);
    await subscription.close();
    await client.close();
  });
});

describe('a malicious server', () => {
  it('cannot write to the terminal by a tool’s name', async () => {
    const inputSchema = { type: 'object', items: { 'x-mcp-header': 'X', type: 'string' } };
    const hostile = await serveFetch(async (request) => {
      const { id } = (await request.json()) as { id: number };
      return Response.json({ jsonrpc: '2.0', id, result: { tools: [{ name: `\u009b2J${madeUpHandle('x')}`, inputSchema }] } });
    });
    const [told, answers]: [string[], object[]] = [[], []];
    const upstream = httpUpstream(new URL(hostile.url), { onError: (text) => told.push(text) });
    upstream.onmessage = (message) => answers.push(message);
    try {
      await upstream.start();
      await upstream.send(toolsList(1));
      await until('it was answered', () => answers.length === 1);
      expect(told).toEqual(['a tool is left out: its x-mcp-header is not valid']);
    } finally {
      await upstream.close();
      await hostile.close();
    }
  });
});

describe('a long connection', () => {
  it('does not keep a listener for each request', async () => {
    const quick = await serveFetch(async (request) => {
      const { id } = (await request.json()) as { id: number };
      return Response.json({ jsonrpc: '2.0', id, result: {} });
    });
    const warnings: string[] = [];
    const heed = (warning: Error) => warnings.push(warning.name);
    process.on('warning', heed);
    const upstream = httpUpstream(new URL(quick.url), { onError: () => {} });
    let answered = 0;
    upstream.onmessage = () => {
      answered += 1;
    };
    try {
      await upstream.start();
      // Node warns if fetch has more than 1500 listeners on one signal. So send more than 1500 messages.
      for (let sent = 0; sent < 1_600; ) {
        for (const end = sent + 100; sent < end; sent += 1) await upstream.send({ jsonrpc: '2.0', id: sent, method: 'ping' });
        await until('they were answered', () => answered === sent);
      }
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', heed);
      await upstream.close();
      await quick.close();
    }
  });
});

function toolsList(id: number): JSONRPCMessage {
  return { jsonrpc: '2.0', id, method: 'tools/list', params: { _meta: { 'io.modelcontextprotocol/protocolVersion': MODERN } } };
}

describe('a failing server', () => {
  it.each<[string, number, string, RegExp]>([
    ['does not know the path', 404, '<h1>Not here</h1>', /\/mcp answered 404: there is no MCP server at this URL/],
    ['requires authorization', 401, '', /\/mcp requires authorization, which the wallet cannot obtain/],
    ['fails', 500, `{"error":"${madeUpHandle('x')}"}`, /\/mcp answered 500\./],
    ['redirects', 307, '', /\/mcp redirects to another URL, and the wallet does not follow/],
    ['sends a web page', 200, '<h1>Welcome</h1>', /\/mcp answered, but not as an MCP server/],
    [
      'refuses with a JSON-RPC error',
      400,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32022,"message":"Not that revision"}}',
      /^Not that revision$/,
    ],
  ])('gives the host an error for the request if the server %s', async (_name, status, body, text) => {
    const failing = await serveFetch(() => new Response(body, { status, headers: { location: 'http://127.0.0.1:1/mcp' } }));
    const [told, answers]: [string[], object[]] = [[], []];
    const upstream = httpUpstream(new URL(failing.url), { onError: (what) => told.push(what) });
    upstream.onmessage = (message) => answers.push(message);
    try {
      await upstream.start();
      await upstream.send(toolsList(7));
      await until('it was answered', () => answers.length === 1);
      expect(answers).toEqual([{ jsonrpc: '2.0', id: 7, error: expect.objectContaining({ message: expect.stringMatching(text) }) }]);
      expect(JSON.stringify(answers) + told).not.toContain('eyJ');
    } finally {
      await upstream.close();
      await failing.close();
    }
  });
});

describe('an answer over HTTP', () => {
  const ask = async (type: string, write: (result: object) => string, status = 200) => {
    const odd = await serveFetch(async (request) => {
      const { id } = (await request.json()) as { id: number };
      return new Response(write({ jsonrpc: '2.0', id, result: { text: 'a' } }), { status, headers: { 'content-type': type } });
    });
    const answers: object[] = [];
    const upstream = httpUpstream(new URL(odd.url), { onError: () => {} });
    upstream.onmessage = (message) => answers.push(message);
    try {
      await upstream.start();
      await upstream.send(toolsList(7));
      await until('it was answered', () => answers.length > 0);
      return answers;
    } finally {
      await upstream.close();
      await odd.close();
    }
  };
  const json = JSON.stringify;
  const [JSON_TYPE, EVENTS] = ['application/json', 'text/event-stream'];

  it.each<[string, string, (answer: object) => string]>([
    ['has a media type in upper case', 'Text/Event-Stream; charset=utf-8', (answer) => `data: ${json(answer)}\n\n`],
    ['is a batch in an event', EVENTS, (answer) => `data: ${json([{ jsonrpc: '2.0', id: 'x', result: {} }, answer])}\n\n`],
    ['is an event with a name', EVENTS, (answer) => `event: ping\ndata: {}\n\nevent: response\ndata: ${json(answer)}\n\n`],
    [
      'is an event whose data has several lines',
      EVENTS,
      (answer) => `id: 1\n${JSON.stringify(answer, null, 1).replace(/^/gm, 'data: ')}\n\n`,
    ],
    ['is an event without an end', EVENTS, (answer) => `id: 1\ndata: ${json(answer)}`],
    ['is an event with CR at the ends of lines', EVENTS, (answer) => `: hi\rdata: ${json(answer)}\r\r`],
    ['has the id as text', JSON_TYPE, (answer) => json({ ...answer, id: '7' })],
    ['has null for absent members', JSON_TYPE, (answer) => json({ ...answer, error: null })],
  ])('is read if it %s', async (_what, type, write) => {
    expect(await ask(type, write)).toEqual([{ jsonrpc: '2.0', id: 7, result: { text: 'a' } }]);
  });

  it('keeps the text of an error without an id', async () => {
    const error = { code: -32_600, message: 'Bad things' };
    expect(await ask(JSON_TYPE, () => json({ jsonrpc: '2.0', id: null, error }))).toEqual([{ jsonrpc: '2.0', id: 7, error }]);
    expect(await ask(EVENTS, () => `data: ${json({ jsonrpc: '2.0', error })}\n\n`)).toEqual([{ jsonrpc: '2.0', id: 7, error }]);
  });

  it.each<[string, string, (answer: object) => string, RegExp]>([
    ['lacks jsonrpc', JSON_TYPE, (answer) => json({ ...answer, jsonrpc: undefined }), /could not be read: it lacks "jsonrpc": "2.0"/],
    ['is cut', JSON_TYPE, (answer) => json(answer).slice(0, 30), /could not be read: it is not JSON/],
    ['has a list as result in an event', EVENTS, (answer) => `data: ${json({ ...answer, result: [] })}\n\n`, /its result is not an object/],
    ['is missing', EVENTS, () => ': nothing\n\n', /ended the connection before it answered/],
  ])('causes an error that says what is wrong if it %s', async (_what, type, write, why) => {
    expect(await ask(type, write)).toEqual([{ jsonrpc: '2.0', id: 7, error: { code: -32_603, message: expect.stringMatching(why) } }]);
  });
});
