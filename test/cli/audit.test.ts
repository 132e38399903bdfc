import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { generatePair, generateRing, type RingDocument, toDocument, toText, withoutSigning } from '../../src/keys/index.ts';
import { newLoggedWorld } from '../audit/support.ts';
import { ringOf } from '../kit/support.ts';
import type { Outcome } from '../support/outcome.ts';
import { currentSecond, DAY, expectNoSecrets, MAIN, temporaryFolder, waxseal } from './support.ts';

const FINDINGS = { findings: ['it was in Lisbon'] };
const now = currentSecond();
let document: RingDocument;
let inspector: string;
let good: string;
let forked: string;
let handle: string;
let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const pair = await generatePair({ iat: now - DAY, nbf: now - DAY, exp: now + DAY });
  [document, inspector] = [toDocument([pair]), toText(toDocument(withoutSigning([pair])))];
  const logged = await newLoggedWorld();
  logged.world.ring = await ringOf(document);
  logged.world.now = now;
  ({ handle } = await logged.call('start_research_task', { topic: 'lost luggage' }));
  const next = await logged.call('record_findings', { handle, ...FINDINGS });
  await logged.call('delegate_task', { handle: next.handle, rights: ['read'] });
  good = logged.log();
  await logged.call('record_findings', { handle, ...FINDINGS });
  forked = logged.log();
});

const audit = (args: readonly string[], input = '', keys = inspector): Promise<Outcome> =>
  waxseal(['audit', ...args], { input, cwd: folder, env: { WAXSEAL_KEYS: keys } });

