import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type JwkPair, toDocument } from '../../src/keys/index.ts';
import { NOW, pairFrom, ringOf } from './support.ts';

const point = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('base64url');

/** The eight points of small order, and non-canonical encodings of points. */
const WEAK = {
  'the neutral element': `01${'00'.repeat(31)}`,
  'the point of order 2': `ec${'ff'.repeat(30)}7f`,
  'a point of order 4': '00'.repeat(32),
  'the other point of order 4': `${'00'.repeat(31)}80`,
  'a point of order 8': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'the second point of order 8': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'the third point of order 8': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'the fourth point of order 8': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'the neutral element with a sign': `01${'00'.repeat(30)}80`,
  'a y-coordinate of exactly 2^255 - 19': `ed${'ff'.repeat(30)}7f`,
  'the greatest y-coordinate': `${'ff'.repeat(31)}7f`,
  'the greatest y-coordinate with a sign': 'ff'.repeat(32),
};

describe('a ring with a weak public key', () => {
  it.each(Object.entries(WEAK))('is refused: %s', async (_name, hex) => {
    const { secret, signing } = await pairFrom(NOW);
    const { d: _private, ...inspector } = signing;
    await expect(ringOf([{ secret, signing: { ...inspector, x: point(hex) } }])).rejects.toThrow(
      /member "x" is not a trustworthy public key/,
    );
  });

  it('must be refused: Node 20 and 22 accept forged signatures under such a key', () => {
    const forged = Buffer.concat([Buffer.from(`01${'00'.repeat(31)}`, 'hex'), Buffer.alloc(32)]);
    const accepted = Object.values(WEAK)
      .slice(0, 8)
      .map((hex) => {
        const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: point(hex) }, format: 'jwk' });
        return Array.from({ length: 200 }, (_, at) => verify(null, Buffer.from(`claims ${at}`), key, forged)).filter(Boolean).length;
      });
    // Node 24 refuses such keys. Node 20 and 22 do not, with the same OpenSSL.
    const refuses = Number(process.versions.node.split('.')[0]) >= 24;
    expect(accepted.map((count) => count > 0)).toEqual(accepted.map(() => !refuses));
  });

  it('is never generated', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => pairFrom(NOW)));
    expect((await ringOf(pairs)).entries).toHaveLength(20);
  });
});

describe('a ring with the same 32 bytes twice', () => {
  it('is refused if two entries share a secret or a signing key, and the error names both entries', async () => {
    const [one, other] = [await pairFrom(NOW), await pairFrom(NOW)];
    const [a, b] = [one.secret.kid, other.secret.kid];
    const sameSecret = { ...other, secret: { ...other.secret, k: one.secret.k } };
    await expect(ringOf([one, sameSecret])).rejects.toThrow(
      `member "k" of entry "${a}" and member "k" of entry "${b}" have the same 32 bytes`,
    );
    const sameSigning = { ...other, signing: { ...other.signing, x: one.signing.x, d: one.signing.d as string } };
    await expect(ringOf([one, sameSigning])).rejects.toThrow(
      `member "x" of entry "${a}" and member "x" of entry "${b}" have the same 32 bytes`,
    );
    expect(toDocument([one, other]).keys).toHaveLength(4);
  });

  it('is refused if a secret is also a private key or a public key', async () => {
    const { secret, signing } = await pairFrom(NOW);
    for (const k of [signing.d as string, signing.x]) {
      await expect(ringOf([{ secret: { ...secret, k }, signing }])).rejects.toThrow(/the same 32 bytes/);
    }
    const misplaced = { secret: { ...secret, d: signing.d }, signing } as JwkPair;
    await expect(ringOf([misplaced])).rejects.toThrow(/"oct" secret must not have the member "d"/);
  });
});
