import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attenuate,
  CLOCK_SKEW,
  type Claims,
  HandleError,
  open,
  type Revision,
  readParts,
  reissue,
  seal,
  succeeds,
} from '../../src/handle/index.ts';
import { claimsBy, handleOf } from './oracle.ts';
import { claimsWith, errorOf, expecting, inspecting, type Keys, LIFETIME, NOW, newHandle, newKeys } from './support.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await newKeys();
});

const state = fc.jsonValue({ maxDepth: 5 });

describe('for every JSON state', () => {
  it('opening returns the sealed state, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(state, fc.boolean(), async (st, compress) => {
        // JSON writes -0 as 0, and so does a handle.
        const written: unknown = JSON.parse(JSON.stringify(st));
        const handle = await seal(claimsWith({ st }), keys.key, { compress, maxLength: 100_000 });
        expect((await open(handle, expecting(keys, { maxLength: 100_000 }))).state).toEqual(written);
      }),
    );
  });

  it('jose opens and verifies the handles of seal, and open accepts the handles that jose signs', async () => {
    await fc.assert(
      fc.asyncProperty(state, fc.boolean(), async (st, compress) => {
        const claims = JSON.parse(JSON.stringify(claimsWith({ st })));
        const ours = await seal(claims, keys.key, { compress, maxLength: 100_000 });
        expect(await claimsBy(keys, ours)).toEqual(claims);
        const theirs = await handleOf(JSON.stringify(claims), keys, { compress });
        for (const reader of [keys, inspecting(keys)]) {
          expect((await open(theirs, expecting(reader, { maxLength: 100_000 }))).claims).toEqual(claims);
        }
      }),
    );
  });

  it('a re-issued handle keeps id and expiry, has the next revision, and succeeds its predecessor', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 4 }), async (states) => {
        let previous: { handle: string; claims: Claims } = await open(await newHandle(keys), expecting(keys));
        for (const next of states) {
          const opened = await open(previous.handle, expecting(keys));
          const issued = await reissue(opened, { kind: 'research@1', state: next, now: NOW + 1 }, keys.key, { compress: true });
          expect(issued.claims).toMatchObject({ jti: previous.claims.jti, exp: previous.claims.exp, rev: previous.claims.rev + 1 });
          expect(await succeeds(issued, previous)).toBe(true);
          previous = issued;
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('along every lineage of re-issued and attenuated handles', () => {
  const RIGHTS = ['read', 'get_task_status', 'record_findings', 'fly'];
  const wish = fc.record({ rights: fc.subarray(RIGHTS), exp: fc.integer({ min: NOW - 10, max: NOW + LIFETIME + 10 }) });
  const step = fc.record({ wish: fc.option(wish), later: fc.integer({ min: -60, max: 4000 }) });

  const within = (claims: Claims, right: string) => claims.scp === undefined || claims.scp.includes(right);

  it('rights never grow, the expiry never moves later, and each handle succeeds the one before', async () => {
    const seen = { attenuated: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const first = await newHandle(keys);
        let last: Revision = await open(first, expecting(keys));
        let now = NOW;
        for (const { wish, later } of steps) {
          now = Math.max(NOW, last.claims.iat - CLOCK_SKEW, now + later);
          const clock = expecting(keys, { now, needs: RIGHTS });
          if (now >= last.claims.exp) {
            expect(await errorOf(open(last.handle, clock))).toMatchObject({ code: 'expired' });
            return;
          }
          const opened = await open(last.handle, clock);
          let next: Revision;
          if (wish === null) next = await reissue(opened, { kind: 'research@1', state: later, now }, keys.key);
          else {
            const grows =
              wish.rights.length === 0 || wish.rights.some((right) => !within(last.claims, right)) || wish.exp > last.claims.exp;
            const dead = wish.exp <= Math.max(now, last.claims.iat);
            const attempt = attenuate(opened, { ...wish, now }, keys.key);
            if (grows || dead) {
              await expect(attempt).rejects.toThrow(RangeError);
              seen.refused += 1;
              continue;
            }
            next = await attempt;
            seen.attenuated += 1;
          }
          expect(await succeeds(next, last)).toBe(true);
          expect(next.claims.exp).toBeLessThanOrEqual(last.claims.exp);
          expect(next.claims.iat).toBeGreaterThanOrEqual(last.claims.iat);
          for (const right of RIGHTS) {
            expect(within(next.claims, right) && !within(last.claims, right)).toBe(false);
            const attempt = open(next.handle, { ...clock, needs: [right] });
            if (within(next.claims, right)) expect((await attempt).claims.jti).toBe(opened.claims.jti);
            else await expect(attempt).rejects.toMatchObject({ code: 'forbidden' });
          }
          last = next;
        }
      }),
      { numRuns: 60 },
    );
    expect(seen.attenuated).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});

describe('for every input', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(fc.base64String({ maxLength: 100 }), { maxLength: 7 }).map((parts) => parts.join('.')),
    fc.anything(),
  );

  it('open throws a HandleError and no other error', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        expect(await errorOf(open(value, expecting(keys)))).toBeInstanceOf(HandleError);
      }),
      { numRuns: 500 },
    );
  });

  it('no error contains a part of the state', async () => {
    const secret = 'the eagle lands at midnight';
    const handle = await newHandle(keys, { secret });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: handle.length - 1 }), fc.constantFrom('A', 'b', '0', '_', '.', ' ', 'é'), async (at, character) => {
        fc.pre(handle[at] !== character);
        const copy = handle.slice(0, at) + character + handle.slice(at + 1);
        const error = await errorOf(open(copy, expecting(keys)));
        expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toMatch(/eagle|midnight/);
        expect(error.cause).toBeUndefined();
        expect(() => readParts(handle)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
