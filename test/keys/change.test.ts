import { describe, expect, test } from 'vitest';
import {
  generatePair,
  type JwkPair,
  mintingKey,
  openingKey,
  RingError,
  revoke,
  rotate,
  toDocument,
  withoutSigning,
} from '../../src/keys/index.ts';
import { AFTERLIFE, DAY, expectNoSecrets, HOUR, kidOf, lastOf, MINUTE, NOW, pairFrom, ringOf } from './support.ts';

const rotation = { now: NOW, activateIn: 10 * MINUTE, lifetime: 365 * DAY };
const livesOf = (pairs: readonly JwkPair[]) => pairs.map(({ secret: { kid, iat, nbf, exp } }) => ({ kid, iat, nbf, exp }));

describe('a generated pair', () => {
  test('has one kid, one life and two kinds of key, and reads back', async () => {
    const { secret, signing } = await generatePair({ iat: NOW, nbf: NOW + 1, exp: NOW + 2 });
    expect(secret).toMatchObject({ kty: 'oct', use: 'enc', alg: 'A256GCM', iat: NOW, nbf: NOW + 1, exp: NOW + 2 });
    expect(signing).toMatchObject({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', iat: NOW, nbf: NOW + 1, exp: NOW + 2 });
    expect(signing.kid).toBe(secret.kid);
    expect((await ringOf([{ secret, signing }])).entries[0]).toMatchObject({ kid: secret.kid, nbf: NOW + 1, exp: NOW + 2, revoked: false });
  });

  test('has a kid that a command line takes for a name, never for an option', async () => {
    const pairs = await Promise.all(Array.from({ length: 500 }, () => pairFrom(NOW)));
    expect(pairs.map(kidOf).filter((kid) => kid.startsWith('-'))).toEqual([]);
  });
});

describe('rotate', () => {
  test('adds a pair that takes over when every replica has had time to get it', async () => {
    const old = await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY });
    const pairs = await rotate([old], rotation);
    const takeover = NOW + 10 * MINUTE;
    expect(livesOf(pairs)).toEqual([
      { kid: kidOf(old), iat: NOW - DAY, nbf: NOW - DAY, exp: takeover },
      { kid: kidOf(lastOf(pairs)), iat: NOW, nbf: takeover, exp: takeover + 365 * DAY },
    ]);
  });

  test('takes over sooner where what mints now ends sooner', async () => {
    const old = await pairFrom(NOW - HOUR, { exp: NOW + MINUTE });
    expect(lastOf(await rotate([old], rotation)).secret.nbf).toBe(NOW + MINUTE);
  });

  test.each([
    ['is pending', () => pairFrom(NOW + DAY)],
    ['is retired', () => pairFrom(NOW - 2 * DAY)],
  ])('mints at once where all there is %s', async (_, make) => {
    const pairs = await rotate([await make()], rotation);
    expect(mintingKey(await ringOf(pairs), NOW)?.kid).toBe(kidOf(lastOf(pairs)));
  });

  test('mints at once where all there is was revoked', async () => {
    const old = await pairFrom(NOW);
    const pairs = await rotate(revoke([old], kidOf(old), NOW), rotation);
    expect(mintingKey(await ringOf(pairs), NOW)?.kid).toBe(kidOf(lastOf(pairs)));
  });

  test('gives replicas the time that was asked for, also where a takeover is already on its way', async () => {
    const once = await rotate([await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY })], rotation);
    const twice = await rotate(once, { ...rotation, now: NOW + MINUTE });
    expect(lastOf(twice).secret.nbf).toBe(NOW + 11 * MINUTE);
  });

  test('of several in quick succession the last one is the one that mints in the end', async () => {
    for (let attempt = 0; attempt < 8; attempt++) {
      const once = await rotate([await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY })], rotation);
      const twice = await rotate(once, { ...rotation, now: NOW + MINUTE });
      expect(mintingKey(await ringOf(twice), NOW + DAY)?.kid).toBe(kidOf(lastOf(twice)));
    }
  });

  test('drops what is gone, to the second, and keeps what is revoked', async () => {
    const gone = await pairFrom(NOW - AFTERLIFE - DAY, { exp: NOW - AFTERLIFE });
    const retired = await pairFrom(NOW - AFTERLIFE - DAY, { exp: NOW - AFTERLIFE + 1 });
    const revoked = await pairFrom(NOW - DAY);
    const pairs = await rotate(revoke([gone, retired, revoked], kidOf(revoked), NOW), rotation);
    expect(pairs.slice(0, -1).map(kidOf)).toEqual([kidOf(retired), kidOf(revoked)]);
  });

  test('changes nothing that it was given', async () => {
    const old = await pairFrom(NOW - DAY, { exp: NOW + 300 * DAY });
    const before = JSON.stringify(old);
    await rotate([old], rotation);
    expect(JSON.stringify(old)).toBe(before);
  });
});

describe('revoke', () => {
  test('takes a key out of use at once and for good, on both halves, with a reason for the record', async () => {
    const [bad, good] = [await pairFrom(NOW - HOUR), await pairFrom(NOW - DAY / 2)];
    const pairs = revoke([bad, good], kidOf(bad), NOW, 'laptop stolen');
    const revoked = { revoked_at: NOW, reason: 'laptop stolen' };
    expect(pairs[0]).toMatchObject({ secret: { revoked }, signing: { revoked } });
    expect(pairs[1]).toEqual(good);

    const ring = await ringOf(pairs);
    expect([NOW, NOW + DAY, NOW - DAY].map((now) => openingKey(ring, kidOf(bad), now))).toEqual([undefined, undefined, undefined]);
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(good));
  });

  test('a second time changes neither the time nor the reason of the first', async () => {
    const pair = await pairFrom(NOW);
    const once = revoke([pair], kidOf(pair), NOW, 'laptop stolen');
    expect(revoke(once, kidOf(pair), NOW + HOUR, 'again')).toEqual(once);
  });

  test('of a key that is not there names those that are', async () => {
    const pair = await pairFrom(NOW);
    expect(() => revoke([pair], 'stranger', NOW)).toThrow(RingError);
    expect(() => revoke([pair], 'stranger', NOW)).toThrow(new RegExp(`"stranger".*${kidOf(pair)}`));
  });
});

describe('withoutSigning', () => {
  test('leaves out the private half, and that alone', async () => {
    const pair = await pairFrom(NOW);
    const { d, ...signing } = pair.signing;
    expect(withoutSigning([pair])).toEqual([{ secret: pair.secret, signing }]);
    expect(d).toBeTypeOf('string');
  });

  test('keeps states: what was revoked stays revoked', async () => {
    const pair = await pairFrom(NOW);
    const inspector = withoutSigning(revoke([pair], kidOf(pair), NOW));
    expectNoSecrets(JSON.stringify(toDocument(inspector)), [{ d: pair.signing.d }]);
    expect(openingKey(await ringOf(inspector), kidOf(pair), NOW)).toBeUndefined();
  });
});
