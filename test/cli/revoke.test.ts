import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { attenuate, issue, open, subjectClaim } from '../../src/handle/index.ts';
import { generateRing, mintingKey, openingKey, parseDocument, toDocument, withoutSigning } from '../../src/keys/index.ts';
import { callTool } from '../support/mcp.ts';
import { startServer } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { currentSecond, DAY, expectNoSecrets, fileOf, ringIn, waxseal } from './support.ts';

const LONGEST_LIFE = 30 * DAY;
const ISSUER = 'https://issuer.example';

/** A ring in a file, and a handle of it. */
async function ringWithTask() {
  const now = currentSecond();
  const path = await fileOf(await generateRing(now - 10));
  const ring = await ringIn(path);
  const key = mintingKey(ring, now);
  if (key === undefined) throw new Error('a fresh ring mints');
  const issued = await issue({ kind: 'research@1', state: {}, now, lifetime: DAY }, key);
  return { now, path, ring, key, ...issued };
}

async function revocationsIn(path: string) {
  return parseDocument(await readFile(path, 'utf8')).revocations;
}

describe.concurrent('waxseal revoke', () => {
  test('revokes a task by its id, until all its handles have expired, and changes nothing else', async () => {
    const { path, claims, now } = await ringWithTask();
    const before = parseDocument(await readFile(path, 'utf8'));
    const outcome = await waxseal(['revoke', claims.jti, '--keys', path]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(
      new RegExp(
        `^Revoked all handles of task ${claims.jti} in ${path} until \\d{4}-.*Z\\. Once every replica has this ring, servers refuse these handles`,
      ),
    );
    expect(outcome.stdout).toContain('The ring holds 1 of 10000 revocations.');
    const until = (await revocationsIn(path)).tasks.get(claims.jti) ?? 0;
    expect(until).toBeGreaterThanOrEqual(now + LONGEST_LIFE);
    expect(until).toBeLessThan(now + LONGEST_LIFE + 120);
    expect(parseDocument(await readFile(path, 'utf8')).pairs).toEqual(before.pairs);
    expectNoSecrets(outcome, toDocument(before.pairs));
  });

  test('given a handle, revokes its task until the handle expires, and does not print the handle', async () => {
    const { path, handle, claims } = await ringWithTask();
    const outcome = await waxseal(['revoke', '-', '--keys', path], { input: `${handle}\n` });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect([...(await revocationsIn(path)).tasks]).toEqual([[claims.jti, claims.exp + 60]]);
    expect(outcome.stdout).not.toContain(handle.slice(-30, -10));
  });

  test('given a delegated handle, revokes its task beyond the expiry of this handle, because the task has longer-lived handles', async () => {
    const { now, path, ring, key, handle, claims } = await ringWithTask();
    const kinds = new Map([['research@1', (state: unknown) => state]]);
    const opened = await open(handle, { findKey: (kid) => openingKey(ring, kid, now), now, kinds, needs: [] });
    const handedOn = await attenuate(opened, { rights: ['read'], exp: now + 60, now }, key);
    await waxseal(['revoke', handedOn.handle, '--keys', path]);
    expect((await revocationsIn(path)).tasks.get(claims.jti)).toBeGreaterThan(claims.exp);
  });

  test('turns an issuer and a subject into the claim sub of their handles, and revokes it', async () => {
    const { path } = await ringWithTask();
    const { code, stdout } = await waxseal(['revoke', '--subject', ISSUER, 'ada', '--keys', path]);
    const sub = await subjectClaim({ issuer: ISSUER, subject: 'ada' });
    expect(code).toBe(0);
    expect(stdout).toContain(`Revoked all handles of the caller "ada" of ${ISSUER} (sub ${sub})`);
    expect([...(await revocationsIn(path)).subjects.keys()]).toEqual([sub]);
  });

  test('accepts ids and subjects that begin with dashes', async () => {
    const { path } = await ringWithTask();
    for (const task of ['-uiBjSvH1VylxPMQ', '--iBjSvH1VylxPMQ', '-hiBjSvH1VylxPMQ', '-ViBjSvH1VylxPMQ']) {
      expect(await waxseal(['revoke', task, '--keys', path])).toMatchObject({ code: 0, stderr: '' });
      expect([...(await revocationsIn(path)).tasks.keys()]).toContain(task);
    }
    const ofCaller = await waxseal(['revoke', '--keys', path, '--subject', ISSUER, '-ada']);
    expect(ofCaller).toMatchObject({ code: 0, stderr: '' });
    expect(ofCaller.stdout).toContain(`Revoked all handles of the caller "-ada" of ${ISSUER}`);
    const misspelt = await waxseal(['revoke', '--subjekt', ISSUER, 'ada', '--keys', path]);
    expect(misspelt).toMatchObject({ code: 2, stdout: '' });
  });

  test('keeps earlier revocations and drops ended ones, like every command that changes a ring', async () => {
    const { path, claims, now } = await ringWithTask();
    const { pairs } = parseDocument(await readFile(path, 'utf8'));
    const revocations = { tasks: new Map([['A'.repeat(16), now - 1]]), subjects: new Map([[`${'C'.repeat(21)}A`, now + DAY]]) };
    const other = await fileOf(toDocument(pairs, { revocations }));
    await waxseal(['revoke', claims.jti, '--keys', other]);
    expect([...(await revocationsIn(other)).tasks.keys()]).toEqual([claims.jti]);
    expect((await revocationsIn(other)).subjects.size).toBe(1);
    const third = await fileOf(toDocument(pairs, { revocations }));
    await waxseal(['keys', 'rotate', '--keys', third]);
    expect(await revocationsIn(third)).toEqual({ tasks: new Map(), subjects: revocations.subjects });
  });

  test('warns, as keys list does, if the ring does not fit into an environment variable', async () => {
    const { path, claims, now } = await ringWithTask();
    const { pairs } = parseDocument(await readFile(path, 'utf8'));
    const tasks = new Map(Array.from({ length: 120 }, (_, at) => [String(at).padStart(16, '0'), now + DAY]));
    const large = await fileOf(toDocument(pairs, { revocations: { tasks, subjects: new Map() } }));
    const note =
      /^Note: as an environment variable this ring takes \d+ bytes\. That is more than AWS Lambda's 4 KB for all variables together and a Cloudflare Worker's 5 KB for one variable\./;
    expect((await waxseal(['revoke', claims.jti, '--keys', large])).stderr).toMatch(note);
    const listed = await waxseal(['keys', 'list', '--keys', large]);
    expect(listed.stderr).toMatch(note);
    expect(listed.stdout).toContain('Revokes 121 tasks and 0 callers.');
    const json = JSON.parse((await waxseal(['keys', 'list', '--json', '--keys', path])).stdout);
    expect(json.revocations).toEqual({ tasks: 0, subjects: 0 });
  });

  test.each([
    ['no argument', [], /^waxseal: say what to revoke: waxseal revoke TASK, or/],
    [
      'a task together with a caller',
      ['AAECAwQFBgcICQoL', '--subject', ISSUER, 'ada'],
      /^waxseal: this command revokes a task or a caller, not both at once\. Call it twice: waxseal revoke TASK, or/,
    ],
    ['a caller without an issuer', ['--subject', 'ada'], /^waxseal: --subject takes two names/],
    ['a caller with too many names', ['--subject', ISSUER, 'ada', 'lovelace'], /^waxseal: --subject takes two names/],
    [
      'a caller with an empty name, as of an unset variable',
      ['--subject', ISSUER, ''],
      /two names, .*, and neither may be empty: --subject/,
    ],
    ['an empty issuer', ['--subject', '', 'ada'], /neither may be empty/],
    ['a word that is neither an id nor a handle', ['task_7f3a9c'], /^waxseal: TASK must be/],
    ['an unknown option', ['--task'], /^waxseal: unknown option/],
    [
      'a handle of another ring',
      ['eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoieHgiLCJ0eXAiOiJoYW5kbGUifQ..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'],
      /^waxseal: TASK must be/,
    ],
  ])('refuses wrong use and changes nothing: %s', async (_what, args, says) => {
    const { path } = await ringWithTask();
    const before = await readFile(path, 'utf8');
    const { code, stderr, stdout } = await waxseal(['revoke', ...args, '--keys', path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('refuses a ring in a variable, and an inspector ring', async () => {
    const { path } = await ringWithTask();
    const text = await readFile(path, 'utf8');
    const inVariable = await waxseal(['revoke', 'A'.repeat(16)], { env: { WAXSEAL_KEYS: text } });
    expect(inVariable).toMatchObject({ code: 2 });
    const inspector = await fileOf(toDocument(withoutSigning(parseDocument(text).pairs)));
    expect((await waxseal(['revoke', 'A'.repeat(16), '--keys', inspector])).stderr).toContain('is an inspector ring');
  });
});

test('a running server refuses a revoked task within seconds, and still serves other tasks', async () => {
  const path = await fileOf(await generateRing(currentSecond() - 10));
  const server = await startServer(['--keys', path]);
  const start = async () => (await callTool(server.url, 'start_research_task', { topic: 'x' })).structuredContent.handle;
  const [revoked, other] = [await start(), await start()];
  const status = async (handle: string) => (await callTool(server.url, 'get_task_status', { handle })).structuredContent;
  await waxseal(['revoke', '-', '--keys', path], { input: revoked });
  await until('the task is refused', async () => 'error' in (await status(revoked)));
  expect(await status(revoked)).toMatchObject({ error: { code: 'rejected' } });
  expect(await status(other)).toMatchObject({ status: 'running' });
});
