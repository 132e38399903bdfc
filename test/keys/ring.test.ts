import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  keyStateAt,
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

describe('the clock alone says where a key is in its life', () => {
  const life = { nbf: BEGIN, exp: END, revoked: false };

  test.each([
    ['pending, a second before nbf', BEGIN - 1, 'pending'],
    ['active, at nbf', BEGIN, 'active'],
    ['active, a second before exp', END - 1, 'active'],
    ['retired, at exp', END, 'retired'],
    ['retired, a second before its last handle expires', END + AFTERLIFE - 1, 'retired'],
    ['gone, when its last handle has expired', END + AFTERLIFE, 'gone'],
  ] as const)('%s', (_, now, state) => {
    expect(keyStateAt(life, now)).toBe(state);
  });

  test.each([BEGIN - 1, BEGIN, END, END + AFTERLIFE])('revoked, whatever the clock says (%i)', (now) => {
    expect(keyStateAt({ ...life, revoked: true }, now)).toBe('revoked');
  });
});

describe('what opens and what mints', () => {
  test.each([
    ['before nbf it opens and does not mint', BEGIN - 1, { opens: true, mints: false }],
    ['at nbf it opens and mints', BEGIN, { opens: true, mints: true }],
    ['a second before exp it still mints', END - 1, { opens: true, mints: true }],
    ['at exp it mints no more, and opens', END, { opens: true, mints: false }],
    ['until the last of its handles has expired it opens', END + AFTERLIFE - 1, { opens: true, mints: false }],
    ['then it opens nothing', END + AFTERLIFE, { opens: false, mints: false }],
  ])('%s', async (_, now, expected) => {
    const pair = await pairFrom(BEGIN, { exp: END });
    const ring = await ringOf([pair]);
    expect({ opens: openingKey(ring, kidOf(pair), now) !== undefined, mints: mintingKey(ring, now) !== undefined }).toEqual(expected);
  });

  test('a revoked key neither opens nor mints', async () => {
    const pair = await pairFrom(BEGIN);
    const ring = await ringOf(revoke([pair], kidOf(pair), NOW));
    expect(openingKey(ring, kidOf(pair), NOW)).toBeUndefined();
    expect(mintingKey(ring, NOW)).toBeUndefined();
  });

  test('a key that is not in the ring opens nothing', async () => {
    expect(openingKey(await ringOf([await pairFrom(BEGIN)]), 'stranger', NOW)).toBeUndefined();
  });

  test('the newest of the active keys mints, wherever it stands in the ring', async () => {
    const [older, newest, oldest] = [await pairFrom(NOW - 20), await pairFrom(NOW - 10), await pairFrom(NOW - 30)];
    const ring = await ringOf([older, newest, oldest]);
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(newest));
  });

  test('a newer key takes over at its nbf, to the second', async () => {
    const [old, next] = [await pairFrom(NOW - DAY / 2), await pairFrom(NOW)];
    const ring = await ringOf([old, next]);
    expect(mintingKey(ring, NOW - 1)?.kid).toBe(kidOf(old));
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(next));
  });

  test('where the newest is revoked the one before it mints', async () => {
    const [old, next] = [await pairFrom(NOW - 20), await pairFrom(NOW - 10)];
    const ring = await ringOf(revoke([old, next], kidOf(next), NOW));
    expect(mintingKey(ring, NOW)?.kid).toBe(kidOf(old));
  });

  test('of two that began in one second, every replica chooses the same, in whatever order its ring has them', async () => {
    const [a, b] = [await pairFrom(NOW), await pairFrom(NOW)];
    const [one, other] = [await ringOf([a, b]), await ringOf([b, a])];
    expect(mintingKey(one, NOW)?.kid).toBe(mintingKey(other, NOW)?.kid);
  });
});

describe('an inspector ring', () => {
  test('opens, and has no minting key', async () => {
    const pair = await pairFrom(NOW);
    const ring = await ringOf(withoutSigning([pair]));
    expect(openingKey(ring, kidOf(pair), NOW)?.kid).toBe(kidOf(pair));
    expect(mintingEntry(ring, NOW)?.kid).toBe(kidOf(pair));
    expect(mintingKey(ring, NOW)).toBeUndefined();
  });
});

describe('a ring that a server may start with', () => {
  test('has an active key with its private half', async () => {
    const ring = await ringOf([await pairFrom(NOW)]);
    expect(() => requireMinting(ring, NOW)).not.toThrow();
  });

  test('is refused a second before its first key is active, and a second after its last one was', async () => {
    const ring = await ringOf([await pairFrom(BEGIN, { exp: END })]);
    expect(() => requireMinting(ring, BEGIN - 1)).toThrow(RingError);
    expect(() => requireMinting(ring, BEGIN)).not.toThrow();
    expect(() => requireMinting(ring, END - 1)).not.toThrow();
    expect(() => requireMinting(ring, END)).toThrow(RingError);
  });

  test('knows whether a server generated it for itself', async () => {
    const document = toDocument([await pairFrom(NOW)]);
    expect((await parseRing(toText(document))).development).toBe(false);
    expect((await parseRing(toText({ ...document, development: true }))).development).toBe(true);
  });
});

test('keys leave the ring in no form: a key has a name and functions, and shows nothing else', async () => {
  const pair = await pairFrom(NOW);
  const key = mintingKey(await ringOf([pair]), NOW);
  expect(Object.entries(key ?? {}).filter(([, value]) => typeof value !== 'function')).toEqual([['kid', kidOf(pair)]]);
  expectNoSecrets(inspect(key, { depth: null, showHidden: true }), [pair.secret, pair.signing]);
});
