import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createAudit, isComplete } from '../../src/audit/index.ts';
import { attenuate, issue, open } from '../../src/handle/index.ts';
import {
  generatePair,
  mintingKey,
  openingKey,
  parseRing,
  type RingDocument,
  toDocument,
  toText,
  withoutSigning,
} from '../../src/keys/index.ts';
import { doubles } from '../support/proportion.ts';
import { auditOf, kindsOf, NOW, newLoggedWorld } from './support.ts';

const FINDINGS = { findings: ['it was in Lisbon'] };

/** What a holder of the secret can do: the same signed claims under another IV. */
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

describe('a handle that was encrypted anew', () => {
  it('is no fork but a finding of its own, and a ring with private keys recognizes it', async () => {
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
        expect(report.findings[0]).toMatchObject({ handles: 2, message: expect.stringMatching(/^The same signed claims as in /) });
        expect(report.tasks[0]?.revisions.map(({ previous_seen }) => previous_seen).filter(Boolean)).toHaveLength(
          at === 0 ? 2 : at === 1 ? 3 : 3,
        );
      }
      expect(kindsOf(await auditOf(`${good}${copy}\n`, { ring: logged.world.ring }))).toEqual(['high altered']);
    }
  });
});

describe('the report counts what was not understood', () => {
  it('handles without a role, handles that were cut, and JSON that is broken', async () => {
    const { call, world } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const message = { jsonrpc: '2.0', method: 'tools/call', params: { arguments: { handle } } };
    const line = JSON.stringify({ time: NOW, message });
    const unread = async (log: string) => (await auditOf(log, { ring: world.ring })).unread;
    const none = { untold: 0, incomplete: 0, broken: 0, packed: 0, unordered: 0, unopened: 0 };
    expect(await unread(line)).toEqual(none);
    expect(await unread(`see ${handle}`)).toEqual({ ...none, untold: 1 });
    expect(await unread(`see ${handle.slice(0, -3)}`)).toEqual({ ...none, incomplete: 1 });
    expect(await unread(`see ${handle.slice(0, 30)}…`)).toEqual({ ...none, incomplete: 1 });
    expect(await unread(JSON.stringify({ message: { ...message, params: { arguments: { handle: handle.slice(0, 300) } } } }))).toEqual({
      ...none,
      incomplete: 1,
    });
    expect(await unread(line.slice(0, -2))).toEqual({ ...none, broken: 1 });
    // A line that was cut still tells who speaks.
    const cut = await auditOf(line.slice(0, -2), { ring: world.ring });
    expect(cut.tasks[0]?.revisions).toMatchObject([{ presented: 1, first: { time: NOW } }]);
    expect(isComplete(cut)).toBe(false);
    const folded = handle.match(/.{1,76}/g)?.join('\n') ?? '';
    expect(await unread(`see ${folded}`)).toEqual({ ...none, untold: 1 });
    // Put together of pieces of two handles it is nobody's, and rather a mistake of the reader than a forgery.
    const mixed = await auditOf(`see ${folded.replace(/\n(.{76})\n/, (_all, line) => `\n${[...line].reverse().join('')}\n`)}`, {
      ring: world.ring,
    });
    expect([mixed.findings, mixed.unread]).toEqual([[], { ...none, incomplete: 1 }]);
    const other = `eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..${handle.slice(80)}`;
    expect(await unread(`another token: ${other}`)).toEqual(none);
  });
});

describe('the report counts what is encoded in a log and cannot be read', () => {
  const none = { untold: 0, incomplete: 0, broken: 0, packed: 0, unordered: 0, unopened: 0 };
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const unreadIn = async (record: object) => (await auditOf(`${JSON.stringify(record)}\n`)).unread;

  it('a body in base64 that is no text, where its record says that it is base64', async () => {
    const body = base64(randomBytes(300));
    expect(await unreadIn({ body, isBase64Encoded: true })).toEqual({ ...none, packed: 1 });
    expect(await unreadIn({ encoding: 'base64', mimeType: 'application/x-protobuf', text: body })).toEqual({ ...none, packed: 1 });
    // Signatures and keys are no bodies, and pictures have no handles.
    expect(await unreadIn({ signature: body })).toEqual(none);
    expect(await unreadIn({ encoding: 'base64', mimeType: 'image/png', text: body })).toEqual(none);
  });

  it('lines of base64 that do not come together', async () => {
    const { call } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'tools/call', params: { name: 'get_task_status', arguments: { handle } } });
    for (const columns of [64, 76]) {
      const lines = base64(Buffer.from(text)).match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
      const log = lines.map((line, at) => `${new Date(NOW * 1000 + at).toISOString()} [worker] ${line} (part ${at})\n`).join('');
      const { read, unread } = await auditOf(log);
      expect([read.handles, unread.packed > 0], `${columns}`).toEqual([0, true]);
    }
  });

  it('two streams of inputs that are mixed, of which nothing tells one from the other, and a stream without its end', async () => {
    const { call } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const event = (partial_json: string, more = {}) =>
      JSON.stringify({ ...more, index: 1, delta: { type: 'input_json_delta', partial_json } });
    const pieces = JSON.stringify({ handle }).match(/.{1,3}/g) ?? [];
    const mixed = pieces.flatMap((piece) => [event(piece), event(piece)]);
    expect(await auditOf(mixed.join('\n'))).toMatchObject({ read: { handles: 0 }, unread: { incomplete: 1 } });
    const named = pieces.flatMap((piece) => [event(piece, { request_id: 'a' }), event(piece, { request_id: 'b' })]);
    const two = await auditOf(named.join('\n'));
    expect(two).toMatchObject({ read: { handles: 1, mentions: 2 }, unopened: [{ seen: 2 }], unread: { ...none, unopened: 1 } });
    const cut = pieces.slice(0, -20).map((piece) => event(piece));
    expect((await auditOf(cut.join('\n'))).unread.incomplete).toBe(1);
  });

  it('gzip that is cut, broken or a bomb, and what other programs have packed', async () => {
    const { call } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const packed = gzipSync(JSON.stringify({ message: `${handle} ${randomBytes(3_000).toString('hex')}` }));
    expect(await unreadIn({ data: base64(packed) })).toEqual({ ...none, untold: 1, unopened: 1 });
    expect((await unreadIn({ data: base64(packed.subarray(0, 1_500)) })).packed).toBe(1);
    expect(await unreadIn({ data: base64(gzipSync(new Uint8Array(50_000_000))) })).toEqual({ ...none, packed: 1 });
    expect(await unreadIn({ data: base64(gzipSync(JSON.stringify({ data: base64(packed) }))) })).toEqual({ ...none, packed: 1 });
    const zstd = Buffer.concat([Buffer.from('28b52ffd', 'hex'), randomBytes(200)]);
    expect(await unreadIn({ data: base64(zstd) })).toEqual({ ...none, packed: 1 });
  });

  it('but finds a handle in binary data', async () => {
    const { call } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    for (const before of [1, 2, 3, 100]) {
      const message = Buffer.concat([randomBytes(before), Buffer.from([0xff, 0x00]), Buffer.from(handle), Buffer.from([0x00, 0xff])]);
      expect((await auditOf(JSON.stringify({ data: base64(message) }))).read.handles).toBe(1);
    }
  });
});