async function fileWith(name: string, text: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

describe.concurrent('waxseal audit', () => {
  test('shows tasks, their lineages and findings, and no handle, state or key', async () => {
    const outcome = await audit([], forked);
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    const { stdout } = outcome;
    expect(stdout).toMatch(/^Read 8 lines \(.* MB\): 4 different handles, 4 opened and verified\.$/m);
    expect(stdout).toMatch(/^TASK +KIND +REVISIONS +FIRST SEEN +LAST SEEN +EXPIRES +STATE$/m);
    expect(stdout).toMatch(/^[\w-]{16} +research@1 +4 +\d{4}-\S+Z +\d{4}-\S+Z +\d{4}-\S+Z +live$/m);
    expect(stdout).toMatch(
      new RegExp(
        [
          '^ {2}1 {2}\\S{16} {2}first in -:2 at \\S+Z; at 3 places; presented 2 times',
          ' {2}├─ 2 {2}\\S{16} {2}first in -:4 .*; at 2 places; presented once',
          ' {2}│ {2}3 {2}\\S{16} {2}first in -:6 .*; delegated; rights: read',
          ' {2}└─ 2 {2}\\S{16} {2}first in -:8 [^;]*$',
        ].join('\n'),
        'm',
      ),
    );
    expect(stdout).toMatch(/^high {4}fork +-:8 {2}task [\w-]{16}$/m);
    expect(stdout).toMatch(/\n2 findings: 1 high, 1 medium, 0 low\.\n$/);
    expect(stdout).not.toMatch(/lost luggage|Lisbon|eyJhbGci/);
    expectNoSecrets(outcome, document);
  });

  test('exits with 0 if a log has no findings', async () => {
    expect(await audit([], good)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nNo findings\.\n$/) });
    expect(await audit([])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Read 0 lines .*\nThe log has no handle, so nothing was audited/),
    });
  });

  test('with --strict, exits with 3 if a log has no handle, and says so once: in the text, or on standard error if the report is JSON', async () => {
    const why = expect.stringMatching(/^waxseal: The log has no handle, so nothing was audited\. [^\n]*\n$/);
    const log = '{"message":"hello"}\n';
    const told = expect.stringMatching(/^Read 1 line .*\nThe log has no handle, so nothing was audited\. [^\n]*\n$/);
    expect(await audit(['--strict'], log)).toEqual({ code: 3, stdout: told, stderr: '' });
    for (const format of ['--sarif', '--json'])
      expect(await audit(['--strict', format], log)).toMatchObject({
        code: 3,
        stdout: expect.not.stringContaining('nothing was audited'),
        stderr: why,
      });
  });

  test('reads files in the given order, and standard input for -', async () => {
    const { stdout, code } = await audit([await fileWith('one.log', good), '-', '--json'], forked.slice(good.length));
    expect(code).toBe(1);
    const { read, findings } = JSON.parse(stdout);
    expect(read).toMatchObject({ sources: 2, lines: 8 });
    expect(findings[0]).toMatchObject({ type: 'fork', where: { source: '-', line: 2 } });
  });

  test('recognizes gzip and UTF-16 by a file’s first bytes, not by its name', async () => {
    const forms = { gz: gzipSync(good), le: Buffer.from(`\ufeff${good}`, 'utf16le'), bare: Buffer.from(good, 'utf16le') };
    const files = await Promise.all(Object.entries(forms).map(([name, bytes]) => fileWith(`packed-${name}.txt`, bytes)));
    for (const file of files) {
      const { code, stdout } = await audit([file, '--strict']);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/: 3 different handles, 3 opened[\s\S]*\nNo findings\.\n$/)]);
    }
  });

  test('does not say "No findings." if it could not read everything', async () => {
    const text = `${good}then ${handle}\nand ${handle.slice(0, -9)}\n`;
    const { code, stdout } = await audit([], text.replaceAll(/"time":\d+,/g, ''));
    expect(code).toBe(0);
    expect(stdout).toContain(
      '\nNot understood:\n  at 1 of 6 places nothing tells whether a handle was presented or issued\n  1 cut or changed handle that nobody can open\n',
    );
    const clean = `${good}and ${handle.slice(0, -9)}\n`;
    expect(await audit([], clean)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nNo findings in what could be read\.\n$/) });
    expect(await audit(['--strict'], clean)).toMatchObject({ code: 3 });
    expect(await audit(['--strict'], good)).toMatchObject({ code: 0 });
    expect(await audit(['--strict'], `${forked}and ${handle.slice(0, -9)}\n`)).toMatchObject({ code: 1 });
  });

  test('prints JSON as --help describes it', async () => {
    const [{ stdout }, { stdout: help }] = await Promise.all([audit(['--json'], forked), waxseal(['audit', '--help'])]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ version: 1, verified: true, protocol_values: [], unopened: [] });
    expect(report.tasks[0].revisions.map(({ delegated }: { delegated: boolean }) => delegated)).toEqual([false, false, false, true]);
    const described = help.slice(help.indexOf('--json prints'));
    const [task] = report.tasks;
    for (const part of [report, report.read, report.unread, task, task.revisions[3], report.findings[0], task.first]) {
      for (const member of Object.keys(part)) expect(described).toMatch(new RegExp(`\\b${member}\\b`));
    }
  });

  test.each([
    ['high', 'medium', 0],
    ['medium', 'medium', 1],
    ['low', 'medium', 1],
  ])('compares --fail-on %s with a finding of severity %s, and exits with %i', async (failOn, severity, code) => {
    const lie = JSON.stringify({ handle, handle_info: { revision: 9 } });
    const outcome = await audit(['--fail-on', failOn], `${good}${lie}\n`);
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toMatch(new RegExp(`^${severity} +contradicted_info`, 'm'));
  });

  test('compares the callers in the member that --caller-field names', async () => {
    const lines = ['ann', 'eve\u009b2J\u061c\u200b\u{e0041}'].map((user) => JSON.stringify({ req: { user }, text: handle }));
    const { code, stdout } = await audit(['--caller-field', 'req.user'], lines.join('\n'));
    expect(code).toBe(1);
    expect(stdout).toContain('The caller is "eve\\u009b2J\\u061c\\u200b\\udb40\\udc41" here, and "ann" elsewhere.');
  });

  test('says that no ring was named, and reports the values beside handles as unverified', async () => {
    const { code, stdout } = await waxseal(['audit'], { input: forked });
    expect(code).toBe(0);
    expect(stdout).toContain('none opened, because no ring was named (--keys)');
    expect(stdout).toMatch(/^medium {2}fork .*\(unverified\)$/m);
    expect(stdout).toMatch(
      /\n2 findings: 0 high, 1 medium, 1 low\. Unverified findings have .* to verify them, name a ring .*\(--keys\)\.\n$/,
    );
    expect(await waxseal(['audit', '--fail-on', 'medium'], { input: forked })).toMatchObject({ code: 1 });
    const bare = await waxseal(['audit'], { input: `${handle}\n` });
    expect(bare.stdout).toMatch(new RegExp(`^${document.keys[0]?.kid} +not opened +1 +${handle.length}$`, 'm'));
  });

  test('opens no handle with the ring of another server', async () => {
    const { code, stdout } = await audit(['--fail-on', 'low'], good, toText(await generateRing(now)));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^low +other_ring +-:2 {2}3 handles$/m);
  });

  test('exits with the right code if its reader closes the pipe early', async () => {
    const many = Array.from({ length: 2000 }, (_, at) =>
      JSON.stringify({
        handle: `${handle.slice(0, -33)}${String(at).padStart(8, 'A')}${handle.slice(-25)}`,
      }),
    );
    const child = spawn(process.execPath, [MAIN, 'audit', '--json'], { env: { PATH: process.env['PATH'], WAXSEAL_KEYS: inspector } });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.on('error', () => {}).end(many.join('\n'));
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });
});

