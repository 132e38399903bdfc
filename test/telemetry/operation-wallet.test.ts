/** Tests the trace of a request from a host through the wallet to a server. */
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { toolCall } from '../support/mcp.ts';
import { type Program, startProgram, startServer } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { withSdk } from './told.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const HOST = '00f067aa0ba902b7';

/** Sends messages through a wallet, and waits for the answers. */
async function through(walletEnv: Record<string, string>, serverEnv: Record<string, string>, methods: readonly string[]): Promise<Program> {
  const server = await startServer(['--keys', (await ringFile()).path], { env: serverEnv });
  onTestFinished(() => server.kill());
  const wallet = startProgram(['wallet', server.url], { env: { ...walletEnv, HOME: emptyFolder(), XDG_DATA_HOME: emptyFolder() } });
  onTestFinished(() => wallet.kill());
  for (const [at, method] of methods.entries()) {
    const call = JSON.parse(toolCall('start_research_task', { topic: 'who sees this topic' }).body);
    const _meta = { ...call.params._meta, traceparent: `00-${TRACE}-${HOST}-01`, 'example.com/mine': 'kept' };
    const params = method === 'tools/call' ? { ...call.params, _meta } : { _meta };
    wallet.child.stdin.write(`${JSON.stringify({ ...call, id: at + 1, method, params })}\n`);
    await until(`${method} was answered`, () => wallet.printed.stdout.split('\n').length > at + 1);
  }
  return wallet;
}

test('a wallet with an OpenTelemetry SDK reports a span between the host’s span and the server’s span', async () => {
  const [ours, theirs] = [withSdk(), withSdk()];
  await through(ours.env, theirs.env, ['tools/list', 'tools/call']);
  const [call] = await ours.spans('tools/call start_research_task');
  expect(call).toMatchObject({ kind: 2, traceId: TRACE, parent: HOST });
  expect(await theirs.spans('tools/call start_research_task')).toMatchObject([{ kind: 1, traceId: TRACE, parent: call?.spanId }]);
  expect(await ours.spans('tools/list')).toMatchObject([{ kind: 2, parent: HOST }]);
  await until('the duration was reported', () =>
    ours.told().metrics.some(({ descriptor }) => descriptor.name === 'mcp.client.operation.duration'),
  );
  expect(ours.text() + theirs.text()).not.toContain('who sees');
});

test('a wallet names only tools that the server has listed', async () => {
  const sdk = withSdk();
  await through(sdk.env, {}, ['tools/call']);
  expect(await sdk.spans('tools/call')).toHaveLength(1);
  expect(sdk.text()).not.toContain('start_research_task');
});

test('a wallet without an OpenTelemetry SDK passes on the trace of a request', async () => {
  const sdk = withSdk();
  await through({}, sdk.env, ['tools/call']);
  expect(await sdk.spans('tools/call start_research_task')).toMatchObject([{ traceId: TRACE, parent: HOST }]);
});
