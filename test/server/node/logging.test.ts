import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { fingerprint } from '../../../src/handle/index.ts';
import type { RingDocument } from '../../../src/keys/index.ts';
import { badHandles } from '../../support/every-error.ts';
import { research } from '../../support/findings.ts';
import { ringFile } from '../../support/folders.ts';
import { sendRaw } from '../../support/http.ts';
import { pieceIn, unfolded } from '../../support/leaks.ts';
import { type Answer, exchange, type Message, messageIn, toolCall } from '../../support/mcp.ts';
import { type Program, startProgram, startServer } from '../../support/program.ts';
import { until, within } from '../../support/wait.ts';

/** Sends a tool call, whichever way, and gives the message that came back. */
type Send = (name: string, args: Record<string, unknown>) => Promise<Message>;

/** What a line of the log must say of one call. */
interface Expected {
  readonly tool: string;
  readonly outcome: 'ok' | 'error';
  readonly code?: string;
  readonly task?: string;
  readonly revision?: number;
  readonly fingerprint?: string;
}

/** A full run: what was called, and everything that no log may hold. */
interface Run {
  readonly calls: Expected[];
  readonly handles: Set<string>;
  readonly logged: string;
  readonly stdout: string;
}

const TOPIC = 'whether the neighbours of the observatory sleep at night';
const REASON = 'the observatory was moved to another mountain';
const MARK = `an argument that nobody knows, ${randomBytes(12).toString('hex')}`;

describe.each(['HTTP', 'stdio'] as const)('Logs of a full run over %s, at level trace', (transport) => {
  let document: RingDocument;
  let run: Run;

  beforeAll(async () => {
    const ring = await ringFile();
    document = ring.document;
    const calls: Expected[] = [];
    const handles = new Set<string>();
    const args = ['--keys', ring.path, '--log-level', 'trace'];
    const server = transport === 'HTTP' ? await startServer(args) : undefined;
    const program = server ?? startProgram(['stdio', ...args]);
    try {
      await everyCall(server ? overHttp(server.url) : overStdio(program), document, calls, handles);
      if (server) await everyRefusal(server.url, [...handles][0] ?? '');
      program.child.kill('SIGTERM');
      await within(10_000, 'the process ended', program.ended);
    } finally {
      await program.kill();
    }
    const { stdout, stderr } = program.printed;
    run = { calls, handles, logged: transport === 'HTTP' ? stdout + stderr : stderr, stdout };
  });

  test('have no handle, nor forty characters of one', () => {
    expect(run.handles.size).toBeGreaterThan(10);
    const text = unfolded(run.logged);
    for (const handle of run.handles) expect(pieceIn(text, handle, 40)).toBeUndefined();
  });

  test('have no topic, no finding, no reason, and no argument that was not understood', () => {
    const text = unfolded(run.logged);
    for (const secret of [TOPIC, REASON, MARK, ...research.findings]) expect(pieceIn(text, secret, 16)).toBeUndefined();
  });

  test('have no key, and neither has anything else that was printed', () => {
    const text = unfolded(run.logged + run.stdout);
    const secrets = document.keys.flatMap((key) => (key.kty === 'oct' ? key.k : (key.d ?? [])));
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      const bytes = Buffer.from(secret, 'base64url');
      for (const form of [secret, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), bytes.toString('base64')]) {
        expect(pieceIn(text, form, 16)).toBeUndefined();
      }
    }
  });

  test('have one line for each call, in JSON: tool, outcome, code, task, revision, fingerprint, and how long it took', () => {
    const lines = run.logged
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const calls = lines.filter((line) => 'tool' in line);
    expect(calls).toHaveLength(run.calls.length);
    for (const [index, expected] of run.calls.entries()) {
      expect(calls[index]).toMatchObject({ ...expected, ms: expect.any(Number) });
      if (expected.outcome === 'ok') expect(calls[index]).not.toHaveProperty('code');
      if (expected.code === 'rejected') expect(calls[index]).toHaveProperty('reason');
    }
  });

  test('know of every tool, and of every kind of error', () => {
    expect(new Set(run.calls.map(({ tool }) => tool)).size).toBe(5);
    const codes = ['malformed', 'rejected', 'expired', 'wrong_kind', 'forbidden', 'state_too_large', 'task_ended', 'invalid_arguments'];
    expect(new Set(run.calls.flatMap(({ code }) => code ?? []))).toEqual(new Set(codes));
  });

  test.runIf(transport === 'stdio')('leave standard output to MCP alone', () => {
    for (const line of run.stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc', '2.0');
  });
});

