import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Message } from '../../../src/wallet/messages.ts';
import { httpUpstream } from '../../../src/wallet/upstream/http-upstream.ts';
import { until } from '../../support/wait.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

const clientInfo = { name: 'waxseal-test', version: '1.0.0' };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
} as const;
const RESULT = '{"jsonrpc":"2.0","id":1,"result":{"capabilities":{}}}';
const json = { 'content-type': 'application/json' };
const stream = { 'content-type': 'text/event-stream' };

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Sends a first message to a URL. @returns the responses to the host, and the texts for the user */
async function answered(url: string, headers = new Headers()): Promise<{ answers: Message[]; told: string[] }> {
  const told: string[] = [];
  const answers: Message[] = [];
  const upstream = httpUpstream(new URL(url), { onError: (text) => told.push(text), headers });
  upstream.onmessage = (message: JSONRPCMessage) => answers.push(message as Message);
  await upstream.start();
  await upstream.send(INITIALIZE);
  await until('it was answered', () => answers.length > 0);
  await upstream.close();
  return { answers, told };
}

describe('a first message to', () => {
  it.each<[string, Answer, RegExp]>([
    ['a server that accepts the message but does not answer it', (_q, r) => r.writeHead(202).end(), /answered, but not this request/],
    ['a server that sends an empty response', (_q, r) => r.writeHead(204).end(), /answered, but not as an MCP server does/],
    ['a server that answers another request', (_q, r) => r.writeHead(200, json).end(RESULT.replace('1', '99')), /answered, but not/],
    ['a server that answers an empty batch', (_q, r) => r.writeHead(200, json).end('[]'), /answered, but not this request/],
    [
      'a server that sends HTML as JSON',
      (_q, r) => r.writeHead(200, json).end('<h1>Hi</h1>'),
      /answered, but the answer could not be read: it is not JSON/,
    ],
    ['a website', (_q, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<h1>'), /with a web page.*Check the path/],
    [
      'an event stream that answers another request',
      (_q, r) => r.writeHead(200, stream).end('data: {"jsonrpc":"2.0","id":99,"result":{}}\n\n'),
      /ended the connection before it answered/,
    ],
    ['an event stream of HTML', (_q, r) => r.writeHead(200, stream).end('data: <h1>\n\n'), /ended the connection before it answered/],
    [
      'a server that redirects',
      (_q, r) => r.writeHead(301, { location: 'https://elsewhere.example/' }).end(),
      /redirects to another URL.*differs only in https:\/\/ or in a slash at the end/,
    ],
    [
      'a gateway whose server is not available',
      (_q, r) => r.writeHead(502, { 'content-type': 'text/html' }).end('<h1>'),
      /answered 502: the server is not available now/,
    ],
    ['a server that limits requests', (_q, r) => r.writeHead(429).end(), /answered 429: it got too many requests/],
    [
      'a server that requires authorization',
      (_q, r) => r.writeHead(401, { 'www-authenticate': 'Bearer resource_metadata="https://x.example/y"' }).end(),
      /requires authorization/,
    ],
    [
      'a server that requires a scope',
      (_q, r) => r.writeHead(403, { 'www-authenticate': 'Bearer error="insufficient_scope"' }).end(),
      /answered 403/,
    ],
    [
      'a server that closes the connection',
      (q) => q.socket.destroy(),
      /ended the connection before it answered\. It is unknown whether the call took effect/,
    ],
    [
      'a server that closes the connection within a response',
      (q, r) => {
        r.writeHead(200, json).write('{"jsonrpc":', () => q.socket.destroy());
      },
      /ended the connection before it answered/,
    ],
  ])('%s causes one error, in the words of the wallet', async (_what, answer, wording) => {
    const port = await listening(
      createServer((request, response) => {
        request.resume();
        answer(request, response);
      }),
    );
    const { answers, told } = await answered(`http://127.0.0.1:${port}/mcp`);
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: -32_603, message: expect.stringMatching(wording) } }]);
    expect(told).toEqual([answers[0]?.error?.['message']]);
    expect(told.join()).not.toMatch(/<h1>|elsewhere\.example|x\.example/);
  });

  it('a server without HTTP or TLS causes an error that says so', async () => {
    const raw = await listening(createSocketServer((socket) => socket.on('error', () => {}).end('220 mail.example\r\n')));
    expect((await answered(`http://127.0.0.1:${raw}/mcp`)).told[0]).toMatch(/not in HTTP/);
    const plain = await listening(createServer((_request, response) => response.end()));
    expect((await answered(`https://127.0.0.1:${plain}/mcp`)).told[0]).toMatch(
      /does not use TLS at this URL\. Check whether the URL must begin with http:\/\/ instead/,
    );
  });

  it('a server that refuses the token causes an error that says what may be wrong with it', async () => {
    for (const [status, wording] of [
      [401, /does not accept the Authorization header: the token may have expired/],
      [403, /the token may lack a scope/],
    ] as const) {
      const port = await listening(createServer((_request, response) => response.writeHead(status).end()));
      const { told } = await answered(`http://127.0.0.1:${port}/mcp`, new Headers({ authorization: 'Bearer secret' }));
      expect(told[0]).toMatch(wording);
      expect(told[0]).not.toContain('secret');
    }
  });

  it('a server that redirects with 308 within its origin arrives at the other path', async () => {
    const port = await listening(
      createServer((request, response) => {
        if (request.url === '/mcp') response.writeHead(308, { location: '/mcp/' }).end();
        else response.writeHead(200, json).end(RESULT);
      }),
    );
    expect((await answered(`http://127.0.0.1:${port}/mcp`)).answers).toMatchObject([{ id: 1, result: {} }]);
  });
});
