/** Tests `--metrics` in real processes. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../../src/server/index.ts';
import { type Called, everyCall, everyRefusal, overHttp, SECRETS } from '../../../support/every-call.ts';
import { ringFile } from '../../../support/folders.ts';
import { sendRaw } from '../../../support/http.ts';
import { pieceIn, unfolded } from '../../../support/leaks.ts';
import { exchange, toolCall } from '../../../support/mcp.ts';
import { type RunningServer, runProgram, startServer } from '../../../support/program.ts';
import { until } from '../../../support/wait.ts';

/** A sample in Prometheus' text format. */
interface Figure {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** More requests than a process works on at one time (see `src/server/node/connections/queue.ts`). */
const MORE_THAN_IN_HAND = 300;

interface Measured {
  readonly server: RunningServer;
  /** The URL of the metrics. */
  readonly url: string;
  text(): Promise<string>;
  figures(name: string): Promise<Figure[]>;
}

async function start(args: readonly string[] = []): Promise<Measured> {
  const server = await startServer(['--keys', (await ringFile()).path, '--metrics', '127.0.0.1:0', ...args]);
  const found = () => /Metrics at (http:\/\/[^"\s]+)/.exec(server.printed.stdout)?.[1];
  await until('it said where its metrics are', () => found() !== undefined);
  const url = found() ?? '';
  const text = async () => (await fetch(url)).text();
  return { server, url, text, figures: async (name) => figuresIn(await text()).filter((figure) => figure.name === name) };
}

function figuresIn(text: string): Figure[] {
  return [...text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, said]) => [label, said])),
    value: Number(value),
  }));
}

const sum = (figures: readonly Figure[]) => figures.reduce((total, { value }) => total + value, 0);

