import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import { generateRing, toText } from '../../src/keys/index.ts';
import { fieldsOf, newWorld } from '../kit/support.ts';
import { currentSecond, MAIN, temporaryFolder, waxseal } from './support.ts';

let handle: string;
let name: string;
beforeAll(async () => {
  handle = fieldsOf(await (await newWorld()).call('start_research_task', { topic: 'lost luggage' })).handle;
  name = `[handle ${await fingerprint(handle)}]`;
});

const PIECES = 'pieces of handles, or other secrets in base64url such as keys';
const replaced = (handles: string, cut: number) => `waxseal: replaced ${handles}, and ${cut} that were cut.\n`;

describe.concurrent('waxseal redact', () => {
  test('copies standard input with fingerprints for handles, and says how many it replaced', async () => {
    const input = `a ${handle} b\n"${handle.slice(0, 200)}…"\n${JSON.stringify({ handle })}\n`;
    const expected = `a ${name} b\n"[handle, cut]…"\n${JSON.stringify({ handle: name })}\n`;
    expect(await waxseal(['redact'], { input })).toEqual({ code: 0, stdout: expected, stderr: replaced('2 handles', 1) });
  });

  test('works without WebAssembly', async () => {
    const run = promisify(execFile)(process.execPath, ['--jitless', MAIN, 'redact']);
    run.child.stdin?.end(`a ${handle} b\n`);
    const { stdout, stderr } = await run;
    expect(stdout).toBe(`a ${name} b\n`);
    expect(stderr).toContain(replaced('1 handle', 0));
  });

  test('leaves everything but handles unchanged in files of any size, and writes one file after the other', async () => {
    const folder = await temporaryFolder();
    const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * 7919) % 256));
    await writeFile(join(folder, 'one'), Buffer.concat([bytes, Buffer.from(handle), bytes]));
    await writeFile(join(folder, 'two'), handle.slice(0, 90));
    const args = [MAIN, 'redact', join(folder, 'one'), join(folder, 'two'), join(folder, 'one')];
    const options = { encoding: 'buffer', maxBuffer: 1e8 } as const;
    const run = promisify(execFile)(process.execPath, args, options);
    const { code, stdout, stderr }: { code?: number; stdout: Buffer; stderr: Buffer } = await run.catch((error) => error);
    // Exit code 3: these bytes may be compressed data.
    expect(code).toBe(3);
    const one = Buffer.concat([bytes, Buffer.from(name), bytes]);
    expect(Buffer.concat([one, Buffer.from('[handle, cut]'), one]).equals(stdout)).toBe(true);
    expect(stderr.toString().startsWith(replaced('2 handles', 1))).toBe(true);
  });

  test('writes each line as soon as it is read', async () => {
    const child = spawn(process.execPath, [MAIN, 'redact'], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.write(`one ${handle}\n`);
    const [text] = await once(child.stdout.setEncoding('utf8'), 'data');
    expect(text).toBe(`one ${name}\n`);
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  test('exits with 0 if its reader closes the pipe early', async () => {
    const child = spawn(process.execPath, [MAIN, 'redact'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.on('error', () => {}).end(`${handle}\n`.repeat(20_000));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(stderr).toBe('');
  });
});

describe.concurrent('waxseal redact', () => {
  test('replaces a handle that was split over lines', async () => {
    const input = `${handle.match(/.{1,76}/g)?.join('\n')}\n`;
    expect(await waxseal(['redact'], { input })).toEqual({ code: 0, stdout: `${name}\n`, stderr: replaced('1 handle', 0) });
  });

  test('replaces the end of a handle whose beginning is missing', async () => {
    const tails = [handle.slice(handle.indexOf('..')), handle.slice(handle.indexOf('..') + 1)];
    const input = tails.map((tail) => `a ${tail} b\n`).join('');
    const expected = { code: 0, stdout: 'a [handle, cut] b\n'.repeat(2), stderr: replaced('0 handles', 2) };
    expect(await waxseal(['redact'], { input })).toEqual(expected);
  });

  test('names a line with only the end of a handle, and leaves it unchanged, because the end may belong to another token', async () => {
    const input = `one\na ${handle.slice(-60)} b\n`;
    const stderr = `${replaced('0 handles', 0)}waxseal: 1 line stays unchanged, but may hold ${PIECES}. Line numbers: 2\n`;
    expect(await waxseal(['redact'], { input })).toEqual({ code: 3, stdout: input, stderr });
  });

  test.each([
    ['gzip', gzipSync],
    ['raw deflate', deflateRawSync],
  ])('names the lines of compressed data after readable text, as in the output of `cat a.log b.log.gz`: %s', async (_name, compress) => {
    const file = join(await temporaryFolder(), 'log');
    await writeFile(file, Buffer.concat([Buffer.from('plain first line\n'), compress(JSON.stringify({ result: { handle } }))]));
    expect(await waxseal(['redact', file])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`may hold ${PIECES}. Line numbers: `),
    });
  });

  test('names the lines with possible pieces of handles, and exits with 3', async () => {
    const input = `one\ntwo ${handle.slice(150, 220)} two\nthree\n`;
    const stderr = `${replaced('0 handles', 0)}waxseal: 1 line stays unchanged, but may hold ${PIECES}. Line numbers: 2\n`;
    expect(await waxseal(['redact'], { input })).toEqual({ code: 3, stdout: input, stderr });
  });

  test('names all lines with possible pieces as ranges, even if there are hundreds', async () => {
    const line = `session ${handle.slice(150, 220)}\n`;
    const input = `${line.repeat(300)}a line of words\n${line}another line\n${line.repeat(2)}`;
    const { code, stderr } = await waxseal(['redact'], { input });
    expect(code).toBe(3);
    expect(stderr).toContain(`waxseal: 303 lines stay unchanged, but may hold ${PIECES}. Line numbers: 1-300, 302, 304-305\n`);
  });

  test('says that the lines of a key ring may hold keys, because keys look like pieces of handles', async () => {
    const input = toText(await generateRing(currentSecond()));
    const secrets = input.split('\n').flatMap((line, at) => (/"[kd]":/.test(line) ? [String(at + 1)] : []));
    const { code, stdout, stderr } = await waxseal(['redact'], { input });
    expect({ code, stdout }).toEqual({ code: 3, stdout: input });
    const [, numbers = ''] = /^waxseal: \d+ lines stay unchanged, but may hold (?:.*): ([\d, -]+)$/m.exec(stderr) ?? [];
    expect(stderr).toContain(PIECES);
    const named = numbers.split(', ').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number) as [number, number?];
      return Array.from({ length: last - first + 1 }, (_, at) => String(first + at));
    });
    expect(named).toEqual(expect.arrayContaining(secrets));
  });
});

