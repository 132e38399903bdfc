import { describe, expect, it } from 'vitest';
import { createAudit } from '../../src/audit/index.ts';
import { attenuate, issue, open } from '../../src/handle/index.ts';
import { generatePair, mintingKey, openingKey, parseRing, toDocument, toText } from '../../src/keys/index.ts';
import { doubles } from '../support/proportion.ts';
import { NOW, newLoggedWorld } from './support.ts';

describe('handles under keys that no server accepts any more', () => {
  it('are still opened, and the report says that their keys are gone', async () => {
    const pair = await generatePair({ iat: 1, nbf: 1, exp: NOW + 86_400 });
    const logged = await newLoggedWorld();
    logged.world.ring = await parseRing(toText(toDocument([pair])));
    await logged.call('start_research_task', { topic: 'lost luggage' });
    const audit = createAudit({ ring: logged.world.ring });
    await audit.read('log', [logged.log()]);
    expect(audit.report(NOW).notes).toEqual([]);
    expect(audit.report(NOW + 365 * 86_400)).toMatchObject({
      findings: [],
      notes: [expect.stringMatching(new RegExp(`^Key "${pair.signing.kid}" is gone: .* opened 1 handle with this key\\. `))],
    });
  });
});

describe('a report', () => {
  /** Writes lines with texts that have the form of a handle, each with a description beside it. */
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
    ['each with its own revision', (at: number) => ({ revision: at + 1, expires_at })],
    ['each with its own rights', (at: number) => ({ revision: 2, expires_at, rights: [`r${at}`, 'read'] })],
  ])('takes time in proportion to the length of a log with false values about one task: %s', async (_name, info) => {
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

  it('takes time in proportion to the length of a log that has delegated handles and lacks their predecessor', async () => {
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
