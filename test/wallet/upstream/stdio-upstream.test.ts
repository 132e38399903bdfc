import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it } from 'vitest';
import { LONGEST_MESSAGE } from '../../../src/wallet/upstream/bounded-fetch.ts';
import { type StdioUpstream, stdioUpstream } from '../../../src/wallet/upstream/stdio-upstream.ts';
import { until } from '../../support/wait.ts';

/** A server that runs the code in each request. The code calls `say` to write to standard output. */
const SERVER = `
const say = (text) => process.stdout.write(text);
let text = '';
process.stdin.on('data', (part) => {
  for (text += part; text.includes('\\n'); text = text.slice(text.indexOf('\\n') + 1)) {
    const { id, params } = JSON.parse(text.slice(0, text.indexOf('\\n')));
    if (params.code) new Function('id', 'say', params.code)(id, say);
  }
});`;

let upstream: StdioUpstream;
let answers: JSONRPCMessage[];
let closed: number;
const told: string[] = [];

async function start(): Promise<void> {
  [answers, closed, told.length] = [[], 0, 0];
  upstream = stdioUpstream([process.execPath, '-e', SERVER], (text) => told.push(text));
  upstream.onmessage = (message) => answers.push(message);
  upstream.onclose = () => {
    closed += 1;
  };
  await upstream.start();
}
afterEach(() => upstream.close());

async function ask(code: string, id: number | string = 7): Promise<void> {
  await upstream.send({ jsonrpc: '2.0', id, method: 'tools/call', params: { code } });
}

const UNKNOWN = 'It is unknown whether the call took effect.';

describe('a server over stdio that ends', () => {
  it.each([
    ['exits', 'process.exit(3)', /ended with exit code 3 before it answered/],
    ['is killed', 'process.kill(process.pid, "SIGKILL")', /ended by SIGKILL before it answered/],
    [
      'sends a message that is too long',
      `say("x".repeat(${LONGEST_MESSAGE + 1}))`,
      /sent more than \d+ bytes on one line, so the wallet ended it/,
    ],
    ['closes its output', 'process.stdout.end()', /closed its output, so the wallet ended it/],
  ])('leaves no request without an answer if it %s', async (_what, code, text) => {
    await start();
    await ask('', 'waiting');
    await ask(code);
    await until('the end was heard', () => closed === 1);
    expect(answers).toEqual(
      ['waiting', 7].map((id) => ({ jsonrpc: '2.0', id, error: { code: -32_603, message: expect.stringMatching(text) } })),
    );
    expect(JSON.stringify(answers)).toContain(UNKNOWN);
    expect(upstream.ending()).toMatch(new RegExp(text.source.replace(' before it answered', '')));
    await ask('', 'late');
    expect(answers.at(-1)).toMatchObject({ id: 'late', error: { code: -32_603 } });
  });

  it('gives no answer to a request that the host cancelled', async () => {
    await start();
    await ask('');
    await upstream.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } });
    await ask('process.exit(0)', 8);
    await until('the end was heard', () => closed === 1);
    expect(answers).toMatchObject([{ id: 8 }]);
  });
});

const JSON_OF = 'JSON.stringify({ jsonrpc: "2.0", id, result: { text: "a" } })';

describe('an answer of a server over stdio', () => {
  it.each([
    ['has a byte order mark', `say("\\ufeff" + ${JSON_OF} + "\\n")`],
    ['ends with CRLF', `say(${JSON_OF} + "\\r\\n")`],
    ['is in a batch', `say("[" + ${JSON_OF} + "]\\n")`],
    ['is on several lines', `say(JSON.stringify(JSON.parse(${JSON_OF}), null, 2) + "\\n")`],
    [
      'comes in pieces between other output',
      `say("Ready\\n{\\n"); say(${JSON_OF}.slice(0, 9)); setTimeout(() => say(${JSON_OF}.slice(9) + "\\n"))`,
    ],
    [
      'has null for absent members',
      'say(JSON.stringify({ jsonrpc: "2.0", id, result: { text: "a", structuredContent: null, _meta: null }, error: null }) + "\\n")',
    ],
    ['has members that JSON-RPC does not have', 'say(JSON.stringify({ jsonrpc: "2.0", id, result: { text: "a" }, time: 5 }) + "\\n")'],
    ['has the id as text', 'say(JSON.stringify({ jsonrpc: "2.0", id: String(id), result: { text: "a" } }) + "\\n")'],
  ])('is read if it %s', async (_what, code) => {
    await start();
    await ask(code);
    await until('it was answered', () => answers.length > 0);
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 7, result: { text: 'a' } }]);
  });

  it.each([
    ['a text', '"boom"', { code: -32_603, message: 'boom' }],
    ['an object with a text as code', '{ code: "500", message: "boom" }', { code: -32_603, message: 'boom' }],
    ['an object without a message', '{ code: -32000, data: 1 }', { code: -32_000, message: 'the server gave no reason', data: 1 }],
  ])('is read if its error is %s', async (_what, error, expected) => {
    await start();
    await ask(`say(JSON.stringify({ jsonrpc: "2.0", id, error: ${error} }) + "\\n")`);
    await until('it was answered', () => answers.length > 0);
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 7, error: expected }]);
  });

  it('is read if it is an error without an id, and only one request is open', async () => {
    await start();
    const refuse = 'say(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "what?" } }) + "\\n");';
    await ask(refuse);
    await until('it was answered', () => answers.length > 0);
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 7, error: { code: -32_700, message: 'what?' } }]);
    await ask('', 8);
    await ask(`${refuse} say(${JSON_OF} + "\\n");`, 9);
    await until('the other was answered', () => answers.some((answer) => 'result' in answer));
    expect(answers.filter((answer) => 'id' in answer && answer.id === 8)).toEqual([]);
  });

  it('is no error without an id that may be about a notification, and reaches the host once', async () => {
    await start();
    await ask('', 7);
    const code = 'say(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32600, message: "what?" } }) + "\\n");';
    await upstream.send({ jsonrpc: '2.0', method: 'notifications/initialized', params: { code } });
    const answer = 'say(JSON.stringify({ jsonrpc: "2.0", id: 7, result: {} }) + "\\n");';
    await ask(`${answer}${answer}say(${JSON_OF} + "\\n");`, 8);
    await until('the last was answered', () => answers.some((message) => 'id' in message && message.id === 8));
    expect(answers.map((message) => 'id' in message && message.id)).toEqual([7, 8]);
    expect(answers[0]).toEqual({ jsonrpc: '2.0', id: 7, result: {} });
  });

  it.each([
    ['has no jsonrpc', 'say(JSON.stringify({ id, result: {} }) + "\\n")', /it lacks "jsonrpc": "2.0"/],
    ['has a list as result', 'say(JSON.stringify({ jsonrpc: "2.0", id, result: [] }) + "\\n")', /its result is not an object/],
    ['has no result', 'say(JSON.stringify({ jsonrpc: "2.0", id, result: null }) + "\\n")', /it has neither a result nor an error/],
    ['is not JSON', 'say(\'{"jsonrpc": "2.0", "id": \' + id + \', "result": {"a": NaN}}\\n\')', /it is not JSON/],
  ])('causes an error that says what is wrong if it %s', async (_what, code, why) => {
    await start();
    await ask(code);
    await until('it was answered', () => answers.length > 0);
    const text = expect.stringMatching(why);
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 7, error: { code: -32_603, message: text } }]);
    expect(told).toEqual([text]);
    await ask(`say(${JSON_OF} + "\\n")`, 8);
    await until('the server still answers', () => answers.length === 2);
  });
});
