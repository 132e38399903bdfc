import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder, ringFile } from '../../support/folders.ts';

const TOOLS = `
import * as z from 'zod';
import { createTool, defineKind, toolset } from '${new URL('../../../dist/kit/index.js', import.meta.url)}';
import { serve, serveStdio } from '${new URL('../../../dist/server/index.js', import.meta.url)}';
const counter = defineKind({ name: 'counter', version: 1, schema: z.strictObject({ count: z.int() }), lifetime: 60 });
const start = createTool(counter, 'start_counter', { description: '' }, () => ({ state: { count: 0 }, text: 'At 0.' }));
`;

/** A program of an author's own, in the folder where its imports are found. */
function program(lines: string): string {
  const file = join(emptyFolder(), 'program.mjs');
  writeFileSync(file, TOOLS.replace("'zod'", `'${import.meta.resolve('zod')}'`) + lines);
  return file;
}

describe('a program of an author’s own', () => {
  it.each([
    ['tools', `await serveStdio([start], { name: 'counter', version: '1.0.0' });`, ['start_counter']],
    [
      'a toolset',
      `await serveStdio(toolset([start], { list: 'search' }), { name: 'counter', version: '1.0.0' });`,
      ['search_tools', 'describe_tool', 'call_tool'],
    ],
  ])('serves %s over standard input and output', async (_what, lines, listed) => {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const env = { PATH: process.env['PATH'] ?? '', WAXSEAL_KEYS_FILE: (await ringFile()).path };
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [program(lines)], env, stderr: 'ignore' }));
    onTestFinished(() => client.close());
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(listed);
    const { structuredContent } = await client.callTool({ name: 'start_counter', arguments: {} });
    expect(structuredContent).toMatchObject({ handle_info: { kind: 'counter@1' } });
  });

  it('says on standard error what keeps it from starting, and ends with 2 where its configuration is wrong', async () => {
    const file = program(`await serve([start], { name: 'counter', version: '1.0.0' });`);
    const failed = await promisify(execFile)(process.execPath, [file], { env: { WAXSEAL_PORT: 'eighty' } }).catch((error) => error);
    expect(failed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^WAXSEAL_PORT must be a whole number/) });
  });
});
