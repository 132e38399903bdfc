import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as node from '../../../src/handle/platform/node.ts';
import * as web from '../../../src/handle/platform/web.ts';
import { generatePair, type JwkPair } from '../../../src/keys/index.ts';

const PLATFORMS = [
  ['node:crypto', node],
  ['Web Crypto', web],
] as const;

const pair = await generatePair({ iat: 0, nbf: 0, exp: 1 });
const materialOf = ({ secret: { kid, k }, signing: { x, d = '' } }: JwkPair) => ({ kid, k, x, d });
const material = materialOf(pair);
const bytes = fc.uint8Array({ maxLength: 300 });
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

describe('the platforms node:crypto and Web Crypto', () => {
  it('derive equal IVs, make equal signatures and ciphertexts, and open each other’s handles', async () => {
    const [one, other] = [await node.mintingKeyFrom(material), await web.mintingKeyFrom(material)];
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (message, header) => {
        const iv = await one.deriveIv(message);
        expect(hex(await other.deriveIv(message))).toBe(hex(iv));
        const signature = await one.sign(message);
        expect(hex(await other.sign(message))).toBe(hex(signature));
        expect(await other.verify(signature, message)).toBe(true);
        const encrypted = await one.encrypt(message, iv, header);
        const { ciphertext, tag } = await other.encrypt(message, iv, header);
        expect([hex(ciphertext), hex(tag)]).toEqual([hex(encrypted.ciphertext), hex(encrypted.tag)]);
        for (const opened of [await other.decrypt({ iv, ...encrypted }, header), await one.decrypt({ iv, ciphertext, tag }, header)]) {
          expect(opened && hex(opened)).toBe(hex(message));
        }
      }),
    );
  });

  it('make equal digests and base64url, and each inflates what the other deflates', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (data) => {
        expect(hex(await web.sha256(data))).toBe(hex(node.sha256(data)));
        expect(hex(await web.inflate(node.deflate(data), 1000))).toBe(hex(data));
        expect(hex(node.inflate(await web.deflate(data), 1000))).toBe(hex(data));
        expect(web.toBase64url(data)).toBe(node.toBase64url(data));
        expect(hex(web.fromBase64url(node.toBase64url(data)))).toBe(hex(data));
      }),
    );
  });
});

describe.each(PLATFORMS)('the platform %s', (_name, platform) => {
  it('refuses tags below 128 bits, because they could be guessed', async () => {
    const key = await platform.mintingKeyFrom(material);
    const iv = randomBytes(12);
    const { ciphertext, tag } = await key.encrypt(randomBytes(100), iv, new Uint8Array());
    const opened = async (shorter: Uint8Array) => {
      try {
        return await key.decrypt({ iv, ciphertext, tag: shorter }, new Uint8Array());
      } catch {
        return undefined;
      }
    };
    expect(await opened(tag)).toBeDefined();
    for (const length of [0, 4, 8, 12, 15]) expect(await opened(tag.subarray(0, length))).toBeUndefined();
  });

  it('returns undefined for a changed ciphertext, because an error would mean a failure of the platform', async () => {
    const key = await platform.openingKeyFrom(material);
    expect(await key.decrypt({ iv: randomBytes(12), ciphertext: randomBytes(50), tag: randomBytes(16) }, new Uint8Array())).toBeUndefined();
  });

  it('derives another IV for another key, kid or message', async () => {
    const key = await platform.mintingKeyFrom(material);
    const message = randomBytes(100);
    const otherPair = materialOf(await generatePair({ iat: 0, nbf: 0, exp: 1 }));
    const ivs = [
      await key.deriveIv(message),
      await key.deriveIv(message.subarray(1)),
      await (await platform.mintingKeyFrom({ ...material, kid: 'another' })).deriveIv(message),
      await (await platform.mintingKeyFrom({ ...material, x: otherPair.x, d: otherPair.d })).deriveIv(message),
    ];
    expect(ivs.map(({ length }) => length)).toEqual([12, 12, 12, 12]);
    expect(new Set(ivs.map(hex)).size).toBe(4);
  });

  it('gives an inspector’s key no function to mint or to derive IVs', async () => {
    const { kid, k, x } = material;
    expect(Object.keys(await platform.openingKeyFrom({ kid, k, x })).sort()).toEqual(['decrypt', 'deriveIv', 'kid', 'verify']);
    expect((await platform.openingKeyFrom({ kid, k, x })).deriveIv).toBeUndefined();
  });

  it('tells whether bytes of any length are equal', () => {
    const data = randomBytes(12);
    expect(platform.isEqual(data, Buffer.from(data))).toBe(true);
    for (let at = 0; at < 12; at += 1) {
      const changed = Buffer.from(data);
      changed[at] = (changed[at] as number) ^ 0x80;
      expect(platform.isEqual(data, changed)).toBe(false);
    }
    expect(platform.isEqual(data, data.subarray(1))).toBe(false);
    expect(platform.isEqual(new Uint8Array(), new Uint8Array())).toBe(true);
  });

  it('stops inflating at the limit, and refuses truncated streams and other data', async () => {
    const bomb = node.deflate(Buffer.alloc(50_000_000));
    await expect(async () => platform.inflate(bomb, 65_536)).rejects.toThrow();
    await expect(async () => platform.inflate(node.deflate(randomBytes(500)).subarray(0, 200), 65_536)).rejects.toThrow();
    await expect(async () => platform.inflate(randomBytes(40).fill(0xff, 0, 4), 65_536)).rejects.toThrow();
    expect((await platform.inflate(node.deflate(Buffer.alloc(65_536)), 65_536)).length).toBe(65_536);
  });
});
