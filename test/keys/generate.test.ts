import { describe, expect, test } from 'vitest';
import { generatePair } from '../../src/keys/index.ts';
import { kidOf, NOW, pairFrom, ringOf } from './support.ts';

describe('a generated pair', () => {
  test('has two keys with one kid and equal times, and can be read back', async () => {
    const { secret, signing } = await generatePair({ iat: NOW, nbf: NOW + 1, exp: NOW + 2 });
    expect(secret).toMatchObject({ kty: 'oct', use: 'enc', alg: 'A256GCM', iat: NOW, nbf: NOW + 1, exp: NOW + 2 });
    expect(signing).toMatchObject({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', iat: NOW, nbf: NOW + 1, exp: NOW + 2 });
    expect(signing.kid).toBe(secret.kid);
    expect((await ringOf([{ secret, signing }])).entries[0]).toMatchObject({ kid: secret.kid, nbf: NOW + 1, exp: NOW + 2, revoked: false });
  });

  test('has a kid that no command line takes for an option', async () => {
    const pairs = await Promise.all(Array.from({ length: 500 }, () => pairFrom(NOW)));
    expect(pairs.map(kidOf).filter((kid) => kid.startsWith('-'))).toEqual([]);
  });
});