describe.concurrent('waxseal redact', () => {
  test('exits with 2, and writes nothing, for a missing file after a readable one', async () => {
    const file = join(await temporaryFolder(), 'log');
    await writeFile(file, 'text');
    const outcome = await waxseal(['redact', file, 'nowhere.log']);
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/cannot read "nowhere\.log"/) });
  });

  test('exits with 2, and writes nothing, for a compressed file, where it would find no handle', async () => {
    const file = join(await temporaryFolder(), 'log.gz');
    await writeFile(file, gzipSync(handle));
    expect(await waxseal(['redact', file])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/gzip -dc/) });
  });
});

describe.concurrent('waxseal redact', () => {
  test.each([
    ['gzip', gzipSync, /gzip -dc/],
    ['zlib', deflateSync, /pigz -dc/],
  ])('refuses compressed data from a slow pipe that delivers its first bytes one by one: %s', async (_name, compress, command) => {
    const child = spawn(process.execPath, [MAIN, 'redact'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    for (const byte of compress(handle).subarray(0, 3)) await new Promise((resolve) => child.stdin.write(Buffer.from([byte]), resolve));
    child.stdin.write(compress(handle).subarray(3));
    expect(await once(child, 'close')).toEqual([2, null]);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(command) });
  });
});

test('waxseal redact --help says what the command recognizes and what not, with examples and exit codes', async () => {
  const { code, stdout } = await waxseal(['redact', '--help']);
  expect(code).toBe(0);
  for (const part of [
    '[handle, cut]',
    'does not recognize',
    'Examples:\n  waxseal redact',
    'Exit codes: 0 good, 2 wrong use',
    '3 some lines may',
  ]) {
    expect(stdout).toContain(part);
  }
});
