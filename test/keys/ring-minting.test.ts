/** A server does not start with a valid ring that cannot mint now. The error says for each entry why it cannot mint. */
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

describe('the error about a ring without an active entry', () => {
  test('says that an entry is pending, until when, and by which member', async () => {
    const pair = await pairFrom(NOW + DAY);
    expect(await refusalOf([pair])).toMatch(
      new RegExp(`"${kidOf(pair)}" is pending until 2027-01-16T08:00:00Z \\(member "nbf"\\).*waxseal keys rotate`),
    );
  });

  test('says that an entry is retired, since when, and by which member', async () => {
    const pair = await pairFrom(NOW - 2 * DAY);
    expect(await refusalOf([pair])).toContain(`"${kidOf(pair)}" is retired since 2027-01-14T08:00:00Z (member "exp")`);
  });

  test('says that an entry is gone', async () => {
    const pair = await pairFrom(NOW - AFTERLIFE - 2 * DAY);
    expect(await refusalOf([pair])).toContain(`"${kidOf(pair)}" is gone since 2026-12-15T08:00:00Z (member "exp")`);
  });

  test('says that an entry is revoked', async () => {
    const pair = await pairFrom(NOW);
    expect(await refusalOf(revoke([pair], kidOf(pair), NOW))).toContain(`"${kidOf(pair)}" is revoked`);
  });

  test('says the state of each of several entries', async () => {
    const [pending, retired, revoked] = [await pairFrom(NOW + DAY), await pairFrom(NOW - 2 * DAY), await pairFrom(NOW)];
    const message = await refusalOf(revoke([pending, retired, revoked], kidOf(revoked), NOW));
    expect(message).toMatch(new RegExp(`"${kidOf(pending)}" is pending.*"${kidOf(retired)}" is retired.*"${kidOf(revoked)}" is revoked`));
  });
});

describe('an inspector ring', () => {
  test('cannot mint, and the error names the missing member', async () => {
    const pair = await pairFrom(NOW);
    expect(await refusalOf(withoutSigning([pair]))).toMatch(
      new RegExp(`"${kidOf(pair)}": member "d" is missing.*inspector.*Use the full ring`),
    );
  });

  test('must lack the private key in every entry, because replicas and inspectors check handles differently', async () => {
    const [old, newest] = [await pairFrom(NOW - 10), await pairFrom(NOW)];
    const mixed = [old, ...withoutSigning([newest])];
    await expect(ringOf(mixed)).rejects.toThrow(`"${kidOf(newest)}": member "d" is missing, but other entries have it`);
  });
});
