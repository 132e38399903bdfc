import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ringFile } from '../../../support/folders.ts';
import { toolCall } from '../../../support/mcp.ts';
import { type RunningServer, startServer } from '../../../support/program.ts';
import { until, within } from '../../../support/wait.ts';
import { waitingServer } from './support.ts';

/** Returns the bytes of a request. */
function onTheWire(
  server: RunningServer,
  { headers, body }: { headers: Record<string, string>; body: string },
  more: Record<string, string> = {},
): string {
  const all = { host: new URL(server.url).host, ...headers, 'content-length': String(body.length), ...more };
  return `POST /mcp HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`;
}

/** Sends a text on a new connection. */
function sending(server: RunningServer, text: string) {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  let got = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    got += part;
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(text);
  return { socket, got: () => got, closed };
}

const start = () => toolCall('start_research_task', { topic: 'one behind the other' });
const okIn = (text: string) => text.split('HTTP/1.1 200 OK').length - 1;

test('a server drops pipelined requests when their client has gone', async () => {
  const server = await startServer(['--keys', (await ringFile()).path]);
  for (let connection = 0; connection < 8; connection += 1) {
    const { socket, closed } = sending(server, onTheWire(server, start()).repeat(60));
    await new Promise((written) => socket.write('', written));
    socket.resetAndDestroy();
    await closed;
  }
  // The server works on 256 requests at a time. It can serve the 240 requests below only if it has dropped the earlier
  // requests.
  let statuses: number[] = [];
  await until('all places were free', async () => {
    const { headers, body } = start();
    const answers = await Promise.all(Array.from({ length: 240 }, () => fetch(server.url, { method: 'POST', headers, body })));
    await Promise.all(answers.map((answer) => answer.text()));
    statuses = answers.map((answer) => answer.status);
    return statuses.every((status) => status === 200);
  });
  server.child.kill('SIGTERM');
  expect(await within(4_000, 'the server ended at once', server.ended)).toEqual({ code: 0, signal: null });
});

test.each([
  ['is not HTTP', 'GARBAGE\r\n\r\n'],
  ['has too large headers', `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`],
])('a connection is closed after the refusal of a request that %s, even if the client keeps its half open', async (_what, text) => {
  const { app } = await waitingServer();
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}).resume();
  const answered = once(socket, 'end');
  socket.write(text);
  await answered;
  const open = () => new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));
  await until('the server has closed the connection', async () => (await open()) === 0);
});

test('a request with several Host headers is refused, even if they are equal', async () => {
  const server = await startServer(['--keys', (await ringFile()).path]);
  for (const second of ['evil.example', 'localhost']) {
    const { got, closed } = sending(server, onTheWire(server, start(), { host: 'localhost', Host: second, connection: 'close' }));
    await within(4_000, 'it was answered', closed);
    expect(got()).toContain('HTTP/1.1 400 Bad Request');
    expect(got()).toContain('"code":-32600');
  }
});

test('a stopping server answers all pipelined requests', async () => {
  const server = await startServer(['--keys', (await ringFile()).path]);
  const text = onTheWire(server, start()).repeat(20);
  const connections = Array.from({ length: 10 }, () => sending(server, text));
  await until('the first were answered', () => connections.some(({ got }) => okIn(got()) > 0));
  server.child.kill('SIGTERM');
  expect(await within(8_000, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
  await Promise.all(connections.map(({ closed }) => closed));
  const carriedOut = server.printed.stdout.split('"tool":"start_research_task"').length - 1;
  expect(connections.reduce((sum, { got }) => sum + okIn(got()), 0)).toBe(carriedOut);
});
