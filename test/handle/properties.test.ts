import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { HandleError, open, readParts, reissue, seal, succeeds } from '../../src/handle/index.ts';
import { claimsWith, errorOf, expecting, type Keys, NOW, newHandle, newKeys } from './support.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await newKeys();
});

const state = fc.jsonValue({ maxDepth: 5 });

describe('for any JSON state', () => {
  it('sealing and opening gives it back, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(state, fc.boolean(), async (st, compress) => {
        // What JSON cannot tell apart (-0 and 0), a handle cannot either.
        const written: unknown = JSON.parse(JSON.stringify(st));
        const handle = await seal(claimsWith({ st }), keys.key, { compress, maxLength: 100_000 });
        expect((await open(handle, expecting(keys, { maxLength: 100_000 }))).state).toEqual(written);
      }),
    );
  });

  it('re-issuing keeps id and deadline, adds one to the revision, and succeeds the one before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 4 }), async (states) => {
        let previous = { handle: await newHandle(keys), claims: (await open(await newHandle(keys), expecting(keys))).claims };
        previous = await open(previous.handle, expecting(keys));
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

describe('for any string', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(fc.base64String({ maxLength: 100 }), { maxLength: 7 }).map((parts) => parts.join('.')),
    fc.anything(),
  );

  it('opening throws an error of ours, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        expect(await errorOf(open(value, expecting(keys)))).toBeInstanceOf(HandleError);
      }),
      { numRuns: 500 },
    );
  });

  it('no error tells anything of the state or the keys', async () => {
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
