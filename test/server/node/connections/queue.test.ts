import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { sendRaw } from '../../../support/http.ts';
import { messageIn } from '../../../support/mcp.ts';
import { until } from '../../../support/wait.ts';
import { call, MOST_IN_HAND, waitingServer } from './support.ts';

test('at its limit of requests, a process answers probes and accepted requests, and refuses further requests', async () => {
  const { app, lines, waiting, release } = await waitingServer();
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const calls = Array.from({ length: MOST_IN_HAND }, () => sendRaw(`${origin}/mcp`, call));
  await until('all calls were begun', () => waiting.length === MOST_IN_HAND);

  const shed = await sendRaw(`${origin}/mcp`, call);
  expect(shed).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/), vary: 'Origin' } });
  expect(shed.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(messageIn(shed.text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -31_503 } });
  expect(lines.filter(({ status }) => status === 503)).toMatchObject([{ reason: 'overload', times: 1, msg: 'refused' }]);
  for (const [page, allowed] of [
    ['https://app.example.com', 'https://app.example.com'],
    ['https://evil.example', undefined],
    ['null', undefined],
  ] as const) {
    const { status, headers } = await sendRaw(`${origin}/mcp`, { ...call, headers: { ...call.headers, origin: page } });
    expect({ page, status, allowed: headers['access-control-allow-origin'] }).toEqual({ page, status: 503, allowed });
  }
  for (const probe of ['/healthz', '/readyz', '/healthz/', '/readyz?verbose'])
    expect(await sendRaw(`${origin}${probe}`, { method: 'GET' })).toMatchObject({ status: 200 });

  release();
  expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
  const next = sendRaw(`${origin}/mcp`, call);
  await until('the next call was begun', () => waiting.length === 1);
  release();
  expect(await next).toMatchObject({ status: 200 });
});

test('a process with too many requests begins the newest and refuses the oldest', async () => {
  const { app, lines } = await waitingServer();
  const begun: number[] = [];
  app.addHook('onRequest', async ({ url }) => void begun.push(Number(url.slice(1))));
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const all = 300;
  // Pipelined short requests arrive together. The answers come in the order of the requests.
  const requests = Array.from({ length: all }, (_, number) => `GET /${number} HTTP/1.1\r\nhost: localhost\r\n`);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`${requests.join('\r\n')}connection: close\r\n\r\n`);
  const statuses = [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

  const shed = statuses.filter((status) => status === 503).length;
  const newest = begun.indexOf(shed);
  expect(Math.min(shed, newest)).toBeGreaterThan(0);
  expect(shed + newest).toBeCloseTo(all - MOST_IN_HAND, -1);
  expect(statuses).toEqual([...Array(shed).fill(503), ...Array(all - shed).fill(404)]);
  const numbers = Array.from({ length: all }, (_, number) => number);
  expect(begun).toEqual([...numbers.slice(all - newest).reverse(), ...numbers.slice(shed, all - newest)]);
  expect(lines.filter(({ reason }) => reason === 'overload').length).toBeLessThan(shed);
});
