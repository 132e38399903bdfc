import { describe, expect, it } from 'vitest';
import { budgetUsed, keyStateAt, mintsUntil, needsSuccessor } from '../../src/keys/index.ts';
import { AFTERLIFE, DAY, NOW } from './support.ts';

const life = (nbf: number, exp: number, revoked = false) => ({ iat: nbf, nbf, exp, revoked });

describe('the state of a key', () => {
  const end = NOW + DAY;
  const key = { nbf: NOW, exp: end, revoked: false };

  it.each([
    ['pending, a second before nbf', NOW - 1, 'pending'],
    ['active, at nbf', NOW, 'active'],
    ['active, a second before exp', end - 1, 'active'],
    ['retired, at exp', end, 'retired'],
    ['retired, a second before its last handle expires', end + AFTERLIFE - 1, 'retired'],
    ['gone, when its last handle has expired', end + AFTERLIFE, 'gone'],
  ] as const)('follows from the clock: %s', (_, now, state) => {
    expect(keyStateAt(key, now)).toBe(state);
  });

  it.each([NOW - 1, NOW, end, end + AFTERLIFE])('is revoked, whatever the clock says (%i)', (now) => {
    expect(keyStateAt({ ...key, revoked: true }, now)).toBe('revoked');
  });
});

describe('mintsUntil', () => {
  it('returns the time at which a series of pairs without a gap stops minting', () => {
    expect(mintsUntil([life(0, 100)], 50)).toBe(100);
    expect(mintsUntil([life(100, 200), life(0, 100)], 50)).toBe(200);
    expect(mintsUntil([life(0, 100), life(101, 200)], 50)).toBe(100);
    expect(mintsUntil([life(0, 100), life(90, 200, true)], 50)).toBe(100);
  });

  it('returns the present time if no pair mints', () => {
    expect(mintsUntil([], 50)).toBe(50);
    expect(mintsUntil([life(60, 100)], 50)).toBe(50);
    expect(mintsUntil([life(0, 50)], 50)).toBe(50);
  });
});

describe('needsSuccessor', () => {
  it('is true once the last pair has less than a fifth of its minting time left', () => {
    expect(needsSuccessor([life(0, 100)], 80)).toBe(false);
    expect(needsSuccessor([life(0, 100)], 81)).toBe(true);
  });

  it('is false if an unrevoked pair mints next', () => {
    expect(needsSuccessor([life(0, 100), life(100, 200)], 99)).toBe(false);
    expect(needsSuccessor([life(0, 100), life(100, 200, true)], 99)).toBe(true);
  });
});

describe('the number of handles that a key may make', () => {
  it('is 2^32, which lasts 497 days at 100 handles a second', () => {
    expect(budgetUsed(life(0, 497 * 86_400), 100)).toBeCloseTo(1, 2);
    expect(budgetUsed(life(0, 2 ** 32), 1)).toBe(1);
  });
});
