import { describe, expect, test } from 'vitest';
import { type JwkPair, mintingKey, openingKey, RingError, revoke, rotate, toDocument, withoutSigning } from '../../src/keys/index.ts';
import { AFTERLIFE, DAY, expectNoSecrets, HOUR, kidOf, lastOf, MINUTE, NOW, pairFrom, ringOf } from './support.ts';

const rotation = { now: NOW, activateIn: 10 * MINUTE, lifetime: 365 * DAY };
const livesOf = (pairs: readonly JwkPair[]) => pairs.map(({ secret: { kid, iat, nbf, exp } }) => ({ kid, iat, nbf, exp }));

describe('rotate', () => {
  test('adds a pair that takes over after a delay, so that the replicas have time to get the ring', async () => {
    const old = await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY });
    const pairs = await rotate([old], rotation);
    const takeover = NOW + 10 * MINUTE;
    expect(livesOf(pairs)).toEqual([
      { kid: kidOf(old), iat: NOW - DAY, nbf: NOW - DAY, exp: takeover },
      { kid: kidOf(lastOf(pairs)), iat: NOW, nbf: takeover, exp: takeover + 365 * DAY },
    ]);
  });

  test('lets the new pair take over earlier if the present pair stops earlier', async () => {
    const old = await pairFrom(NOW - HOUR, { exp: NOW + MINUTE });
    expect(lastOf(await rotate([old], rotation)).secret.nbf).toBe(NOW + MINUTE);
  });

  test.each([
    ['is pending', () => pairFrom(NOW + DAY)],
    ['is retired', () => pairFrom(NOW - 2 * DAY)],
  ])('adds a pair that mints at once if the only other pair %s', async (_, make) => {
    const pairs = await rotate([await make()], rotation);
    expect(mintingKey(await ringOf(pairs), NOW)?.kid).toBe(kidOf(lastOf(pairs)));
  });

  test('adds a pair that mints at once if every other pair is revoked', async () => {
    const old = await pairFrom(NOW);
    const pairs = await rotate(revoke([old], kidOf(old), NOW), rotation);
    expect(mintingKey(await ringOf(pairs), NOW)?.kid).toBe(kidOf(lastOf(pairs)));
  });

  test('keeps the delay even if the pair of an earlier rotation does not mint yet', async () => {
    const once = await rotate([await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY })], rotation);
    const twice = await rotate(once, { ...rotation, now: NOW + MINUTE });
    expect(lastOf(twice).secret.nbf).toBe(NOW + 11 * MINUTE);
  });

  test('lets the last pair mint after several rotations in quick succession', async () => {
    for (let attempt = 0; attempt < 8; attempt++) {
      const once = await rotate([await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY })], rotation);
      const twice = await rotate(once, { ...rotation, now: NOW + MINUTE });
      expect(mintingKey(await ringOf(twice), NOW + DAY)?.kid).toBe(kidOf(lastOf(twice)));
    }
  });

  test('drops a pair when it no longer opens any handle, and keeps revoked pairs', async () => {
    const gone = await pairFrom(NOW - AFTERLIFE - DAY, { exp: NOW - AFTERLIFE });
    const retired = await pairFrom(NOW - AFTERLIFE - DAY, { exp: NOW - AFTERLIFE + 1 });
    const revoked = await pairFrom(NOW - DAY);
    const pairs = await rotate(revoke([gone, retired, revoked], kidOf(revoked), NOW), rotation);
    expect(pairs.slice(0, -1).map(kidOf)).toEqual([kidOf(retired), kidOf(revoked)]);
  });

  test('does not change its arguments', async () => {
    const old = await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY });
    const before = JSON.stringify(old);
    await rotate([old], rotation);
    expect(JSON.stringify(old)).toBe(before);
  });
});

describe('revoke', () => {
  test('marks both halves as revoked, with time and reason', async () => {
    const [bad, good] = [await pairFrom(NOW - HOUR), await pairFrom(NOW - DAY / 2)];
    const pairs = revoke([bad, good], kidOf(bad), NOW, 'laptop stolen');
    const revoked = { revoked_at: NOW, reason: 'laptop stolen' };
    expect(pairs[0]).toMatchObject({ secret: { revoked }, signing: { revoked } });
    expect(pairs[1]).toEqual(good);

    const ring = await ringOf(pairs);
    expect([NOW, NOW + DAY, NOW - DAY].map((now) => openingKey(ring, kidOf(bad), now))).toEqual([undefined, undefined, undefined]);
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(good));
  });

  test('keeps the time and the reason of an earlier revocation', async () => {
    const pair = await pairFrom(NOW);
    const once = revoke([pair], kidOf(pair), NOW, 'laptop stolen');
    expect(revoke(once, kidOf(pair), NOW + HOUR, 'again')).toEqual(once);
  });

  test('names the kids of the ring if the given kid is unknown', async () => {
    const pair = await pairFrom(NOW);
    expect(() => revoke([pair], 'stranger', NOW)).toThrow(RingError);
    expect(() => revoke([pair], 'stranger', NOW)).toThrow(new RegExp(`"stranger".*${kidOf(pair)}`));
  });
});

describe('withoutSigning', () => {
  test('leaves out only the private key', async () => {
    const pair = await pairFrom(NOW);
    const { d, ...signing } = pair.signing;
    expect(withoutSigning([pair])).toEqual([{ secret: pair.secret, signing }]);
    expect(d).toBeTypeOf('string');
  });

  test('keeps a revoked pair revoked', async () => {
    const pair = await pairFrom(NOW);
    const inspector = withoutSigning(revoke([pair], kidOf(pair), NOW));
    expectNoSecrets(JSON.stringify(toDocument(inspector)), [{ d: pair.signing.d }]);
    expect(openingKey(await ringOf(inspector), kidOf(pair), NOW)).toBeUndefined();
  });
});
