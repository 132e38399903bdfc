import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { research } from '../support/findings.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { MODERN } from '../support/mcp.ts';
import { MAIN, type RunningServer, startProgram, startServer } from '../support/program.ts';
import { until, within } from '../support/wait.ts';
import { madeUpHandle, type Passing, servePassing } from '../wallet/passing-server.mjs';
import { waxseal } from './support.ts';
import { type Host, host, isRunning, type Kind } from './wallet-support.ts';

const PASSING = fileURLToPath(new URL('../wallet/passing-server.mjs', import.meta.url));

let keys: string;
let server: RunningServer;
let other: RunningServer;
let passing: Passing;
beforeAll(async () => {
  keys = (await ringFile()).path;
  // The servers share a ring, so each would accept the other's handles if the wallet sent them.
  [server, other, passing] = await Promise.all([startServer(['--keys', keys]), startServer(['--keys', keys]), servePassing()]);
});
afterAll(() => Promise.all([server.kill(), other.kill(), passing.close()]));

const newFile = () => join(emptyFolder(), 'wallet.json');
const stdio = () => ['--', process.execPath, MAIN, 'stdio', '--keys', keys];
const ALIAS = /^task_[2-9a-hjkmnp-z]{6}$/;

/** Starts a task. @returns its alias */
async function start(model: Host): Promise<string> {
  return (await model.call('start_research_task', { topic: research.topic })).structuredContent.handle;
}

describe.concurrent('a whole task through a wallet', () => {
  it.each<[over: string, kind: Kind, upstream: () => string[]]>([
    ['HTTP', 'v2', () => [server.url]],
    ['HTTP', 'v2 auto', () => [server.url]],
    ['HTTP', 'v2 of 2025', () => [server.url]],
    ['HTTP', 'v1', () => [server.url]],
    // Over stdio, the other clients send the same messages as over HTTP, so they are not tested again.
    ['stdio', 'v2 auto', stdio],
    ['stdio', 'v1', stdio],
  ])('keeps one alias, and the model sees no handle: over %s, client %s', async (_over, kind, upstream) => {
    const model = await host(['--file', newFile(), ...upstream()], kind);
    expect(await model.tools()).toEqual(expect.arrayContaining(['start_research_task', 'list_held_handles']));
    const alias = await start(model);
    expect(alias).toMatch(ALIAS);
    const { findings } = research;
    const recorded = await model.call('record_findings', { handle: alias, findings: findings.slice(0, 4) });
    expect(recorded.structuredContent).toMatchObject({ handle: alias, result_count: 4, handle_info: { revision: 2 } });
    const completed = await model.call('complete_research_task', { handle: alias, findings: findings.slice(4) });
    expect(completed.structuredContent).toMatchObject({ handle: alias, result_count: 5, handle_info: { revision: 3 } });
    const ended = await model.call('get_task_status', { handle: alias });
    expect(ended.structuredContent).toMatchObject({ handle: alias, status: 'complete', results: findings });
    const begun = await model.call('get_task_status', { handle: `${alias}@1` });
    expect(begun.structuredContent).toMatchObject({ handle: `${alias}@1`, status: 'running', results: [] });
    const refused = await model.call('cancel_research_task', { handle: alias });
    expect(refused).toMatchObject({ isError: true, structuredContent: { error: { code: 'task_ended' } } });
    const { structuredContent } = await model.call('list_held_handles');
    expect(structuredContent).toMatchObject({ held: [{ alias, kind: 'research@1', status: 'complete', revision: 3 }] });
    expect(model.heard.length).toBeGreaterThan(6);
    expect(model.heard.join() + model.stderr()).not.toContain('eyJ');
    await model.close();
  });
});

describe.concurrent('a wallet that is killed', () => {
  it.each<[string, () => string[]]>([
    ['HTTP', () => [server.url]],
    ['stdio', stdio],
  ])('can continue its task after a restart, over %s', async (_over, upstream) => {
    const file = newFile();
    const before = await host(['--file', file, ...upstream()]);
    const alias = await start(before);
    await before.call('record_findings', { handle: alias, findings: ['before'] });
    await before.kill();
    const after = await host(['--file', file, ...upstream()], 'v1');
    expect((await after.call('list_held_handles')).structuredContent).toMatchObject({ held: [{ alias, revision: 2, status: 'running' }] });
    const done = await after.call('complete_research_task', { handle: alias, findings: ['after'] });
    expect(done.structuredContent).toMatchObject({ handle: alias, status: 'complete', result_count: 2 });
    await after.close();
  });
});

