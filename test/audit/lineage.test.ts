import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import { generatePair, parseRing, type RingDocument, toDocument, toText, withoutSigning } from '../../src/keys/index.ts';
import { auditOf, FINDINGS, kindsOf, NOW, newLoggedWorld, newStartedTask, type StartedTask } from './support.ts';

let first: StartedTask['first'];
let second: StartedTask['second'];
let found: StartedTask['found'];
beforeAll(async () => {
  ({ first, second, found } = await newStartedTask());
});

describe('the audit', () => {
  it('recognizes a delegated handle, whoever uses it and however often the task is updated', async () => {
    const logged = await newLoggedWorld();
    const { handle } = await logged.call('start_research_task', { topic: 'lost luggage' }, { sub: 'ann' });
    const one = await logged.call('delegate_task', { handle, rights: ['read', 'record_findings'] }, { sub: 'ann' });
    await logged.call('delegate_task', { handle, rights: ['read'] }, { sub: 'ann' });
    await logged.call('delegate_task', { handle, rights: ['read'], expires_in: 60 }, { sub: 'ann' });
    const next = await logged.call('record_findings', { handle, ...FINDINGS }, { sub: 'ann' });
    await logged.call('record_findings', { handle: one.handle, ...FINDINGS }, { sub: 'bob' });
    await logged.call('record_findings', { handle: next.handle, ...FINDINGS }, { sub: 'ann' });
    const { findings, tasks } = await auditOf(logged.log(), { ring: logged.world.ring, callerField: 'sub' });
    expect(findings).toEqual([]);
    expect(tasks[0]?.revisions.map(({ revision, delegated }) => [revision, delegated]).sort()).toEqual([
      [1, false],
      [2, false],
      [2, true],
      [2, true],
      [2, true],
      [3, false],
      [3, false],
    ]);
  });

  it('reports a fork once, and the replay that caused it once, however often the branches are updated', async () => {
    const report = await found(async ({ call }) => {
      const third = await call('record_findings', { handle: second.handle, ...FINDINGS });
      const fork = await call('record_findings', { handle: first.handle, ...FINDINGS });
      const on = await call('record_findings', { handle: fork.handle, ...FINDINGS });
      await call('record_findings', { handle: on.handle, ...FINDINGS });
      await call('record_findings', { handle: third.handle, ...FINDINGS });
    });
    expect(kindsOf(report).filter((kind) => kind.includes('fork'))).toEqual(['high fork']);
    const [fork] = report.findings;
    expect(fork).toMatchObject({ verified: true, handles: 2, task: report.tasks[0]?.id, where: { line: 8 } });
    expect(fork?.fingerprints[0]).toBe(await fingerprint(second.handle));
    const replays = report.findings.filter(({ type }) => type === 'replay');
    expect(replays).toMatchObject([{ severity: 'medium', where: { line: 7 }, fingerprints: [await fingerprint(first.handle)] }]);
  });

  it('finds a fork even if the log lacks the start of the task and the handle that was updated twice', async () => {
    const { call, lines, world } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const [one, other] = [await call('record_findings', { handle, ...FINDINGS }), await call('record_findings', { handle, ...FINDINGS })];
    await call('record_findings', { handle: one.handle, ...FINDINGS });
    await call('record_findings', { handle: other.handle, ...FINDINGS });
    const answers = lines.filter((line) => line.includes('"revision":3'));
    const report = await auditOf(answers.join('\n'), { ring: world.ring });
    expect(kindsOf(report)).toEqual(['high fork', 'low gap', 'low gap']);
  });
});

/** Encrypts the signed claims of a handle again, under another IV. Any holder of the AES secret can do this. */
function encryptedAnew(handle: string, { keys }: RingDocument): string {
  const [header = '', , iv = '', ciphertext = '', tag = ''] = handle.split('.');
  const secret = Buffer.from(keys.flatMap((jwk) => (jwk.kty === 'oct' ? [jwk.k] : []))[0] ?? '', 'base64url');
  const bytes = (part: string) => Buffer.from(part, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', secret, bytes(iv)).setAAD(Buffer.from(header)).setAuthTag(bytes(tag));
  const plaintext = Buffer.concat([decipher.update(bytes(ciphertext)), decipher.final()]);
  const other = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, other).setAAD(Buffer.from(header));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [header, '', other.toString('base64url'), encrypted.toString('base64url'), cipher.getAuthTag().toString('base64url')].join('.');
}

describe('a handle that an inspector encrypted again', () => {
  it('is reported as encrypted again, or as altered if the audit has private keys', async () => {
    const pair = await generatePair({ iat: NOW, nbf: NOW, exp: NOW + 86_400 });
    const [document, inspector] = [toDocument([pair]), toDocument(withoutSigning([pair]))];
    const logged = await newLoggedWorld();
    logged.world.ring = await parseRing(toText(document));
    const first = await logged.call('start_research_task', { topic: 'lost luggage' });
    const second = await logged.call('record_findings', { handle: first.handle, ...FINDINGS });
    const third = await logged.call('record_findings', { handle: second.handle, ...FINDINGS });
    const good = logged.log();
    for (const [at, handle] of [first, second, third].map(({ handle }) => handle).entries()) {
      const copy = encryptedAnew(handle, inspector);
      const before = `${JSON.stringify({ time: NOW * 1000, text: copy })}\n`;
      for (const log of [`${before}${good}`, `${good}${JSON.stringify({ time: (NOW + 90) * 1000, text: copy })}\n`]) {
        const report = await auditOf(log, { ring: await parseRing(toText(inspector)) });
        const isLate = at < 2 && log.startsWith(good);
        expect(kindsOf(report)).toEqual(isLate ? ['medium encrypted_anew', 'low replay'] : ['medium encrypted_anew']);
        expect(report.findings[0]).toMatchObject({
          handles: 2,
          message: expect.stringMatching(/^The handle has the same signed claims as /),
        });
        expect(report.tasks[0]?.revisions.map(({ previous_seen }) => previous_seen).filter(Boolean)).toHaveLength(
          at === 0 ? 2 : at === 1 ? 3 : 3,
        );
      }
      expect(kindsOf(await auditOf(`${good}${copy}\n`, { ring: logged.world.ring }))).toEqual(['high altered']);
    }
  });
});
