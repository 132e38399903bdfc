import { randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ringFile } from '../../../support/folders.ts';
import { legacyRequest, messageIn, modernRequest, type Outgoing, toolCall } from '../../../support/mcp.ts';
import { type RunningServer, startProgram, startServer } from '../../../support/program.ts';
import { until, within } from '../../../support/wait.ts';
import { call as slowCall, waitingServer } from './support.ts';

const CALLS = 60;

/** A stopping server gives up waiting after 15 s. A server that ends within `PROMPT` milliseconds did not give up. */
const PROMPT = 5_000;

/** The end of a request: a whole answer, a refused connection, or a broken answer. */
type Ending = { status: number; text: string } | 'refused' | 'broken';

describe.each(['SIGTERM', 'SIGINT'] as const)('a server that gets %s', (signal) => {
  test.each([
    ['2026-07-28', toolCall],
    ['the 2025 revisions', (name: string, args: Record<string, unknown>) => legacyRequest('tools/call', { name, arguments: args })],
  ])('answers every request in flight completely and exits with 0, under load of %s', async (_era, outgoing) => {
    const server = await start();
    const begun = await send(server, toolCall('start_research_task', { topic: 'a task with much in it' }));
    const { handle } = messageIn((begun as { text: string }).text).result.structuredContent;
    // These findings nearly fill a handle, so sealing it takes a while.
    const findings = [randomBytes(1_500).toString('hex'), randomBytes(1_500).toString('hex')];
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    // The server must accept the connections before the signal. When the server stops listening, it loses the
    // connections in the kernel's queue.
    const first = () => send(server, outgoing('start_research_task', { topic: 'a warm connection' }), agent);
    await Promise.all(Array.from({ length: CALLS }, first));
    const sent: Promise<Ending>[] = [];
    let answered = 0;
    for (let number = 0; number < CALLS; number += 1) {
      const call = send(server, outgoing('record_findings', { handle, findings }), agent);
      sent.push(call);
      call.then(() => {
        answered += 1;
      });
    }
    await until('the first was answered, and the rest were under way', () => answered > 0);
    expect(answered).toBeLessThan(CALLS);
    server.child.kill(signal);

    const endings = await within(PROMPT, 'all requests ended', Promise.all(sent));
    expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
    expect(endings).not.toContain('broken');
    const statuses = endings.map((ending) => (typeof ending === 'string' ? ending : ending.status));
    for (const status of statuses) expect([200, 503, 'refused']).toContain(status);
    for (const ending of endings) {
      if (typeof ending !== 'string' && ending.status === 200) {
        expect(messageIn(ending.text).result.structuredContent).toMatchObject({ result_count: 2, handle_info: { revision: 2 } });
      }
    }
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(1);
  });

  test('does not wait for idle connections, and ends a subscription with a complete answer', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    expect(await send(server, toolCall('start_research_task', { topic: 'idle afterwards' }), agent)).toMatchObject({ status: 200 });
    const listen = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const stream = open(server, listen);
    await until('the subscription was acknowledged', () => stream.text().includes('notifications/subscriptions/acknowledged'));
    server.child.kill(signal);
    expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
    expect(await stream.ending).toMatchObject({ status: 200 });
  });

  test('waits for a request that is still arriving, and answers it', async () => {
    const server = await start();
    const { headers, body } = toolCall('start_research_task', { topic: 'sent in two halves' });
    const half = Math.floor(body.length / 2);
    const { sent, ending } = openRequest(server, { headers: { ...headers, 'content-length': String(body.length) } });
    await new Promise((flushed) => sent.write(body.slice(0, half), flushed));
    // The answer to this later request shows that the server has read the start of the earlier one.
    await send(server, toolCall('start_research_task', { topic: 'after it' }));
    server.child.kill(signal);
    await server.says(`${signal}: `);
    sent.end(body.slice(half));
    const got = await within(PROMPT, 'it was answered', ending);
    expect(typeof got === 'string' ? got : got.status).toSatisfy((status) => status === 200 || status === 503);
    expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
  });

  test('exits with 0 over stdio', async () => {
    const program = startProgram(['stdio', '--keys', (await ringFile()).path]);
    onTestFinished(() => program.kill());
    program.child.stdin.write(`${toolCall('start_research_task', { topic: 'is it up' }).body}\n`);
    await program.says('running');
    program.child.kill(signal);
    expect(await within(PROMPT, 'it ended', program.ended)).toEqual({ code: 0, signal: null });
  });
});

