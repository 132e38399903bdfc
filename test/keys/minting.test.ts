/** A ring that reads well and cannot mint now is refused at start, by the names of its entries. */
import { describe, expect, test } from 'vitest';
import { type JwkPair, RingError, requireMinting, revoke, withoutSigning } from '../../src/keys/index.ts';
import { AFTERLIFE, DAY, expectNoSecrets, kidOf, NOW, pairFrom, ringOf } from './support.ts';

async function refusalOf(pairs: readonly JwkPair[]): Promise<string> {
  const ring = await ringOf(pairs);
  try {
    requireMinting(ring, NOW);
  } catch (error) {
    expect(error).toBeInstanceOf(RingError);
    const { message } = error as RingError;
    expectNoSecrets(
      message,
      pairs.flatMap(({ secret, signing }) => [secret, signing]),
    );
    return message;
  }
  throw new Error('the ring was accepted');
}

describe('a ring with nothing active says what became of each entry', () => {
  test('pending only: from when, and by which member', async () => {
    const pair = await pairFrom(NOW + DAY);
    expect(await refusalOf([pair])).toMatch(
      new RegExp(`"${kidOf(pair)}" is pending until 2027-01-16T08:00:00Z \\(member "nbf"\\).*waxseal keys rotate`),
    );
  });

  test('retired only: since when, and by which member', async () => {
    const pair = await pairFrom(NOW - 2 * DAY);
    expect(await refusalOf([pair])).toContain(`"${kidOf(pair)}" is retired since 2027-01-14T08:00:00Z (member "exp")`);
  });

  test('gone only', async () => {
    const pair = await pairFrom(NOW - AFTERLIFE - 2 * DAY);
    expect(await refusalOf([pair])).toContain(`"${kidOf(pair)}" is gone since 2026-12-15T08:00:00Z (member "exp")`);
  });

  test('revoked only', async () => {
    const pair = await pairFrom(NOW);
    expect(await refusalOf(revoke([pair], kidOf(pair), NOW))).toContain(`"${kidOf(pair)}" is revoked`);
  });

  test('one of each: all are named', async () => {
    const [pending, retired, revoked] = [await pairFrom(NOW + DAY), await pairFrom(NOW - 2 * DAY), await pairFrom(NOW)];
    const message = await refusalOf(revoke([pending, retired, revoked], kidOf(revoked), NOW));
    expect(message).toMatch(new RegExp(`"${kidOf(pending)}" is pending.*"${kidOf(retired)}" is retired.*"${kidOf(revoked)}" is revoked`));
  });
});

describe('an inspector ring says that it is one', () => {
  test('by the member that it lacks', async () => {
    const pair = await pairFrom(NOW);
    expect(await refusalOf(withoutSigning([pair]))).toMatch(
      new RegExp(`"${kidOf(pair)}": member "d" is missing.*inspector.*Use the full ring`),
    );
  });

  test('in every entry, or it is refused: some would be opened as replicas open, and others as inspectors do', async () => {
    const [old, newest] = [await pairFrom(NOW - 10), await pairFrom(NOW)];
    const mixed = [old, ...withoutSigning([newest])];
    await expect(ringOf(mixed)).rejects.toThrow(`"${kidOf(newest)}": member "d" is missing, but other entries have it`);
  });
});
