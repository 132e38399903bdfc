/** Properties of any number of rotations, at any times. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JwkPair, mintingKey, openingKey, type Ring, rotate } from '../../src/keys/index.ts';
import { AFTERLIFE, DAY, lastOf, MINUTE, NOW, pairFrom, ringOf } from './support.ts';

/** One rotation: the time since the previous one, and the durations of the new key, in seconds. */
const rotation = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 2 * MINUTE }), fc.integer({ min: 0, max: 40 * DAY })),
  activateIn: fc.oneof(fc.integer({ min: 0, max: 2 * MINUTE }), fc.integer({ min: 0, max: 20 * DAY })),
  lifetime: fc.oneof(fc.integer({ min: 1, max: 2 * MINUTE }), fc.integer({ min: 1, max: 400 * DAY })),
});
const rotations = fc.array(rotation, { minLength: 1, maxLength: 5 });
const samples = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 3, maxLength: 8 });

/** The content of a ring file from one rotation to the next. */
interface Version {
  readonly from: number;
  readonly pairs: readonly JwkPair[];
  readonly ring: Ring;
}

async function history(steps: readonly { wait: number; activateIn: number; lifetime: number }[]): Promise<Version[]> {
  const first = [await pairFrom(NOW, { exp: NOW + 90 * DAY })];
  const versions: Version[] = [{ from: NOW, pairs: first, ring: await ringOf(first) }];
  for (const { wait, ...durations } of steps) {
    const before = versions.at(-1) as Version;
    const from = before.from + wait;
    const pairs = await rotate(before.pairs, { now: from, ...durations });
    versions.push({ from, pairs, ring: await ringOf(pairs) });
  }
  return versions;
}

/** Times in a span: random ones, and the seconds before, at and after every change of a key's state. */
function momentsIn(from: number, until: number, pairs: readonly JwkPair[], drawn: readonly number[]): number[] {
  const edges = pairs.flatMap(({ secret: { nbf, exp } }) => [nbf - 1, nbf, nbf + 1, exp - 1, exp, exp + 1]);
  const spread = drawn.map((part) => from + Math.floor(part * (until - from)));
  return [from, until - 1, ...edges, ...spread].filter((moment) => moment >= from && moment < until);
}

test('until the new key of a rotation retires, some key always mints', async () => {
  await fc.assert(
    fc.asyncProperty(rotations, samples, async (steps, drawn) => {
      for (const { from, pairs, ring } of (await history(steps)).slice(1)) {
        const idle = momentsIn(from, lastOf(pairs).secret.exp, pairs, drawn).filter((now) => mintingKey(ring, now) === undefined);
        expect(idle).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});

test('every handle opens until its last second, through all later rotations', async () => {
  await fc.assert(
    fc.asyncProperty(rotations, samples, async (steps, drawn) => {
      const versions = await history(steps);
      for (const [index, { from, pairs, ring }] of versions.entries()) {
        const until = versions[index + 1]?.from ?? from + DAY;
        for (const mintedAt of momentsIn(from, until, pairs, drawn)) {
          const kid = mintingKey(ring, mintedAt)?.kid;
          if (kid === undefined) continue;
          const lastSecond = mintedAt + AFTERLIFE - 1;
          const later = versions.slice(index + 1).filter((version) => version.from <= lastSecond);
          const shut = later.filter((version) =>
            [version.from, lastSecond].some((now) => openingKey(version.ring, kid, now) === undefined),
          );
          expect(shut.map((version) => version.from - NOW)).toEqual([]);
          expect(openingKey(ring, kid, lastSecond)?.kid).toBe(kid);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('the new key of every rotation mints from its nbf until its exp, and not before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 20 * DAY }), fc.integer({ min: 1, max: 400 * DAY }), async (activateIn, lifetime) => {
      const [, version] = await history([{ wait: DAY, activateIn, lifetime }]);
      const { pairs, ring } = version as Version;
      const { kid, nbf, exp } = lastOf(pairs).secret;
      expect([nbf, exp - 1].map((now) => mintingKey(ring, now)?.kid)).toEqual([kid, kid]);
      if (nbf > NOW + DAY) expect(mintingKey(ring, nbf - 1)?.kid).not.toBe(kid);
    }),
    { numRuns: 40 },
  );
});