test('a stopping server closes open connections after the next answer, and refuses new connections', async () => {
  const server = await start();
  const agents = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ keepAlive: true, maxSockets: 1 })];
  onTestFinished(() => {
    for (const agent of agents) agent.destroy();
  });
  const call = toolCall('start_research_task', { topic: 'by way of a proxy' });
  const readyOn = (agent: Agent) =>
    new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
      const asked = request(`${server.origin}/readyz`, { agent }, (answer) => {
        answer.resume().once('end', () => resolve([answer.statusCode, answer.headers.connection]));
      });
      asked.once('error', reject).end();
    });
  for (const agent of agents) expect(await readyOn(agent)).toEqual([200, 'keep-alive']);
  // A request that is still arriving delays the stop, so the rest of this test need not be quick.
  const { sent, ending } = openRequest(server, { headers: { ...call.headers, 'content-length': String(call.body.length) } });
  await new Promise((flushed) => sent.write(call.body.slice(0, 20), flushed));
  await send(server, call);
  server.child.kill('SIGTERM');
  await until('new connections were refused', async () => (await send(server, call)) === 'refused');
  const [first, second] = agents;
  expect(await readyOn(first as Agent)).toEqual([503, 'close']);
  expect(await send(server, call, second)).toMatchObject({ status: 200 });
  expect(second?.freeSockets).toEqual({});
  sent.end(call.body.slice(20));
  expect(await ending).toMatchObject({ status: 200 });
  expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
});

test('a stopping server also answers a slow call that arrives on an open connection after the signal', async () => {
  const { app, waiting, release } = await waitingServer();
  const server = { url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/mcp` };
  const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  onTestFinished(() => {
    for (const agent of agents) agent.destroy();
  });
  const [warm, other] = agents.map((agent) => send(server, slowCall, agent));
  await until('both connections are in use', () => waiting.length === 2);
  waiting.shift()?.();
  expect(await warm).toMatchObject({ status: 200 });
  const closed = app.close();
  await until('the server accepts no connections', () => !app.server.listening);
  const late = send(server, slowCall, agents[0]);
  await until('the late call waits', () => waiting.length === 2);
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  waiting.shift()?.();
  expect(await other).toMatchObject({ status: 200 });
  for (let second = 0; second < 6; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  release();
  expect(await late).toMatchObject({ status: 200 });
  vi.useRealTimers();
  await within(PROMPT, 'the server closed', closed);
});

test('a stopping server cuts off an incomplete request, and exits with 0', async () => {
  const server = await start();
  const { headers, body } = toolCall('start_research_task', { topic: 'sent by half' });
  const { sent, ending } = openRequest(server, { headers: { ...headers, 'content-length': String(body.length) } });
  await new Promise((flushed) => sent.write(body.slice(0, 20), flushed));
  await send(server, toolCall('start_research_task', { topic: 'after it' }));
  server.child.kill('SIGTERM');
  expect(await within(2 * PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
  expect(server.printed.stderr).toBe('');
  expect(await ending).toBe('broken');
});

test('a server over stdio answers its requests and exits with 0 at the end of its input', async () => {
  const program = startProgram(['stdio', '--keys', (await ringFile()).path]);
  onTestFinished(() => program.kill());
  program.child.stdin.end(`${toolCall('start_research_task', { topic: 'the last question' }).body}\n`);
  expect(await within(PROMPT, 'it ended', program.ended)).toEqual({ code: 0, signal: null });
  expect(messageIn(program.printed.stdout).result.structuredContent.status).toBe('running');
});

async function start(): Promise<RunningServer> {
  const server = await startServer(['--keys', (await ringFile()).path]);
  onTestFinished(() => server.kill());
  return server;
}

function send(server: Pick<RunningServer, 'url'>, { headers, body }: Outgoing, agent?: Agent): Promise<Ending> {
  const { sent, ending } = openRequest(server, { headers, ...(agent && { agent }) });
  sent.end(body);
  return ending;
}

/** Sends a request whose answer is a stream. `text` returns what has arrived. */
function open(server: RunningServer, { headers, body }: Outgoing): { text: () => string; ending: Promise<Ending> } {
  const { sent, ending, text } = openRequest(server, { headers });
  sent.end(body);
  return { text, ending };
}

/** Opens a request, and tells how it ends. An answer is `broken` if it lacks the end that HTTP requires. */
function openRequest(server: Pick<RunningServer, 'url'>, options: { headers: Record<string, string>; agent?: Agent }) {
  let text = '';
  const sent = request(server.url, { method: 'POST', agent: false, ...options });
  const ending = new Promise<Ending>((resolve) => {
    let accepted = false;
    sent.on('socket', (socket) => {
      // The agent may reuse a connected socket.
      accepted = !socket.connecting;
      socket.once('connect', () => {
        accepted = true;
      });
    });
    sent.on('error', () => resolve(accepted ? 'broken' : 'refused'));
    sent.on('response', (answer: IncomingMessage) => {
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('error', () => resolve('broken'));
      answer.on('close', () => resolve(answer.complete ? { status: answer.statusCode ?? 0, text } : 'broken'));
    });
  });
  return { sent, ending, text: () => text };
}

test('a stopping server exits with 0 even if nobody reads its log', async () => {
  const server = await start();
  server.child.stdout?.destroy();
  server.child.kill('SIGTERM');
  expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
});
