import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  isRevoked,
  MAX_REVOCATIONS,
  parseDocument,
  parseRing,
  type Revocations,
  RingError,
  rotate,
  toDocument,
  toText,
  withoutForgotten,
  withRevocation,
} from '../../src/keys/index.ts';
import { AFTERLIFE, DAY, NOW, pairFrom } from './support.ts';

const TASK = 'AAECAwQFBgcICQoL';
const OTHER_TASK = 'BAECAwQFBgcICQoL';
const CALLER = `${'C'.repeat(21)}A`;
const NONE: Revocations = { tasks: new Map(), subjects: new Map() };

/** The text of a ring with these `revocations`. */
async function textWith(revocations: unknown): Promise<string> {
  return JSON.stringify({ ...toDocument([await pairFrom(NOW)]), revocations });
}

describe('a revoked task', () => {
  const revocations = withRevocation(NONE, { jti: TASK }, NOW, NOW + DAY);

  it('is revoked for every caller until its deadline, and no other task is revoked', () => {
    expect(isRevoked(revocations, { jti: TASK, sub: CALLER }, NOW)).toBe(true);
    expect(isRevoked(revocations, { jti: TASK }, NOW + DAY - 1)).toBe(true);
    expect(isRevoked(revocations, { jti: TASK }, NOW + DAY)).toBe(false);
    expect(isRevoked(revocations, { jti: OTHER_TASK, sub: CALLER }, NOW)).toBe(false);
  });

  it('is revoked until all handles that exist now have expired, if its deadline is unknown', () => {
    const whole = withRevocation(NONE, { jti: TASK }, NOW);
    // The clock of the replica that issued a handle may be 60 s ahead.
    expect([...whole.tasks.values()]).toEqual([NOW + AFTERLIFE + 60]);
  });

  it('keeps the later deadline if it is revoked twice', () => {
    const sooner = withRevocation(revocations, { jti: TASK }, NOW, NOW + 10);
    expect(sooner.tasks.get(TASK)).toBe(NOW + DAY);
  });
});

describe('a revoked caller', () => {
  it('is refused in every task, while other callers and bearer handles are accepted', () => {
    const revocations = withRevocation(NONE, { sub: CALLER }, NOW);
    expect(isRevoked(revocations, { jti: TASK, sub: CALLER }, NOW)).toBe(true);
    expect(isRevoked(revocations, { jti: TASK, sub: `${'D'.repeat(21)}A` }, NOW)).toBe(false);
    expect(isRevoked(revocations, { jti: TASK }, NOW)).toBe(false);
  });
});

