import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder, ringFile } from '../../support/folders.ts';
import { until } from '../../support/wait.ts';

const TOOLS = `
import * as z from 'zod';
import { createTool, defineKind, toolset } from '${new URL('../../../dist/kit/index.js', import.meta.url)}';
import { serve, serveStdio } from '${new URL('../../../dist/server/index.js', import.meta.url)}';
const counter = defineKind({ name: 'counter', version: 1, schema: z.strictObject({ count: z.int() }), lifetime: 60 });
const start = createTool(counter, 'start_counter', { description: '' }, () => ({ state: { count: 0 }, text: 'At 0.' }));
`;

/** Writes a program into an empty folder. Node finds no packages there, so the program imports zod by its URL. */
function program(lines: string): string {
  const file = join(emptyFolder(), 'program.mjs');
  writeFileSync(file, TOOLS.replace("'zod'", `'${import.meta.resolve('zod')}'`) + lines);
  return file;
}

describe('a program that an author wrote', () => {
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

  it('can observe calls without their content', async () => {
    const lines = `
const broken = createTool(counter, 'break', { description: '' }, () => { throw new Error('secret state'); });
const observe = (call) => { console.error('observed ' + JSON.stringify(call)); throw new Error('an observer that fails'); };
await serveStdio([start, broken], { name: 'counter', version: '1.0.0' }, { observe });`;
    const client = new Client({ name: 'test', version: '1.0.0' });
    const env = { PATH: process.env['PATH'] ?? '', WAXSEAL_KEYS_FILE: (await ringFile()).path, WAXSEAL_LOG_LEVEL: 'silent' };
    const transport = new StdioClientTransport({ command: process.execPath, args: [program(lines)], env, stderr: 'pipe' });
    let said = '';
    transport.stderr?.on('data', (text) => {
      said += text;
    });
    await client.connect(transport);
    onTestFinished(() => client.close());
    const { structuredContent } = await client.callTool({ name: 'start_counter', arguments: {} });
    await client.callTool({ name: 'break', arguments: {} }).catch(() => {});
    await until('both were observed', () => said.split('observed').length === 3);
    const observed = said
      .split('observed ')
      .slice(1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { id } = (structuredContent as { handle_info: { id: string } }).handle_info;
    const figures = { fingerprint: expect.any(String), length: expect.any(Number), ms: expect.any(Number) };
    expect(observed).toEqual([
      { tool: 'start_counter', outcome: 'ok', task: id, revision: 1, ...figures },
      { tool: 'break', outcome: 'error', code: 'internal_error', ms: expect.any(Number) },
    ]);
    expect(said).not.toMatch(/secret|eyJ/);
  });

  it('prints the reason and exits with 2 if its configuration is wrong', async () => {
    const file = program(`await serve([start], { name: 'counter', version: '1.0.0' });`);
    const failed = await promisify(execFile)(process.execPath, [file], { env: { WAXSEAL_PORT: 'eighty' } }).catch((error) => error);
    expect(failed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^WAXSEAL_PORT must be a whole number/) });
  });
});
