/** Tests several workers on one port. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emptyFolder, ringFile } from '../../../support/folders.ts';
import { sendRaw } from '../../../support/http.ts';
import { type Answer, messageIn, toolCall } from '../../../support/mcp.ts';
import { type ProgramOptions, type RunningServer, runProgram, startProgram, startServer } from '../../../support/program.ts';
import { until, within } from '../../../support/wait.ts';

/** A line of the log. */
interface Line {
  readonly level: number;
  readonly msg: string;
  readonly pid: number;
  readonly worker?: number;
  readonly worker_pid?: number;
  readonly pause_ms?: number;
}

const PROMPT = 5_000;

function linesOf({ printed }: { printed: { stdout: string } }): Line[] {
  return printed.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** Returns the pids of the workers by number. The newest process of each number counts. */
function processesOf(server: RunningServer): Map<number, number> {
  const listening = linesOf(server).filter(({ msg, worker }) => worker !== undefined && msg.startsWith('listening at'));
  return new Map(listening.map(({ worker = 0, pid }) => [worker, pid]));
}

async function startTwo(args: readonly string[] = [], options?: ProgramOptions): Promise<RunningServer> {
  const ring = options === undefined ? ['--keys', (await ringFile()).path] : [];
  const server = await startServer(['--workers', '2', ...ring, ...args], options);
  onTestFinished(() => server.kill());
  await until('both workers listened', () => processesOf(server).size === 2);
  return server;
}

/** Calls a tool on a new connection, which goes to the next worker. */
async function call({ url }: { url: string }, name: string, args: Record<string, unknown>): Promise<Answer> {
  const { status, text } = await sendRaw(url, toolCall(name, args));
  if (status !== 200) throw new Error(`${name} was answered ${status}: ${text}`);
  return messageIn(text).result as Answer;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const kidOf = ({ structuredContent: { handle } }: Answer): string =>
  JSON.parse(Buffer.from(handle.slice(0, handle.indexOf('.')), 'base64url').toString()).kid;

describe('several workers', () => {
  test('serve one port, which the log names once, and continue each other’s tasks', async () => {
    const server = await startTwo();
    let { handle } = (await call(server, 'start_research_task', { topic: 'who answers' })).structuredContent;
    for (let count = 1; count <= 6; count += 1) {
      const { structuredContent } = await call(server, 'record_findings', { handle, findings: [`finding ${count}`] });
      expect(structuredContent.result_count).toBe(count);
      handle = structuredContent.handle;
    }
    const calls = () => linesOf(server).filter(({ msg }) => msg === 'tool call');
    await until('every call had its line', () => calls().length === 7);
    expect(new Set(calls().map(({ worker }) => worker))).toEqual(new Set([1, 2]));
    expect(linesOf(server).filter(({ msg }) => msg.includes('serves MCP at'))).toHaveLength(1);
  });

  test('share one development ring', async () => {
    const server = await startTwo([], { cwd: emptyFolder() });
    expect(linesOf(server).filter(({ msg }) => msg.startsWith('Wrote a development key ring'))).toMatchObject([{ level: 40 }]);
    expect(linesOf(server).filter(({ msg, worker }) => worker !== undefined && !msg.startsWith('listening at'))).toEqual([]);
  });

  test('are replaced when they are killed under load, without a lost handle or a closed port', async () => {
    const server = await startTwo();
    const [[number = 0, pid = 0] = []] = processesOf(server);
    let [isOver, broken, ended] = [false, 0, 0];
    /** Repeats a call with the same handle if the connection breaks. */
    const patiently = async (name: string, args: Record<string, unknown>): Promise<Answer> => {
      for (;;) {
        try {
          return await call(server, name, args);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === undefined) throw error;
          broken += 1;
        }
      }
    };
    /** Each client runs one task after another. No task may lose a finding that a worker has acknowledged. */
    const chains = Array.from({ length: 4 }, async (_, chain) => {
      while (!isOver) {
        const topic = `chain ${chain}`;
        let { handle } = (await patiently('start_research_task', { topic })).structuredContent;
        const findings = ['a first', 'a second', 'a third'];
        for (const finding of findings)
          ({ handle } = (await patiently('record_findings', { handle, findings: [finding] })).structuredContent);
        expect((await patiently('get_task_status', { handle })).structuredContent).toMatchObject({ topic, results: findings });
        ended += 1;
      }
    });
    const over = Promise.all(chains);
    over.catch(() => {});
    await Promise.race([until('there was load', () => ended > 4), over]);
    process.kill(pid, 'SIGKILL');
    await Promise.race([until('another took its place', () => (processesOf(server).get(number) ?? pid) !== pid), over]);
    isOver = true;
    await over;
    // The port stayed open, so only requests of the killed process can have broken.
    expect(broken).toBeLessThanOrEqual(chains.length);
    expect(linesOf(server)).toContainEqual(
      expect.objectContaining({ level: 50, worker: number, worker_pid: pid, msg: expect.stringContaining('it ended by SIGKILL') }),
    );
    server.child.kill('SIGTERM');
    expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
  });

  test('read a changed ring file at about the same time', async () => {
    const { path } = await ringFile();
    const server = await startTwo(['--keys', path], {});
    const before = await call(server, 'start_research_task', { topic: 'before' });
    expect(await runProgram(['keys', 'rotate', '--keys', path, '--activate-in', '1s'])).toMatchObject({ code: 0 });
    const read = () => linesOf(server).filter(({ msg, worker }) => worker !== undefined && msg.startsWith('Key ring read again'));
    await until('both had read the ring', () => new Set(read().map(({ worker }) => worker)).size === 2);
    const [one, other] = read() as [Line & { time: number }, Line & { time: number }];
    expect(Math.abs(one.time - other.time)).toBeLessThan(1_000);
    const isNew = async () => kidOf(await call(server, 'start_research_task', { topic: 'after' })) !== kidOf(before);
    await until('the new key minted', isNew);
    expect(await Promise.all([isNew(), isNew(), isNew(), isNew()])).toEqual([true, true, true, true]);
    for (const _ of [1, 2]) {
      expect((await call(server, 'get_task_status', { handle: before.structuredContent.handle })).structuredContent.topic).toBe('before');
    }
  });

  test('read the ring again on SIGHUP', async () => {
    const server = await startTwo();
    server.child.kill('SIGHUP');
    const readers = () => linesOf(server).flatMap(({ msg, worker }) => (msg.startsWith('Key ring read again') ? [worker] : []));
    await until('all had read it', () => [undefined, 1, 2].every((worker) => readers().includes(worker)));
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'answer the requests in flight and exit with 0 when the primary process, or every process, gets %s',
    async (signal) => {
      const server = await startTwo();
      const halves = await Promise.all([1, 2, 3, 4].map((n) => halfSent(server, `in two halves ${n}`)));
      const pids = [...processesOf(server).values()];
      server.child.kill(signal);
      // A terminal signals every process of the group.
      if (signal === 'SIGINT') for (const pid of pids) process.kill(pid, signal);
      await until('all said that they stop', () => linesOf(server).filter(({ msg }) => msg.includes('then stopping')).length === 3);
      for (const half of halves) half.finish();
      for (const half of halves) expect([200, 503]).toContain(await within(PROMPT, 'it was answered', half.status));
      expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 0, signal: null });
      expect(pids.filter(isAlive)).toEqual([]);
      expect(linesOf(server).filter(({ level }) => level >= 40)).toEqual([]);
    },
  );

  test('end at once at a second signal, and leave no process behind', async () => {
    const server = await startTwo();
    const half = await halfSent(server, 'never finished');
    const pids = [...processesOf(server).values()];
    server.child.kill('SIGTERM');
    await server.says('SIGTERM: ');
    server.child.kill('SIGTERM');
    expect(await within(PROMPT, 'the server ended', server.ended)).toEqual({ code: 1, signal: null });
    await until('no worker lived', () => pids.filter(isAlive).length === 0, PROMPT);
    await half.status.catch(() => {});
  });

  test('do not outlive a primary process that is killed', async () => {
    const server = await startTwo();
    const pids = [...processesOf(server).values()];
    await server.kill();
    await until('no worker lived', () => pids.filter(isAlive).length === 0, PROMPT);
  });

  test('can be stopped before any serves', async () => {
    const program = startProgram(['serve', '--port', '0', '--workers', '2', '--keys', (await ringFile()).path]);
    onTestFinished(() => program.kill());
    await program.says('2 workers');
    program.child.kill('SIGTERM');
    expect(await within(PROMPT * 3, 'it ended', program.ended)).toEqual({ code: 0, signal: null });
  });

  test('report once why none can start', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await until('the port was taken', () => taken.listening);
    const { port } = taken.address() as { port: number };
    const { path } = await ringFile();
    expect(await runProgram(['serve', '--workers', '2', '--keys', path, '--port', String(port)])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^waxseal: port \d+ is taken\. [^\n]+\n$/),
    });
    // Only a worker contacts the issuer, so only a worker notices that the issuer is wrong.
    const nobody = createHttpServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    onTestFinished(() => void nobody.close());
    await until('the issuer listened', () => nobody.listening);
    const name = `http://127.0.0.1:${(nobody.address() as { port: number }).port}`;
    const issuer = ['--auth-issuer', name, '--auth-audience', 'https://mcp.example.com/mcp'];
    const unauthorized = await runProgram(['serve', '--workers', '2', '--keys', path, '--port', '0', ...issuer]);
    expect(unauthorized.code).not.toBe(0);
    expect(unauthorized.stderr.match(/^waxseal: /gm)).toHaveLength(1);
  });

  test('are started again after longer and longer pauses, until the program ends and prints why no worker could start', async () => {
    const file = join(emptyFolder(), 'program.mjs');
    const server = new URL('../../../../dist/server/index.js', import.meta.url);
    writeFileSync(
      file,
      `import cluster from 'node:cluster'; import { serve } from '${server}';\nif (cluster.isWorker) process.exit(7);\nawait serve([], { name: 'none', version: '1.0.0' });`,
    );
    const { code, stdout, stderr } = await runScript(file, {
      WAXSEAL_WORKERS: '2',
      WAXSEAL_PORT: '0',
      WAXSEAL_KEYS_FILE: (await ringFile()).path,
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'No worker could start: it ended with exit code 7.\n' });
    const pauses = linesOf({ printed: { stdout } }).flatMap(({ pause_ms }) => pause_ms ?? []);
    expect(Math.max(...pauses)).toBeGreaterThan(Math.min(...pauses));
  });

  test('are not started by a worker of another cluster', async () => {
    const file = join(emptyFolder(), 'program.mjs');
    const server = new URL('../../../../dist/server/index.js', import.meta.url);
    writeFileSync(
      file,
      `import cluster from 'node:cluster'; import { serve } from '${server}';
      if (cluster.isPrimary) cluster.fork().on('listening', (address) => process.exit(0));
      else await serve([], { name: 'none', version: '1.0.0' });`,
    );
    const { code, stdout } = await runScript(file, { WAXSEAL_WORKERS: '2', WAXSEAL_PORT: '0', WAXSEAL_KEYS_FILE: (await ringFile()).path });
    expect(code).toBe(0);
    expect(stdout).toContain('--workers is ignored');
  });

  test('divide --max-connections among themselves, and log that each worker counts --rate-limit separately', async () => {
    const server = await startTwo(['--max-connections', '5', '--rate-limit', '7']);
    await server.says('up to 2 times 7 requests a minute');
    await server.says('--max-connections allows each worker 3 connections');
    const { stdout: help } = await runProgram(['serve', '--help']);
    expect(help.replace(/\s+/g, ' ')).toMatch(/Each replica and each worker counts separately .*divided among the workers/);
  });

  test.each(['0', '-1', '257', 'two', '1.5'])('--workers %s is refused', async (workers) => {
    const { code, stderr } = await runProgram(['serve', '--workers', workers, '--port', '0']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('--workers must be a whole number from 1 to 256, or auto'),
    });
  });
});

/** Sends a request without the end of its body. */
async function halfSent({ url }: RunningServer, topic: string): Promise<{ finish(): void; status: Promise<number> }> {
  const { headers, body } = toolCall('start_research_task', { topic });
  const sent = request(url, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-length': String(body.length), expect: '100-continue' },
  });
  const status = new Promise<number>((resolve, reject) => {
    sent.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
  });
  status.catch(() => {});
  const begun = new Promise<void>((resolve) => sent.once('continue', () => resolve()));
  sent.flushHeaders();
  await within(PROMPT * 4, 'the server had the headers', begun);
  sent.write(body.slice(0, 20));
  return { finish: () => sent.end(body.slice(20)), status };
}

async function runScript(file: string, env: Record<string, string>) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [file], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}
