import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { inputLines, type Refusal } from '../../../../src/server/node/stdio/input-lines.ts';
import { ringFile } from '../../../support/folders.ts';
import { MAIN, startServer } from '../../../support/program.ts';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};
const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' });

async function read(chunks: readonly (string | Buffer)[]) {
  const dropped: string[] = [];
  const refused: Refusal[] = [];
  const lines = inputLines({ dropped: (why) => dropped.push(why), refused: (refusal) => refused.push(refusal) });
  for (const chunk of chunks) lines.write(chunk);
  lines.end();
  let text = '';
  for await (const part of lines) text += part;
  return { text, dropped, refused };
}

describe('the lines of standard input', () => {
  it('become single messages without byte order marks, wherever chunks end', async () => {
    const bytes = Buffer.from(
      `\ufeff${JSON.stringify({ ...ping(0), method: 'é' })}\r\n\n[${JSON.stringify(ping(1))}, ${JSON.stringify(ping(2))}]\n`,
    );
    const whole = `${JSON.stringify({ ...ping(0), method: 'é' })}\n${JSON.stringify(ping(1))}\n${JSON.stringify(ping(2))}\n`;
    expect(await read([bytes])).toEqual({ text: whole, dropped: [], refused: [] });
    expect(await read([...bytes].map((byte) => Buffer.from([byte])))).toEqual({ text: whole, dropped: [], refused: [] });
  });

  it('are corrected to MCP’s spelling', async () => {
    expect((await read(['{"jsonrpc":"2.0","id":1,"method":"ping","params":null}\n'])).text).toBe(`${JSON.stringify(ping(1))}\n`);
    expect((await read(['[{"jsonrpc":"2.0","id":1,"method":"ping","params":null}]\n'])).text).toBe(`${JSON.stringify(ping(1))}\n`);
  });

  it('are refused if they are not UTF-8, because a tool would seal a changed text', async () => {
    const line = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"caf'), Buffer.from([0xe9]), Buffer.from('"}\n')]);
    expect(await read([line])).toMatchObject({
      text: '',
      dropped: ['it is not valid UTF-8'],
      refused: [{ code: -32_700, message: 'Parse error: the line is not valid UTF-8', id: null }],
    });
  });

  it('are dropped without an answer if they are notifications or responses', async () => {
    const lines = [
      { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'Parse error' } },
      { jsonrpc: '2.0', id: 7, result: 'no object' },
      { jsonrpc: '2.0', method: 'notifications/initialized', params: [1] },
    ];
    const { text, dropped, refused } = await read(lines.map((line) => `${JSON.stringify(line)}\n`));
    expect([text, dropped.length, refused]).toEqual(['', 3, []]);
  });

  it('are refused if they nest too deep to be passed on', async () => {
    const deep = `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}\n`;
    expect(await read([deep, `${JSON.stringify(ping(8))}\n`])).toMatchObject({
      text: `${JSON.stringify(ping(8))}\n`,
      dropped: ['it nests too deep'],
      refused: [{ code: -32_600, id: 7 }],
    });
  });

  it('are dropped with a reason and refused if they are not JSON, or an invalid batch', async () => {
    const invalid = JSON.stringify([ping(1), { ...ping(2), jsonrpc: 2 }]);
    const { text, dropped, refused } = await read([
      'eyJ secret\n',
      '[]\n',
      '[7]\n',
      `${JSON.stringify(Array(101).fill(ping(1)))}\n`,
      `${invalid}\n`,
    ]);
    expect(text).toBe('');
    expect(dropped).toHaveLength(5);
    expect(refused.map(({ code, id }) => [code, id])).toEqual([[-32_700, null], ...Array(4).fill([-32_600, null])]);
    expect(JSON.stringify([dropped, refused])).not.toContain('secret');
  });

  it.each<[string, object, RegExp, unknown]>([
    ['no jsonrpc', { jsonrpc: undefined }, /jsonrpc must be "2.0"/, 7],
    ['another jsonrpc', { jsonrpc: '1.0' }, /jsonrpc must be/, 7],
    ['a number for jsonrpc', { jsonrpc: 2 }, /jsonrpc must be/, 7],
    ['a null id', { id: null }, /the id must be/, null],
    ['a fraction for an id', { id: 1.5 }, /the id must be/, 1.5],
    ['true for an id', { id: true }, /the id must be/, null],
    ['an object for an id', { id: { secret: 1 } }, /the id must be/, null],
    ['a huge id', { id: 2 ** 63 }, /the id must be/, 2 ** 63],
    ['a text for params', { params: 'secret' }, /params must be/, 7],
    ['a text for _meta', { params: { _meta: 'secret' } }, /_meta must be/, 7],
    ['a fraction for a progress token', { params: { _meta: { progressToken: 1.5 } } }, /progressToken must be/, 7],
    ['a number for the method', { method: 5 }, /the method is missing/, null],
    ['a result', { result: {} }, /a member does not fit/, 7],
  ])('are refused with the id of the request, and with a reason: %s', async (_what, members, reason, id) => {
    const { text, dropped, refused } = await read([`${JSON.stringify({ ...ping(7), ...members })}\n`]);
    expect(text).toBe('');
    expect(refused).toEqual([{ code: -32_600, message: expect.stringMatching(reason), id }]);
    expect(dropped).toEqual([expect.stringMatching(reason)]);
    expect(JSON.stringify([dropped, refused])).not.toContain('secret');
  });

  it('are passed on to the SDK’s transport if they are too long, because it refuses them', async () => {
    const part = Buffer.alloc(4 * 1024 * 1024, 'x');
    expect((await read([part, part, part])).text).toHaveLength(3 * part.length);
  });
});

/** @returns the messages and the log of a program with an input */
function run(args: readonly string[], input: string): Promise<{ messages: { id: number | null }[]; log: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env['PATH'] } });
  let [out, log] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    out += part;
  });
  child.stderr.on('data', (part: Buffer) => {
    log += part;
  });
  child.stdin.end(input);
  return new Promise((resolve) =>
    child.on('close', () =>
      resolve({
        messages: out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
        log,
      }),
    ),
  );
}

describe('input with a byte order mark, a batch and a bad line', () => {
  it('is answered, and its bad line is logged, by a server over stdio and by a wallet', async () => {
    const keys = (await ringFile()).path;
    const server = await startServer(['--keys', keys]);
    const lines = [
      JSON.stringify(initialize),
      JSON.stringify([ping(2), ping(3)]),
      'stray',
      '[]',
      JSON.stringify({ id: 4, method: 'ping' }),
    ];
    // The last line has no line break.
    const input = `\ufeff${[...lines, JSON.stringify(ping(5))].join('\n')}`;
    for (const args of [
      ['stdio', '--keys', keys],
      ['wallet', '--ephemeral', server.url],
      ['wallet', '--ephemeral', '--', process.execPath, MAIN, 'stdio', '--keys', keys],
    ]) {
      const { messages, log } = await run(args, input);
      expect(messages.map(({ id }) => id)).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, null]));
      expect(log).toContain('a line of input was dropped: it is not JSON');
      expect(log).toContain('jsonrpc must be');
    }
    await server.kill();
  });
});
