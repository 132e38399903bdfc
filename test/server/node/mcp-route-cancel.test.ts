/** Tests cancelled calls, and calls whose client has gone, with real sockets, pipes and SDK clients. */
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import pino from 'pino';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { generateRing, parseRing, toText } from '../../../src/keys/index.ts';
import { type CallRecord, plainTool, toolset } from '../../../src/kit/index.ts';
import { httpServer, systemClock, toolServer } from '../../../src/server/index.ts';
import { emptyFolder, ringFile } from '../../support/folders.ts';
import { legacyRequest, MODERN, modernRequest, type Outgoing } from '../../support/mcp.ts';
import { until } from '../../support/wait.ts';

const me = { name: 'waxseal-test', version: '1.0.0' };

describe('a call over HTTP', () => {
  let origin: string;
  let records: CallRecord[];
  let signal: AbortSignal | undefined;
  beforeEach(() => {
    records = [];
    signal = undefined;
  });
  beforeAll(async () => {
    const ring = await parseRing(toText(await generateRing(systemClock())));
    const wait = plainTool('wait', { description: '', inputSchema: { tell: z.boolean().default(false) } }, async ({ tell }, call) => {
      ({ signal } = call);
      if (tell) await call.progress({ progress: 1 });
      return new Promise((_resolve, reject) => {
        // A tool that passes the signal to `fetch` rejects in this way.
        call.signal.addEventListener('abort', () => reject(call.signal.reason));
      });
    });
    const go = plainTool('go', { description: '' }, (_input, call) => {
      ({ signal } = call);
      return { text: 'Gone.' };
    });
    const app = httpServer({
      server: toolServer(toolset([wait, go]), me),
      environment: { ring: () => ring, now: systemClock, onCall: (record) => records.push(record) },
      log: pino({ level: 'silent' }),
      allowedOrigins: [],
      rateLimit: 0,
      maxConnections: 100,
    });
    origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return () => app.close();
  });

  const hasBegun = () => until('the tool works', () => signal !== undefined);
  /** Waits until the call is cancelled. The log must not report a cancelled call as a defect of the tool. */
  const isCancelled = async () => {
    await until('the tool hears that nobody waits', () => signal?.aborted === true);
    await until('the call has ended', () => records.length === 1);
    expect(records).toMatchObject([{ tool: 'wait', outcome: 'error', code: 'cancelled' }]);
    expect(records[0]).not.toHaveProperty('defect');
  };

  it.each([false, true])('is cancelled if the SDK’s client cancels it (after a progress notification: %s)', async (tell) => {
    const client = new Client(me, { versionNegotiation: { mode: { pin: MODERN } } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)));
    onTestFinished(() => client.close());
    const stop = new AbortController();
    const heard: unknown[] = [];
    const call = client.callTool({ name: 'wait', arguments: { tell } }, { signal: stop.signal, onprogress: (told) => heard.push(told) });
    const cancelled = expect(call).rejects.toThrow();
    await hasBegun();
    if (tell) await until('progress is heard', () => heard.length === 1);
    stop.abort('the user pressed Stop');
    await cancelled;
    await isCancelled();
  });

  it.each([
    ['2026-07-28', modernRequest],
    ['2025', legacyRequest],
  ])('is not cancelled if it was answered: %s', async (_era, request) => {
    for (const body of [request('tools/call', { name: 'go', arguments: {} }), request('tools/list')]) {
      await (await fetch(`${origin}/mcp`, body)).text();
    }
    expect(signal?.aborted).toBe(false);
  });

  it('is cancelled when a client of version 1 of the SDK closes', async () => {
    const client = new ClientV1(me);
    await client.connect(new TransportV1(new URL(`${origin}/mcp`)) as never);
    const cancelled = expect(client.callTool({ name: 'wait', arguments: {} })).rejects.toThrow();
    await hasBegun();
    await client.close();
    await cancelled;
    await isCancelled();
  });

  const asked = (tell: boolean) => ({ name: 'wait', arguments: { tell } });
  /** A progress token makes the answer a stream. */
  const streamed = ({ body, ...request }: Outgoing): Outgoing => ({
    ...request,
    body: body.replace('"_meta":{', '"_meta":{"progressToken":1,'),
  });

  it.each<[string, Outgoing, (socket: Socket) => void]>([
    ['2026-07-28, closed', modernRequest('tools/call', asked(false)), (socket) => socket.destroy()],
    ['2026-07-28, reset', modernRequest('tools/call', asked(false)), (socket) => socket.resetAndDestroy()],
    ['2026-07-28, closed in a stream', streamed(modernRequest('tools/call', asked(true))), (socket) => socket.destroy()],
    ['2025, closed', legacyRequest('tools/call', asked(false)), (socket) => socket.destroy()],
  ])('is cancelled when its socket closes: %s', async (how, { headers, body }, end) => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname).on('error', () => {});
    const lines = Object.entries({ host: 'localhost', ...headers, 'content-length': Buffer.byteLength(body) });
    socket.write(`POST /mcp HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
    let read = '';
    socket.setEncoding('utf8').on('data', (text) => {
      read += text;
    });
    await hasBegun();
    if (how.includes('stream')) await until('progress is read', () => read.includes('notifications/progress'));
    end(socket);
    await isCancelled();
  });
});

describe('a call over standard input and output', () => {
  const PROGRAM = `
import { plainTool } from '${new URL('../../../dist/kit/index.js', import.meta.url)}';
import { serveStdio } from '${new URL('../../../dist/server/index.js', import.meta.url)}';
const wait = plainTool('wait', { description: '' }, (_input, { signal }) => {
  console.error('working');
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => { console.error('aborted'); reject(signal.reason); }));
});
await serveStdio([wait], { name: 'waits', version: '1.0.0' }, { observe: ({ tool, code }) => console.error('observed', tool, code) });
`;
  let file: string;
  let keys: string;
  beforeAll(async () => {
    file = join(emptyFolder(), 'program.mjs');
    writeFileSync(file, PROGRAM);
    keys = (await ringFile()).path;
  });

  async function waiting(mode: 'legacy' | { pin: string }) {
    const env = { PATH: process.env['PATH'] ?? '', WAXSEAL_KEYS_FILE: keys, WAXSEAL_LOG_LEVEL: 'silent' };
    const transport = new StdioClientTransport({ command: process.execPath, args: [file], env, stderr: 'pipe' });
    let said = '';
    transport.stderr?.on('data', (text) => {
      said += text;
    });
    const client = new Client(me, { versionNegotiation: { mode } });
    await client.connect(transport);
    onTestFinished(() => client.close());
    const stop = new AbortController();
    const call = client.callTool({ name: 'wait', arguments: {} }, { signal: stop.signal });
    call.catch(() => {});
    await until('the tool works', () => said.includes('working'));
    return { client, stop, call, said: () => said };
  }

  it.each([
    ['2026-07-28', { pin: MODERN }],
    ['2025', 'legacy'],
  ] as const)('is cancelled if the SDK’s client cancels it: %s', async (_era, mode) => {
    const { stop, call, said } = await waiting(mode);
    stop.abort('the user pressed Stop');
    await expect(call).rejects.toThrow();
    await until('the tool hears of it', () => said().includes('aborted'));
    await until('it is observed', () => said().includes('observed wait cancelled'));
  });

  it('is cancelled when the client ends standard input', async () => {
    const { client, said } = await waiting({ pin: MODERN });
    const gone = client.close();
    await until('the tool hears of it', () => said().includes('aborted'));
    await gone;
  });
});