describe.concurrent('an unknown alias', () => {
  it('causes the wallet’s error, with similar aliases, and the call does not reach the server', async () => {
    const model = await host(['--file', newFile(), server.url]);
    const alias = await start(model);
    const mistyped = `task_${[...alias.slice(5)].reverse().join('')}`;
    const near = await model.call('get_task_status', { handle: `${alias.slice(0, -1)}0` });
    expect(near).toMatchObject({ isError: true, structuredContent: { error: { code: 'unknown_alias' } } });
    expect(near.content[0]?.text).toContain(`Similar aliases: ${alias}`);
    const unknown = await model.call('get_task_status', { handle: 'task_222222' });
    expect(unknown).toMatchObject({ isError: true, structuredContent: { error: { code: 'unknown_alias' } } });
    // Words in free text may resemble an alias. They stay.
    const free = await model.call('start_research_task', { topic: `see ${alias}, or ${mistyped}` });
    const { structuredContent } = await model.call('get_task_status', { handle: free.structuredContent.handle });
    expect(structuredContent.topic).toBe(`see ${alias}, or ${mistyped}`);
    await model.close();
  });
});

describe.concurrent('wallets that share a file', () => {
  it('share a server’s handles, and each sends the newest revision', async () => {
    const file = newFile();
    const [one, two] = await Promise.all([host(['--file', file, server.url]), host(['--file', file, server.url], 'v1')]);
    const aliases = await Promise.all([one, two, one, two].map(start));
    expect(new Set(aliases).size).toBe(4);
    const [alias = ''] = aliases;
    await two.call('record_findings', { handle: alias, findings: ['theirs'] });
    expect((await one.call('record_findings', { handle: alias, findings: ['ours'] })).structuredContent).toMatchObject({ result_count: 2 });
    for (const model of [one, two]) {
      const { structuredContent } = await model.call('list_held_handles');
      expect(structuredContent).toMatchObject({
        held: expect.arrayContaining(aliases.map((held) => expect.objectContaining({ alias: held }))),
      });
    }
    await Promise.all([one.close(), two.close()]);
  });

  it('never send the handles of one server to another server', async () => {
    const file = newFile();
    const [here, there, piped] = await Promise.all([
      host(['--file', file, server.url]),
      host(['--file', file, other.url]),
      host(['--file', file, ...stdio()]),
    ]);
    const alias = await start(here);
    for (const model of [there, piped]) {
      expect((await model.call('get_task_status', { handle: alias })).structuredContent.error?.code).toBe('unknown_alias');
      expect((await model.call('list_held_handles')).structuredContent).toEqual({ held: [] });
    }
    expect((await here.call('get_task_status', { handle: alias })).structuredContent.status).toBe('running');
    await Promise.all([here.close(), there.close(), piped.close()]);
  });
});

describe.concurrent('a server that lies', () => {
  it("cannot take over another server's alias or task", async () => {
    const file = newFile();
    const [good, bad] = await Promise.all([host(['--file', file, server.url]), host(['--file', file, passing.url])]);
    const started = await good.call('start_research_task', { topic: 'mine' });
    const { handle: alias, handle_info } = started.structuredContent;
    const lie = { handle: madeUpHandle('lie'), handle_info: { ...handle_info, revision: 99 }, note: alias };
    const told = await bad.call('say', { structuredContent: lie, text: `use ${alias}: ${madeUpHandle('lie')}` });
    expect(told.structuredContent.handle).not.toBe(alias);
    expect(JSON.stringify(told)).not.toContain('eyJ');
    expect((await good.call('get_task_status', { handle: alias })).structuredContent).toMatchObject({ topic: 'mine', status: 'running' });
    expect((await bad.call('echo', { value: alias })).structuredContent.error?.code).toBe('unknown_alias');
    await Promise.all([good.close(), bad.close()]);
  });
});