describe.concurrent('waxseal audit', () => {
  test.each([
    ['a missing file', ['nowhere.log'], /cannot read "nowhere\.log": there is no such file/],
    ['a folder', ['.'], /cannot read "\.": it is a folder; name the files in it/],
    ['a caller field without a name', ['--caller-field', ''], /--caller-field must name a member of the JSON lines/],
    ['a page without a name', ['--html', ''], /--html must name the file of the page, e\.g\. --html report\.html/],
    ['a page that is a folder', ['--html', '.'], /cannot write \.: it is a folder\. Name a file in it: --html report\.html/],
    ['standard input named twice', ['-', '-'], /name "-" only once/],
    [
      'a page in a folder that does not exist',
      ['--html', 'absent/report.html'],
      /cannot write absent\/report\.html: the folder absent does not exist/,
    ],
    ['an unknown severity', ['--fail-on', 'never'], /Allowed choices are high, medium, low/],
  ])('exits with 2 for %s', async (_name, args, says) => {
    const outcome = await audit(args, good);
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) });
  });

  test('with --html, replaces only an earlier page: a user may forget to name the page, and --html then takes the name of the log', async () => {
    const log = await fileWith('to-keep.log', good);
    const outcome = await audit(['--html', log]);
    expect(outcome).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/--html would replace to-keep\.log, which is not/),
    });
    expect(await readFile(join(folder, log), 'utf8')).toBe(good);
    for (const input of [good, forked]) await audit(['--html', 'page.html'], input);
    expect(await readFile(join(folder, 'page.html'), 'utf8')).toMatch(/"type": ?"fork"/);
  });

  test.each([
    ['bzip2', () => Buffer.from('BZh91AY&SY'), 'bzip2 -dc'],
    ['zstd', () => Buffer.from('28b52ffd2000', 'hex'), 'zstd -dc'],
    ['bzip2 in gzip', () => gzipSync(Buffer.from('BZh91AY&SY')), 'bzip2 -dc'],
  ])('exits with 2 for a log packed with %s, because it would find no handle in the log', async (name, write, command) => {
    const { code, stdout, stderr } = await audit([await fileWith(`${name}.log`, write())]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`is compressed, and so no handle would be found in it. Pipe it through: ${command}`);
  });

  test('exits with 2 for a gzipped log that ends too early', async () => {
    const packed = gzipSync(good);
    const { code, stdout, stderr } = await audit([await fileWith('short.log.gz', packed.subarray(0, packed.length - 20))]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/"short\.log\.gz" is a broken gzip file: unexpected end of file\. To audit its readable part: gzip -dc/);
  });

  test('exits with 2 if more data follow the zeros after gzip data, because Node.js would silently leave them out', async () => {
    const packed = Buffer.concat([gzipSync(good), Buffer.alloc(512)]);
    expect(await audit([await fileWith('padded.log.gz', packed), '--strict'])).toMatchObject({ code: 0 });
    for (const more of [gzipSync(forked), Buffer.from(forked)]) {
      const { code, stdout, stderr } = await audit([await fileWith('more.log.gz', Buffer.concat([packed, more]))]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/"more\.log\.gz" is a broken gzip file: more data after zero bytes\. To audit its readable part: gzip -dc/);
    }
  });

  test('exits with 2 for a ring that cannot be read', async () => {
    const outcome = await audit([], good, inspector.slice(0, -30));
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/The key ring is not JSON/) });
    expectNoSecrets(outcome, document);
  });
});

test('waxseal audit --help lists findings with severities, examples and exit codes', async () => {
  const { code, stdout } = await waxseal(['audit', '--help']);
  expect(code).toBe(0);
  for (const type of ['altered', 'fork', 'wrong_caller', 'incomplete', 'replay', 'used_after_expiry', 'revoked_key', 'gap', 'other_ring']) {
    expect(stdout).toMatch(new RegExp(`^ +(high|medium|low)? +${type} `, 'm'));
  }
  expect(stdout).toMatch(/Examples:\n {2}waxseal audit --keys/);
  expect(stdout).toMatch(/Exit codes: 0 .*, 1 .*, 2 /);
});