describe('revocations in a ring', () => {
  it('are read back as written, and a rotation keeps them', async () => {
    const revocations = withRevocation(withRevocation(NONE, { jti: TASK }, NOW), { sub: CALLER }, NOW);
    const pairs = await rotate([await pairFrom(NOW)], { now: NOW, activateIn: 60, lifetime: DAY });
    const text = toText(toDocument(pairs, { revocations }));
    expect(parseDocument(text).revocations).toEqual(revocations);
    expect((await parseRing(text)).revocations).toEqual(revocations);
  });

  it('have no member in the ring if nothing is revoked', async () => {
    expect(toDocument([await pairFrom(NOW)], { revocations: NONE })).not.toHaveProperty('revocations');
  });

  it('are left out once they have ended', () => {
    const both = withRevocation(withRevocation(NONE, { jti: TASK }, NOW, NOW + 10), { sub: CALLER }, NOW, NOW + 20);
    expect(withoutForgotten(both, NOW + 10)).toEqual({ tasks: new Map(), subjects: new Map([[CALLER, NOW + 20]]) });
    expect(withRevocation(both, { jti: OTHER_TASK }, NOW + 20).tasks.has(TASK)).toBe(false);
  });

  it.each([
    ['a number instead of an object', 7],
    ['tasks that are not a list', { tasks: {} }],
    ['a task without a deadline', { tasks: [{ jti: TASK }] }],
    ['a deadline as text', { tasks: [{ jti: TASK, until: '2026' }] }],
    ['the id of a task under another name', { tasks: [{ id: TASK, until: NOW }] }],
    ['tasks under another name', { task: [{ jti: TASK, until: NOW }] }],
    ['an unknown member', { tasks: [], callers: [] }],
    ['an id that no task can have', { tasks: [{ jti: 'x', until: NOW }] }],
    ['a caller whose sub is an account name', { subjects: [{ sub: 'ada@example.com', until: NOW }] }],
    ['null', null],
  ])('make the whole ring invalid if they cannot be read: %s', async (_name, revocations) => {
    await expect(parseRing(await textWith(revocations))).rejects.toThrow(RingError);
  });

  it.each([
    ['a misspelt "revocations" in the ring', (text: string) => text.replace('{', '{"revocation": {},')],
    ['a misspelt "revoked" in a key', (text: string) => text.replace('"use"', '"Revoked": {"revoked_at": 1}, "use"')],
    ['the member twice', (text: string) => text.replace('"revocations"', '"revocations": {}, "revocations"')],
    ['a list twice', (text: string) => text.replace('"tasks"', '"tasks": [], "tasks"')],
  ])('make the whole ring invalid if the operator might have meant something else: %s', async (_name, misspell) => {
    const text = await textWith({ tasks: [{ jti: TASK, until: NOW }] });
    await expect(parseRing(misspell(text))).rejects.toThrow(RingError);
    await expect(parseRing(text)).resolves.toBeDefined();
  });

  it(`are at most ${MAX_REVOCATIONS}, tasks and callers together`, async () => {
    const tasks = Array.from({ length: MAX_REVOCATIONS }, (_, at) => ({ jti: String(at).padStart(16, '0'), until: NOW + 10 }));
    const full = (await parseRing(await textWith({ tasks }))).revocations;
    expect(full.tasks.size).toBe(MAX_REVOCATIONS);
    expect(() => withRevocation(full, { sub: CALLER }, NOW)).toThrow(/would have 10001 revocations; at most 10000 fit/);
    await expect(parseRing(await textWith({ tasks, subjects: [{ sub: CALLER, until: NOW }] }))).rejects.toThrow(RingError);
    // Ended revocations leave room for new ones.
    expect(withRevocation(full, { sub: CALLER }, NOW + 10).subjects.size).toBe(1);
  });
});

describe('the member revocations', () => {
  const until = z.int().min(0).max(253_402_300_799);
  /** The rules as a schema. */
  const schema = z.strictObject({
    tasks: z.array(z.strictObject({ jti: z.string().regex(/^[A-Za-z0-9_-]{16}$/), until })).optional(),
    subjects: z.array(z.strictObject({ sub: z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/), until })).optional(),
  });
  const name = fc.constantFrom(TASK, CALLER, `${TASK}A`, `${'C'.repeat(21)}B`, '', 7, null);
  const time = fc.constantFrom(NOW, 0, -1, 1.5, 253_402_300_799, 253_402_300_800, '7', null, undefined);
  const entry = fc.oneof(
    fc.record({ jti: name, until: time }, { requiredKeys: [] }),
    fc.record({ sub: name, until: time }, { requiredKeys: [] }),
    fc.constantFrom({ jti: TASK, until: NOW }, { sub: CALLER, until: NOW }, { jti: TASK, until: NOW, x: 1 }, [], null, TASK),
  );
  const list = fc.oneof(fc.array(entry, { maxLength: 2 }), fc.jsonValue());
  const said = fc.oneof(fc.record({ tasks: list, subjects: list }, { requiredKeys: [] }), fc.jsonValue());

  it('is accepted if and only if a schema with the same rules accepts it', async () => {
    const ring = toDocument([await pairFrom(NOW)]);
    const isRead = (revocations: unknown): boolean => {
      try {
        parseDocument(JSON.stringify({ ...ring, revocations }));
        return true;
      } catch (error) {
        if (error instanceof RingError) return false;
        throw error;
      }
    };
    let taken = 0;
    fc.assert(
      fc.property(said, (revocations) => {
        // JSON omits members that are undefined. The schema must judge what the reader gets: the value without these
        // members.
        const asWritten: unknown = JSON.parse(JSON.stringify(revocations));
        const expected = schema.safeParse(asWritten).success;
        if (expected) taken += 1;
        expect(isRead(revocations)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