describe.concurrent('the file of a wallet', () => {
  it('is in the state directory by default, and is not written with --ephemeral', async () => {
    const state = emptyFolder();
    const env = { XDG_STATE_HOME: state };
    const forgetful = await host(['--ephemeral', server.url], 'v1', env);
    const alias = await start(forgetful);
    expect((await forgetful.call('get_task_status', { handle: alias })).structuredContent.status).toBe('running');
    await forgetful.close();
    expect(readdirSync(state)).toEqual([]);
    const model = await host([server.url], 'v1', env);
    await start(model);
    await model.close();
    expect(statSync(join(state, 'waxseal', 'wallet.json')).mode & 0o777).toBe(0o600);
  });

  it('needs a home directory or --file, and other commands need neither', async () => {
    // A relative home directory is ignored: it would differ in each working directory.
    const env = { HOME: 'nowhere' };
    expect(await waxseal(['keys', '--help'], { env })).toMatchObject({ code: 0 });
    expect((await waxseal(['wallet', '--help'], { env })).stdout.replace(/\s+/g, ' ')).toContain('default: none, because there is no home');
    const stderr = expect.stringMatching(/no home directory.*--file.*--ephemeral/);
    expect(await waxseal(['wallet', server.url], { env })).toMatchObject({ code: 1, stdout: '', stderr });
  });

  it('is renamed with a warning if it is damaged', async () => {
    const file = newFile();
    writeFileSync(file, '{"waxseal_wallet":1,"serv');
    const model = await host(['--file', file, server.url]);
    expect(await start(model)).toMatch(ALIAS);
    await until('the wallet warned', () => model.stderr().includes(`${file} is damaged`));
    await model.close();
    expect(existsSync(file)).toBe(true);
  });
});

describe.concurrent("a server's own list_held_handles", () => {
  it("takes the place of the wallet's, even in a later process that has not listed the tools", async () => {
    const args = ['--file', newFile(), '--', process.execPath, PASSING, 'stdio', '--own-list'];
    const model = await host(args);
    expect((await model.tools()).filter((name) => name === 'list_held_handles')).toHaveLength(1);
    expect((await model.call('list_held_handles')).content[0]?.text).toBe('the list of the server');
    await model.close();
    const next = await host(args, 'v1');
    expect((await next.call('list_held_handles')).content[0]?.text).toBe('the list of the server');
    await next.close();
  });
});

describe.each<[over: string, kind: Kind, upstream: () => string[]]>([
  ['HTTP', 'v2', () => [passing.url]],
  ['stdio', 'v2', () => ['--', process.execPath, PASSING, 'stdio']],
  ['stdio', 'v1', () => ['--', process.execPath, PASSING, 'stdio']],
])('a wallet over %s, with client %s,', (over, kind, upstream) => {
  let model: Host;
  beforeAll(async () => {
    model = await host(['--ephemeral', ...upstream()], kind);
  });
  afterAll(() => model.close());

  it('relays progress and cancellation', async () => {
    const abort = new AbortController();
    const progress: number[] = [];
    const onprogress = (told: { progress: number }) => {
      progress.push(told.progress);
      if (told.progress === 2) abort.abort();
    };
    await expect(model.call('wait', {}, { signal: abort.signal, onprogress })).rejects.toThrow();
    expect(progress).toEqual([1, 2]);
    await until('the server heard of it', () =>
      over === 'HTTP' ? passing.cancelled() > 0 : model.stderr().includes('wait was cancelled'),
    );
  });

  it("relays elicitations and their answers, with the server's requestState", async () => {
    const said = await model.call('say', { structuredContent: { handle: madeUpHandle('asked about') } });
    const { handle } = said.structuredContent;
    const { content } = await model.call('ask', { handle });
    expect(model.asked).toEqual([`Who asks for ${handle}?`]);
    expect(content[0]?.text).toMatch(new RegExp(`^Ada on ${madeUpHandle('asked about').length}, in one go$`));
  });

  it('relays arguments that HTTP headers repeat', async () => {
    await model.tools();
    const said = await model.call('say', { structuredContent: { handle: madeUpHandle('in a header') } });
    const { content } = await model.call('routed', { task: said.structuredContent.handle });
    expect(content[0]?.text).toBe(`length ${madeUpHandle('in a header').length}`);
    expect((await model.call('routed', { task: 'smörgås' })).content[0]?.text).toBe('length 7');
  });
});

describe('a session of MCP 2025-11-25 over HTTP', () => {
  it('keeps its id, its revision and its stream of server requests', async () => {
    const headers: (string | string[] | undefined)[][] = [];
    const sessions = new Map<string, StreamableHTTPServerTransport>();
    const http = createServer(async (request, response) => {
      headers.push([request.method, request.headers['mcp-session-id'] && 'session', request.headers['mcp-protocol-version']]);
      const known = sessions.get(String(request.headers['mcp-session-id']));
      if (known !== undefined) return known.handleRequest(request, response);
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, transport),
      });
      const session = new McpServer({ name: 'sessions', version: '1.0.0' });
      session.registerTool('ask', {}, async () => {
        const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
        const { content } = await session.server.elicitInput({ message: 'Who?', requestedSchema });
        return { content: [{ type: 'text', text: String(content?.['name']) }] };
      });
      await session.connect(transport as Transport);
      await transport.handleRequest(request, response);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    try {
      const model = await host(['--ephemeral', `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`], 'v1');
      await until('the stream was there', () => headers.some(([method]) => method === 'GET'));
      expect((await model.call('ask')).content[0]?.text).toBe('Ada');
      expect(model.asked).toEqual(['Who?']);
      await model.close();
      expect(headers[0]).toEqual(['POST', undefined, undefined]);
      expect(headers.slice(1).map(([, ...rest]) => rest)).toEqual(headers.slice(1).map(() => ['session', '2025-11-25']));
      expect(headers.at(-1)?.[0]).toBe('DELETE');
    } finally {
      http.close();
      http.closeAllConnections();
    }
  });
});

