/** Calls every tool and causes every error of a server, with arguments that must not leak. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import type { RingDocument } from '../../src/keys/index.ts';
import { badHandles } from './every-error.ts';
import { research } from './findings.ts';
import { sendRaw } from './http.ts';
import { type Answer, exchange, type Message, messageIn, toolCall } from './mcp.ts';
import type { Program } from './program.ts';
import { until } from './wait.ts';

/** Sends a tool call over some transport. @returns the response */
export type Send = (name: string, args: Record<string, unknown>) => Promise<Message>;

/** What the log must say of one call, in one line. */
export interface Called {
  readonly tool: string;
  readonly outcome: 'ok' | 'error';
  readonly code?: string;
  readonly task?: string;
  readonly revision?: number;
  readonly fingerprint?: string;
}

const TOPIC = 'whether the neighbours of the observatory sleep at night';
const REASON = 'the observatory was moved to another mountain';
const MARK = `an argument that nobody knows, ${randomBytes(12).toString('hex')}`;

/** Texts of {@link everyCall} that no log, span or metric may contain. */
export const SECRETS: readonly string[] = [TOPIC, REASON, MARK, ...research.findings];

/** Calls all tools, with every outcome. Adds each call to `calls`, and its handles to `handles`. */
export async function everyCall(send: Send, document: RingDocument, calls: Called[], handles: Set<string>): Promise<void> {
  const call = async (tool: string, args: Record<string, unknown>, code?: string): Promise<string> => {
    const { result } = await send(tool, args);
    const { isError, structuredContent } = result as Answer;
    expect(structuredContent.error?.code).toBe(code);
    const given = typeof args['handle'] === 'string' ? args['handle'] : '';
    if (given !== '') handles.add(given);
    if (isError === true) {
      // The server makes no fingerprint of text longer than any handle.
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
  await call('complete_research_task', { handle: recorded, findings: `["${MARK}` }, 'invalid_arguments');
  await call('get_task_status', {}, 'invalid_arguments');
  const unknown = await send(MARK, { handle: recorded, topic: TOPIC });
  expect(unknown.error?.code).toBe(-32602);
  calls.push({ tool: '(unknown)', outcome: 'error', code: 'unknown_tool' });
}

/** Sends all requests that a server refuses before a tool runs. Each has a handle or a topic in it. */
export async function everyRefusal(url: string, handle: string): Promise<void> {
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
  // The stated length is too short, so the rest of the body looks like a next request, which is not HTTP.
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n`;
  expect(await sendBytes(Number(port), `${head}${body}`)).toContain('HTTP/1.1 400');
  expect(await sendBytes(Number(port), `GET /${handle} HTTP/1.1\r\n${handle} : x\r\n\r\n`)).toContain('HTTP/1.1 400');
  // This client disconnects in the middle of its request.
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
    // The server closes after its answer. If it has not read all bytes, the client sees a reset.
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
  });
}

export function overHttp(url: string): Send {
  return async (name, args) => (await exchange(url, toolCall(name, args))).message;
}

export function overStdio(program: Program): Send {
  let answered = 0;
  return async (name, args) => {
    program.child.stdin.write(`${toolCall(name, args).body}\n`);
    const lines = () => program.printed.stdout.split('\n').slice(0, -1);
    await until(`${name} was answered`, () => lines().length > answered);
    return messageIn(lines()[answered++] ?? '');
  };
}