describe('the metrics of a full run', () => {
  const handles = new Set<string>();
  const called: Called[] = [];
  let measured: Measured;
  let text: string;

  beforeAll(async () => {
    measured = await start();
    const { server } = measured;
    // The process's arguments contain the path of the ring.
    const ring = server.child.spawnargs[server.child.spawnargs.indexOf('--keys') + 1] ?? '';
    await everyCall(overHttp(server.url), JSON.parse(readFileSync(ring, 'utf8')), called, handles);
    await everyRefusal(server.url, [...handles][0] ?? '');
    for (let n = 0; n < 20; n += 1) await exchange(server.url, toolCall(`no_such_tool_${n}`, {}));
    text = await measured.text();
    return () => server.kill();
  });

  const of = (name: string) => figuresIn(text).filter((figure) => figure.name === name);

  test('count calls by tool, outcome and code, with all unknown tools together', () => {
    const counted = new Map(
      of('waxseal_calls_total').map(({ labels: { tool, outcome, code }, value }) => [`${tool} ${outcome} ${code}`, value]),
    );
    const expected = new Map<string, number>([['(unknown) error unknown_tool', 20]]);
    for (const { tool, outcome, code = '' } of called) {
      const key = `${tool} ${outcome} ${code}`;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    expect(counted).toEqual(expected);
    expect(sum(of('waxseal_call_duration_seconds_count'))).toBe(called.length + 20);
  });

  test('count refusals by the reasons in the log', () => {
    const reasons = Object.fromEntries(of('waxseal_refusals_total').map(({ labels: { reason = '' }, value }) => [reason, value]));
    // A client that disconnects early counts as a refusal only if the server has begun to read its request.
    expect(reasons['body']).toBeOneOf([2, 3]);
    expect(reasons).toMatchObject({ too_large: 1, content_type: 1, host: 1, origin: 1, path: 1, method: 1 });
  });

  test('show the lengths of handles, but no content', () => {
    expect(sum(of('waxseal_handle_length_characters_count'))).toBe(called.filter(({ outcome }) => outcome === 'ok').length);
    expect(sum(of('waxseal_handle_length_characters_sum'))).toBeGreaterThan(400 * 5);
    for (const handle of handles) expect(pieceIn(unfolded(text), handle, 40)).toBeUndefined();
    for (const secret of SECRETS) expect(pieceIn(unfolded(text), secret, 16)).toBeUndefined();
    expect(text).not.toContain('no_such_tool');
  });

  test('show for how many more days the ring can mint, the requests in hand, and the number of revocations', () => {
    expect(of('waxseal_key_life_days')[0]?.value).toBeCloseTo(365, 0);
    expect(of('waxseal_requests_in_hand')[0]?.value).toBe(0);
    expect(of('waxseal_revocations').map(({ labels, value }) => [labels['of'], value])).toEqual([
      ['task', 0],
      ['caller', 0],
    ]);
    expect(of('waxseal_sheds_total')[0]?.value).toBe(0);
    expect(of('process_resident_memory_bytes')[0]?.value).toBeGreaterThan(1e7);
  });

  test('are served only at /metrics on their own address, to GET and HEAD', async () => {
    const { url, server } = measured;
    expect((await fetch(url)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(`${server.origin}/metrics`)).status).toBe(404);
    expect((await sendRaw(url, { method: 'GET', headers: { host: 'rebound.example.com' } })).status).toBe(403);
  });
});

test.each([[], ['--workers', '2']])('no request target stops the metrics or the server (flag: %s)', async (...args) => {
  const { server, url } = await start(args);
  onTestFinished(() => server.kill());
  const { origin } = new URL(url);
  const statusOf = async (path: string) => (await sendRaw(`${origin}${path}`, { method: 'GET' })).status;
  for (const path of ['//', '///', '/\\', '//example.com:99999/', '/%', '//x/metrics']) expect(await statusOf(path)).toBe(404);
  for (const path of ['/metrics', '/metrics/', '//metrics', '/metrics?x=//']) expect(await statusOf(path)).toBe(200);
  const absolute = { hostname: '127.0.0.1', port: new URL(url).port, path: url };
  expect(await new Promise((resolve) => get(absolute, (answer) => resolve(answer.resume().statusCode)))).toBe(200);
});

test('the metrics count the refused and the unanswered requests of an overload', async () => {
  const { server, figures } = await start();
  onTestFinished(() => server.kill());
  const { port } = new URL(server.url);
  const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n';
  let shed = 0;
  const sockets = Array.from({ length: MORE_THAN_IN_HAND }, () => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(head));
    socket
      .on('error', () => {})
      .once('data', () => {
        shed += 1;
      });
    return socket;
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  const inHand = async () => (await figures('waxseal_requests_in_hand'))[0]?.value ?? 0;
  await until('all had come', async () => shed > 0 && (await inHand()) + shed === MORE_THAN_IN_HAND);
  expect((await figures('waxseal_sheds_total'))[0]?.value).toBe(shed);
  expect((await figures('waxseal_refusals_total')).find(({ labels }) => labels['reason'] === 'overload')?.value).toBe(shed);
});

test('the metrics count revocations that were added to the ring’s file', async () => {
  const { path } = await ringFile();
  const { server, figures } = await start(['--keys', path]);
  onTestFinished(() => server.kill());
  await runProgram(['revoke', 'AAAAAAAAAAAAAAAA', '--keys', path]);
  server.child.kill('SIGHUP');
  await until('it was counted', async () =>
    (await figures('waxseal_revocations')).some(({ labels, value }) => labels['of'] === 'task' && value === 1),
  );
});

test('the metrics of several workers come from one address, with the process as a label', async () => {
  const { server, text, figures } = await start(['--workers', '2']);
  onTestFinished(() => server.kill());
  const workers = () => server.printed.stdout.split('\n').filter((line) => line.includes('"listening at'));
  await until('both listened', () => workers().length === 2);
  for (let n = 0; n < 6; n += 1) await sendRaw(server.url, toolCall('start_research_task', { topic: 'x' }));
  await until('all calls were counted', async () => sum(await figures('waxseal_calls_total')) === 6);
  expect((await figures('waxseal_calls_total')).map(({ labels }) => labels['worker']).sort()).toEqual(['1', '2']);
  expect(await figures('waxseal_workers')).toMatchObject([{ value: 2 }]);
  expect(new Set((await figures('process_resident_memory_bytes')).map(({ labels }) => labels['worker']))).toEqual(
    new Set(['primary', '1', '2']),
  );
  const kinds = [...(await text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(kinds).size).toBe(kinds.length);
});

test.each([
  ['true', { host: '127.0.0.1', port: 9464 }],
  ['9500', { host: '127.0.0.1', port: 9500 }],
  ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['metrics.internal:9464', { host: 'metrics.internal', port: 9464 }],
  ['True', { host: '127.0.0.1', port: 9464 }],
  ['1', { host: '127.0.0.1', port: 9464 }],
  ['yes', { host: '127.0.0.1', port: 9464 }],
  ['false', undefined],
  ['NO', undefined],
  ['0', undefined],
])('--metrics %s, as a flag or as a variable, means %j', (given, expected) => {
  expect(readConfig({ metrics: given }, {}).metrics).toEqual(expected);
  expect(readConfig({}, { WAXSEAL_METRICS: given }).metrics).toEqual(expected);
});

test.each([[], ['--workers', '2']])(
  'a server does not start if another program has the address for metrics, and names the setting (flag: %s)',
  async (...args) => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await until('the port was taken', () => taken.listening);
    const { port } = taken.address() as AddressInfo;
    const keys = ['--keys', (await ringFile()).path];
    expect(await runProgram(['serve', '--port', '0', ...keys, '--metrics', String(port), ...args])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `--metrics 127.0.0.1:${port} (WAXSEAL_METRICS): the server cannot listen on this address (EADDRINUSE)`,
      ),
    });
  },
);

test.each(['example.com', '70000', ':', '127.0.0.1:', 'http://127.0.0.1:9464'])('--metrics %s is refused', async (value) => {
  const { code, stderr } = await runProgram(['serve', '--port', '0', '--metrics', value]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--metrics must be an address and a port') });
});

test('the queries of the Grafana dashboard name existing metrics', async () => {
  const { server, text } = await start(['--workers', '2']);
  onTestFinished(() => server.kill());
  await until('a worker answered', async () => (await text()).includes('waxseal_key_life_days'));
  await sendRaw(server.url, toolCall('start_research_task', { topic: 'x' }));
  await until('a call was counted', async () => (await text()).includes('waxseal_calls_total{'));
  const served = await text();
  const names = new Set(
    [...served.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name, type]) => (type === 'histogram' ? [`${name}_bucket`] : [name])),
  );
  const dashboard = JSON.parse(readFileSync('docs/grafana-dashboard.json', 'utf8'));
  const queries: string[] = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr));
  expect(queries.length).toBeGreaterThan(10);
  for (const query of queries) {
    const asked = [...query.matchAll(/\b((?:waxseal|process|nodejs)_\w+)/g)].map(([, name]) => name);
    expect(asked.length).toBeGreaterThan(0);
    for (const name of asked) expect(names).toContain(name);
  }
});