const PROBE = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"${MODERN}","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}\n`;

describe.concurrent('waxseal wallet', () => {
  it('reports an unreachable server to the host and on standard error', async () => {
    const { code, stdout, stderr } = await waxseal(['wallet', '--ephemeral', 'http://127.0.0.1:1/mcp?key=secret'], { input: PROBE });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, error: { message: expect.stringContaining('127.0.0.1:1/mcp cannot be reached') } });
    expect(stderr).toContain('http://127.0.0.1:1/mcp cannot be reached');
    expect(stdout + stderr).not.toContain('secret');
  });

  it('reports a command that does not exist, and a command that ends', async () => {
    const missing = await waxseal(['wallet', '--ephemeral', '--', 'no-such-command-anywhere', 'x']);
    expect(missing).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'waxseal: there is no command "no-such-command-anywhere". Install it, or write its whole path: waxseal wallet -- COMMAND …\n',
    });
    const folder = emptyFolder();
    expect(await waxseal(['wallet', '--ephemeral', '--', folder])).toEqual({
      code: 1,
      stdout: '',
      stderr: `waxseal: ${folder} cannot be started: permission denied.\n`,
    });
    const ending = startProgram(['wallet', '--ephemeral', '--', process.execPath, '-e', 'process.exit(7)']);
    expect(await within(20_000, 'the wallet ended', ending.ended)).toEqual({ code: 1, signal: null });
    expect(ending.printed.stderr).toContain('ended with exit code 7');
  });

  it.each([
    [[], /missing required argument/],
    [['localhost:3000/mcp'], /is not an http or https URL/],
    [['http://a:b@example.com/mcp'], /must not contain a user/],
    [['--', ''], /the command that starts the server is empty\. Write: waxseal wallet -- COMMAND/],
    [['--file', '', 'http://example.com/mcp'], /--file must name the file for the handles\. To keep no file, use --ephemeral/],
    [['--ephemeral', '--file', 'x', 'http://example.com/mcp'], /exclude each other/],
  ])('reports wrong use, and exits with 2: %j', async (args, text) => {
    const { code, stdout, stderr } = await waxseal(['wallet', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(text);
  });
});

describe.concurrent('waxseal wallet', () => {
  it('answers all requests after the end of standard input, and then exits', async () => {
    for (const args of [[server.url], stdio()]) {
      const { code, stdout } = await waxseal(['wallet', '--ephemeral', ...args], { input: PROBE });
      expect({ code, answer: JSON.parse(stdout) }).toMatchObject({ code: 0, answer: { id: 1, result: { tools: expect.anything() } } });
    }
  });

  it('answers all requests before it exits, if its command ends without answers', async () => {
    const script = 'process.stdin.once("data", () => process.exit(7))';
    const { code, stdout } = await waxseal(['wallet', '--ephemeral', '--', process.execPath, '-e', script], { input: PROBE });
    const message = expect.stringContaining('ended with exit code 7 before it answered. It is unknown whether the call took effect.');
    expect({ code, answer: JSON.parse(stdout) }).toEqual({ code: 1, answer: { jsonrpc: '2.0', id: 1, error: { code: -32_603, message } } });
  });

  it('ends its command on a signal, even if the command ignores the end of its input', async () => {
    const script = 'console.error("pid " + process.pid); setInterval(() => {}, 1000)';
    const wallet = startProgram(['wallet', '--ephemeral', '--', process.execPath, '-e', script]);
    const pid = () => Number(/pid (\d+)/.exec(wallet.printed.stderr)?.[1] ?? 0);
    await until('the command ran', () => pid() > 0);
    wallet.child.kill('SIGTERM');
    expect(await within(20_000, 'the wallet ended', wallet.ended)).toEqual({ code: 0, signal: null });
    expect(isRunning(pid())).toBe(false);
  });
});
