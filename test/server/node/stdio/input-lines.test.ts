import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { inputLines } from '../../../../src/server/node/stdio/input-lines.ts';
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
  const [dropped, refused]: string[][] = [[], []];
  const lines = inputLines({ dropped: (why) => dropped?.push(why), refused: (why) => refused?.push(why) });
  for (const chunk of chunks) lines.write(chunk);
  lines.end();
  let text = '';
  for await (const part of lines) text += part;
  return { text, dropped, refused };
}

describe('the lines of standard input', () => {
  it('become single messages without byte order marks, wherever chunks end', async () => {
    const bytes = Buffer.from(`\ufeff${JSON.stringify({ a: 'é' })}\r\n\n[${JSON.stringify(ping(1))}, ${JSON.stringify(ping(2))}]\n`);
    const whole = `{"a":"é"}\n${JSON.stringify(ping(1))}\n${JSON.stringify(ping(2))}\n`;
    expect(await read([bytes])).toEqual({ text: whole, dropped: [], refused: [] });
    expect(await read([...bytes].map((byte) => Buffer.from([byte])))).toEqual({ text: whole, dropped: [], refused: [] });
  });

  it('are corrected to MCP’s spelling', async () => {
    expect((await read(['{"jsonrpc":"2.0","id":1,"method":"ping","params":null}\n'])).text).toBe(`${JSON.stringify(ping(1))}\n`);
    expect((await read(['[{"jsonrpc":"2.0","id":1,"method":"ping","params":null}]\n'])).text).toBe(`${JSON.stringify(ping(1))}\n`);
  });

  it('are dropped with a reason if they are not JSON, and refused if they are an invalid batch', async () => {
    const { text, dropped, refused } = await read(['eyJ secret\n', '[]\n', '[7]\n', `${JSON.stringify(Array(101).fill(ping(1)))}\n`]);
    expect(text).toBe('');
    expect(dropped).toHaveLength(4);
    expect(refused).toHaveLength(3);
    expect(String(dropped)).not.toContain('secret');
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
    const input = `\ufeff${JSON.stringify(initialize)}\n${JSON.stringify([ping(2), ping(3)])}\nstray\n[]\n`;
    for (const args of [
      ['stdio', '--keys', keys],
      ['wallet', '--ephemeral', server.url],
      ['wallet', '--ephemeral', '--', process.execPath, MAIN, 'stdio', '--keys', keys],
    ]) {
      const { messages, log } = await run(args, input);
      expect(messages.map(({ id }) => id)).toEqual(expect.arrayContaining([1, 2, 3, null]));
      expect(log).toContain('a line of input was dropped: it is not JSON');
    }
    await server.kill();
  });
});
