import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  mintingEntry,
  mintingKey,
  openingKey,
  parseRing,
  RingError,
  requireMinting,
  revoke,
  toDocument,
  toText,
  withoutSigning,
} from '../../src/keys/index.ts';
import { AFTERLIFE, DAY, expectNoSecrets, kidOf, NOW, pairFrom, ringOf } from './support.ts';

const BEGIN = NOW;
const END = NOW + DAY;

describe('a key in a ring', () => {
  test.each([
    ['opens handles before its nbf, but does not mint', BEGIN - 1, { opens: true, mints: false }],
    ['opens handles and mints from its nbf on', BEGIN, { opens: true, mints: true }],
    ['still mints a second before its exp', END - 1, { opens: true, mints: true }],
    ['opens handles from its exp on, but no longer mints', END, { opens: true, mints: false }],
    ['opens handles until a second before the last of them expires', END + AFTERLIFE - 1, { opens: true, mints: false }],
    ['opens no handle after the last of its handles has expired', END + AFTERLIFE, { opens: false, mints: false }],
  ])('%s', async (_, now, expected) => {
    const pair = await pairFrom(BEGIN, { exp: END });
    const ring = await ringOf([pair]);
    expect({ opens: openingKey(ring, kidOf(pair), now) !== undefined, mints: mintingKey(ring, now) !== undefined }).toEqual(expected);
  });

  test('neither opens nor mints if it is revoked', async () => {
    const pair = await pairFrom(BEGIN);
    const ring = await ringOf(revoke([pair], kidOf(pair), NOW));
    expect(openingKey(ring, kidOf(pair), NOW)).toBeUndefined();
    expect(mintingKey(ring, NOW)).toBeUndefined();
  });

  test('is not found by an unknown kid', async () => {
    expect(openingKey(await ringOf([await pairFrom(BEGIN)]), 'stranger', NOW)).toBeUndefined();
  });

  test('mints if it is the newest active key, anywhere in the ring', async () => {
    const [older, newest, oldest] = [await pairFrom(NOW - 20), await pairFrom(NOW - 10), await pairFrom(NOW - 30)];
    const ring = await ringOf([older, newest, oldest]);
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(newest));
  });

  test('takes over from an older key exactly at its nbf', async () => {
    const [old, next] = [await pairFrom(NOW - DAY / 2), await pairFrom(NOW)];
    const ring = await ringOf([old, next]);
    expect(mintingKey(ring, NOW - 1)?.kid).toBe(kidOf(old));
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(next));
  });

  test('mints again if the newer key is revoked', async () => {
    const [old, next] = [await pairFrom(NOW - 20), await pairFrom(NOW - 10)];
    const ring = await ringOf(revoke([old, next], kidOf(next), NOW));
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(old));
  });

  test('is chosen for minting whatever the order in the ring, if another key has the same nbf', async () => {
    const [a, b] = [await pairFrom(NOW), await pairFrom(NOW)];
    const [one, other] = [await ringOf([a, b]), await ringOf([b, a])];
    expect(mintingKey(one, NOW)?.kid).toBe(mintingKey(other, NOW)?.kid);
  });
});

describe('an inspector ring', () => {
  test('opens handles, and has no minting key', async () => {
    const pair = await pairFrom(NOW);
    const ring = await ringOf(withoutSigning([pair]));
    expect(openingKey(ring, kidOf(pair), NOW)?.kid).toBe(kidOf(pair));
    expect(mintingEntry(ring, NOW)?.kid).toBe(kidOf(pair));
    expect(mintingKey(ring, NOW)).toBeUndefined();
  });
});

describe('requireMinting', () => {
  test('accepts a ring with an active key and its private half', async () => {
    const ring = await ringOf([await pairFrom(NOW)]);
    expect(() => requireMinting(ring, NOW)).not.toThrow();
  });

  test('accepts a ring of one key only from nbf until a second before exp', async () => {
    const ring = await ringOf([await pairFrom(BEGIN, { exp: END })]);
    expect(() => requireMinting(ring, BEGIN - 1)).toThrow(RingError);
    expect(() => requireMinting(ring, BEGIN)).not.toThrow();
    expect(() => requireMinting(ring, END - 1)).not.toThrow();
    expect(() => requireMinting(ring, END)).toThrow(RingError);
  });
});

test('a ring tells whether a server generated it for itself', async () => {
  const document = toDocument([await pairFrom(NOW)]);
  expect((await parseRing(toText(document))).development).toBe(false);
  expect((await parseRing(toText({ ...document, development: true }))).development).toBe(true);
});

test('a key of a ring shows its kid and functions, and no key material', async () => {
  const pair = await pairFrom(NOW);
  const key = mintingKey(await ringOf([pair]), NOW);
  expect(Object.entries(key ?? {}).filter(([, value]) => typeof value !== 'function')).toEqual([['kid', kidOf(pair)]]);
  expectNoSecrets(inspect(key, { depth: null, showHidden: true }), [pair.secret, pair.signing]);
});
