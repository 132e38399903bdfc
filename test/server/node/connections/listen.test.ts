import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../../src/server/node/connections/listen.ts';
import { sendRaw } from '../../../support/http.ts';
import { until } from '../../../support/wait.ts';
import { call, MOST_IN_HAND, waitingServer } from './support.ts';

/** A second loopback address. On Linux, all of 127.0.0.0/8 is loopback; other systems have ::1. */
const hasIpv6 = networkInterfaces()['lo']?.some(({ address }) => address === '::1') ?? process.platform !== 'linux';
const SECOND = hasIpv6 ? '::1' : '127.0.0.2';

const bothAddresses = async () => ['127.0.0.1', SECOND];
const originOf = (address: string, port: number) => `http://${address.includes(':') ? `[${address}]` : address}:${port}`;

const text = (origin: string) => `serves at ${origin}`;

test('a server on localhost has one queue for its IPv4 and its IPv6 address', async () => {
  const { app, waiting, release } = await waitingServer();
  const port = await listen(app, { host: 'localhost', port: 0, text, addressesOf: bothAddresses });
  const origins = ['127.0.0.1', SECOND].map((address) => originOf(address, port));
  const calls = Array.from({ length: MOST_IN_HAND }, (_, number) => sendRaw(`${origins[number % 2]}/mcp`, call));
  await until('all calls were begun', () => waiting.length === MOST_IN_HAND);

  for (const origin of origins) {
    expect(await sendRaw(`${origin}/mcp`, call)).toMatchObject({ status: 503 });
    expect(await sendRaw(`${origin}/healthz`, { method: 'GET' })).toMatchObject({ status: 200 });
  }
  release();
  expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
});

test('a stopping server on localhost answers the calls on both addresses, and then closes both', async () => {
  const { app, waiting, release } = await waitingServer();
  const port = await listen(app, { host: 'localhost', port: 0, text, addressesOf: bothAddresses });
  const origins = ['127.0.0.1', SECOND].map((address) => originOf(address, port));
  const calls = origins.map((origin) => sendRaw(`${origin}/mcp`, call));
  await until('both calls were begun', () => waiting.length === 2);
  const closed = app.close();
  release();
  expect(await Promise.all(calls)).toMatchObject([{ status: 200 }, { status: 200 }]);
  await closed;
  for (const origin of origins)
    await expect(sendRaw(`${origin}/healthz`, { method: 'GET' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a server on localhost logs a warning and serves one address if the port is taken on the other', async () => {
  const { app, lines } = await waitingServer();
  const other = createServer().listen({ host: SECOND, port: 0 });
  onTestFinished(() => void other.close());
  await until('the other program listens', () => other.listening);
  const { port } = other.address() as { port: number };
  await listen(app, { host: 'localhost', port, text, addressesOf: bothAddresses });
  expect(await sendRaw(`${originOf('127.0.0.1', port)}/healthz`, { method: 'GET' })).toMatchObject({ status: 200 });
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 40, code: 'EADDRINUSE', msg: `cannot also listen on ${SECOND}, port ${port}` }),
  );
});

test('a server on a given address listens only there', async () => {
  const { app, lines } = await waitingServer();
  const port = await listen(app, { host: '127.0.0.1', port: 0, text, addressesOf: bothAddresses });
  expect(lines).toMatchObject([{ msg: `serves at ${originOf('127.0.0.1', port)}` }]);
  await expect(sendRaw(`${originOf(SECOND, port)}/healthz`, { method: 'GET' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