/** All tools, all that they answer. */
async function everyCall(send: Send, document: RingDocument, calls: Expected[], handles: Set<string>): Promise<void> {
  const call = async (tool: string, args: Record<string, unknown>, code?: string): Promise<string> => {
    const { result } = await send(tool, args);
    const { isError, structuredContent } = result as Answer;
    expect(structuredContent.error?.code).toBe(code);
    const given = typeof args['handle'] === 'string' ? args['handle'] : '';
    if (given !== '') handles.add(given);
    if (isError === true) {
      // What is longer than any handle is not worth a digest.
      const digest = given !== '' && given.length <= 8_192 ? { fingerprint: await fingerprint(given) } : {};
      calls.push({ tool, outcome: 'error', ...(code !== undefined && { code }), ...digest });
      return '';
    }
    const { handle, handle_info } = structuredContent;
    handles.add(handle);
    calls.push({ tool, outcome: 'ok', task: handle_info.id, revision: handle_info.revision, fingerprint: await fingerprint(handle) });
    return handle;
  };

  const started = await call('start_research_task', { topic: TOPIC, depth: 4 });
  const recorded = await call('record_findings', { handle: started, findings: research.findings });
  await call('get_task_status', { handle: recorded });
  const completed = await call('complete_research_task', { handle: recorded, findings: research.findings.slice(0, 1) });
  await call('cancel_research_task', { handle: recorded, reason: REASON });
  await call('record_findings', { handle: completed, findings: research.findings }, 'task_ended');
  for (const { handle, code } of await badHandles(document, recorded)) await call('record_findings', { handle, findings: [MARK] }, code);
  const random = Array.from({ length: 10 }, () => randomBytes(2_000).toString('hex'));
  await call('record_findings', { handle: recorded, findings: random }, 'state_too_large');
  await call('start_research_task', { topic: TOPIC.repeat(20) }, 'invalid_arguments');
  await call('start_research_task', { topik: TOPIC, [MARK]: REASON }, 'invalid_arguments');
  await call('complete_research_task', { handle: recorded, findings: MARK }, 'invalid_arguments');
  await call('get_task_status', {}, 'invalid_arguments');
  const unknown = await send(MARK, { handle: recorded, topic: TOPIC });
  expect(unknown.error?.code).toBe(-32602);
}

/** What is turned away before any tool is called, each with a handle and a topic in it. */
async function everyRefusal(url: string, handle: string): Promise<void> {
  const good = toolCall('get_task_status', { handle, [MARK]: TOPIC });
  const { headers, body } = good;
  const { origin, port } = new URL(url);
  const statuses = [
    await sendRaw(url, { ...good, body: body.slice(0, -5) }),
    await sendRaw(url, { ...good, headers: { ...headers, 'content-length': '1048577' } }),
    await sendRaw(url, { ...good, headers: { ...headers, 'content-type': 'text/plain' } }),
    await sendRaw(url, { ...good, headers: { ...headers, host: `${handle.slice(0, 60)}.example` } }),
    await sendRaw(url, { ...good, headers: { ...headers, origin: `https://${handle.slice(0, 60)}.example` } }),
    await sendRaw(url, { ...good, headers: { ...headers, 'mcp-name': handle } }),
    await sendRaw(`${origin}/${handle}?topic=${encodeURIComponent(TOPIC)}`, { method: 'GET' }),
    await sendRaw(`${url}?handle=${handle}`, { method: 'GET' }),
    await sendRaw(`${origin}/%zz${handle}`, { method: 'GET' }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([400, 413, 415, 403, 403, 400, 404, 405, 400]);
  // What follows on the wire is not HTTP: a length that is too short makes the rest of a body look like the next request.
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n`;
  expect(await sendBytes(Number(port), `${head}${body}`)).toContain('HTTP/1.1 400');
  expect(await sendBytes(Number(port), `GET /${handle} HTTP/1.1\r\n${handle} : x\r\n\r\n`)).toContain('HTTP/1.1 400');
  // And a client that goes away in the middle of its request.
  await new Promise<void>((closed) => {
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(head.replace('Length: 2', `Length: ${body.length + 9}`) + body, () => socket.resetAndDestroy()),
    );
    socket.on('close', () => closed());
  });
}

function sendBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
    });
    // The server closes as soon as it has answered, and may not have read all: that is a reset.
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
  });
}

function overHttp(url: string): Send {
  return async (name, args) => (await exchange(url, toolCall(name, args))).message;
}

function overStdio(program: Program): Send {
  let answered = 0;
  return async (name, args) => {
    program.child.stdin.write(`${toolCall(name, args).body}\n`);
    const lines = () => program.printed.stdout.split('\n').slice(0, -1);
    await until(`${name} was answered`, () => lines().length > answered);
    return messageIn(lines()[answered++] ?? '');
  };
}