describe('keys that are gone', () => {
  it('are believed, and the report says so if handles of theirs are in the log', async () => {
    const pair = await generatePair({ iat: 1, nbf: 1, exp: NOW + 86_400 });
    const logged = await newLoggedWorld();
    logged.world.ring = await parseRing(toText(toDocument([pair])));
    await logged.call('start_research_task', { topic: 'lost luggage' });
    const audit = createAudit({ ring: logged.world.ring });
    await audit.read('log', [logged.log()]);
    expect(audit.report(NOW).notes).toEqual([]);
    expect(audit.report(NOW + 365 * 86_400)).toMatchObject({
      findings: [],
      notes: [expect.stringMatching(new RegExp(`^Key "${pair.signing.kid}" is gone: .* The 1 of it here `))],
    });
  });
});

describe('a report takes time in proportion to its log', () => {
  /** So many handles by their form, and what is said of them. */
  const hearsay = (handle: string, info: (at: number) => object) => (lines: number) =>
    Array.from({ length: lines }, (_, at) => {
      const other = `${handle.slice(0, -33)}${String(at).padStart(8, 'A')}${handle.slice(-25)}`;
      return JSON.stringify({ handle: other, handle_info: { id: 'AAAAAAAAAAAAAAAA', kind: 'a@1', ...info(at) } });
    }).join('\n');
  const expires_at = '2026-07-28T12:00:00Z';
  const later = (at: number) => new Date(Date.parse(expires_at) + at * 1000).toISOString();

  it.each([
    ['of one revision', () => ({ revision: 1, expires_at })],
    ['of one revision, each with its own expiry', (at: number) => ({ revision: 1, expires_at: later(at) })],
    ['each of its own revision', (at: number) => ({ revision: at + 1, expires_at })],
    ['each with its own rights', (at: number) => ({ revision: 2, expires_at, rights: [`r${at}`, 'read'] })],
  ])('of lies about one task: %s', async (_name, info) => {
    const { call } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const write = hearsay(handle, info);
    const audits = new Map<number, ReturnType<typeof createAudit>>();
    for (const lines of [2000, 4000]) {
      const audit = createAudit();
      await audit.read('log', [write(lines)]);
      audits.set(lines, audit);
    }
    expect(await doubles((lines) => audits.get(lines)?.report(NOW), 2000)).toBe(true);
  });

  it('of authentic delegations whose origin is not in the log', async () => {
    const ring = await parseRing(toText(toDocument([await generatePair({ iat: NOW, nbf: NOW, exp: NOW + 86_400 })])));
    const key = mintingKey(ring, NOW);
    if (key === undefined) throw new Error('the ring mints nothing');
    const born = await issue({ kind: 'a@1', state: {}, now: NOW, lifetime: 80_000 }, key);
    const kinds = new Map([['a@1', (state: unknown) => state]]);
    const opened = await open(born.handle, { findKey: (kid) => openingKey(ring, kid, NOW), now: NOW, kinds, needs: [] });
    const lines = await Promise.all(
      Array.from({ length: 2000 }, async (_, at) => {
        const { handle } = await attenuate(opened, { rights: [`r${at % 30}`, `s${at % 70}`], exp: NOW + 100 + at, now: NOW }, key);
        return JSON.stringify({ handle });
      }),
    );
    const audits = new Map<number, ReturnType<typeof createAudit>>();
    for (const count of [1000, 2000]) {
      const audit = createAudit({ ring });
      await audit.read('log', [lines.slice(0, count).join('\n')]);
      audits.set(count, audit);
    }
    expect(await doubles((count) => audits.get(count)?.report(NOW), 1000)).toBe(true);
  });
});
