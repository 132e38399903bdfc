import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workOnThisThread } from '../../src/server/this-thread.ts';

const { subtle } = crypto;
/** Everything as Node has it, kept from before. */
const native = {
  encrypt: subtle.encrypt.bind(subtle),
  decrypt: subtle.decrypt.bind(subtle),
  sign: subtle.sign.bind(subtle),
  verify: subtle.verify.bind(subtle),
  digest: subtle.digest.bind(subtle),
  CompressionStream,
  DecompressionStream,
};
workOnThisThread();

/** Keys as a ring has them. */
const importAes = (usages: KeyUsage[]) => subtle.importKey('raw', new Uint8Array(randomBytes(32)), 'AES-GCM', false, usages);
const aes = await importAes(['encrypt', 'decrypt']);
const generated = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
const { d: _private, ...shown } = generated;
const pair = {
  privateKey: await subtle.importKey('jwk', generated, 'Ed25519', false, ['sign']),
  publicKey: await subtle.importKey('jwk', shown, 'Ed25519', false, ['verify']),
};
const iv = new Uint8Array(12).fill(7);
const gcm = (more: object = {}) => ({ name: 'AES-GCM', iv, additionalData: new Uint8Array([1, 2, 3]), tagLength: 128, ...more });

/** Lengths around what a handle has, and around the longest that is worked on at once. */
const data = fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }),
  fc.constantFrom(65_535, 65_536, 65_537, 100_000).map((length) => new Uint8Array(randomBytes(length))),
);

const bytesOf = async (answer: Promise<ArrayBuffer>) => [...new Uint8Array(await answer)];
const nameOf = (failing: Promise<unknown>) =>
  failing.then(
    () => 'no error',
    (error: Error) => error.name,
  );

describe('on this thread', () => {
  it('stands in for what a handle needs', () => {
    for (const name of ['importKey', 'encrypt', 'decrypt', 'sign', 'verify', 'digest'] as const)
      expect(Object.hasOwn(subtle, name), name).toBe(true);
    expect(CompressionStream).not.toBe(native.CompressionStream);
    const before = subtle.encrypt;
    workOnThisThread();
    expect(subtle.encrypt).toBe(before);
  });

  it('is done with a key of a ring before any other work is, and with other keys as ever', async () => {
    const message = new Uint8Array(100);
    const iv = new Uint8Array(12);
    const whereDone = async (work: Promise<unknown>) => {
      let isDone = false;
      void work.then(() => {
        isDone = true;
      });
      // What needs another thread is never done within the turn.
      for (let microtask = 0; microtask < 20; microtask += 1) await undefined;
      const where = isDone ? 'this thread' : 'pool';
      await work;
      return where;
    };
    const which = async (secret: CryptoKey, signing: CryptoKey, verifying: CryptoKey) => {
      const sealed = new Uint8Array(await subtle.encrypt(gcm({ iv }), secret, message));
      const signature = new Uint8Array(await subtle.sign('Ed25519', signing, message));
      const ways = [
        await whereDone(subtle.encrypt(gcm({ iv }), secret, message)),
        await whereDone(subtle.decrypt(gcm({ iv }), secret, sealed)),
        await whereDone(subtle.sign('Ed25519', signing, message)),
        await whereDone(subtle.verify('Ed25519', verifying, signature, message)),
      ];
      return [...new Set(ways)];
    };
    expect(await which(aes, pair.privateKey, pair.publicKey)).toEqual(['this thread']);
    const other = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
    const otherAes = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    expect(await which(otherAes, other.privateKey, other.publicKey)).toEqual(['pool']);
  });

  it('imports what Web Crypto imports, with its errors', async () => {
    const raw = new Uint8Array(32);
    expect(await nameOf(subtle.importKey('raw', raw.subarray(1), 'AES-GCM', false, ['encrypt']))).toBe('DataError');
    expect(await nameOf(subtle.importKey('raw', raw, 'AES-GCM', false, ['sign']))).toBe('SyntaxError');
    expect(await nameOf(subtle.importKey('jwk', { ...shown, x: 'AA' }, 'Ed25519', false, ['verify']))).toBe('DataError');
    expect(await nameOf(subtle.importKey('jwk', 7 as never, 'Ed25519', false, ['verify']))).toBe('TypeError');
    const { extractable, usages, algorithm } = await importAes(['decrypt']);
    expect({ extractable, usages, algorithm }).toEqual({
      extractable: false,
      usages: ['decrypt'],
      algorithm: { name: 'AES-GCM', length: 256 },
    });
    expect(await nameOf(subtle.exportKey('raw', aes))).not.toBe('no error');
  });

  it('encrypts and decrypts to the same bytes, each other way round', async () => {
    await fc.assert(
      fc.asyncProperty(data, fc.uint8Array({ maxLength: 200 }), async (plaintext, additionalData) => {
        const ciphertext = await subtle.encrypt(gcm({ additionalData }), aes, plaintext);
        expect(Buffer.from(ciphertext).equals(Buffer.from(await native.encrypt(gcm({ additionalData }), aes, plaintext)))).toBe(true);
        const opened = await subtle.decrypt(gcm({ additionalData }), aes, new Uint8Array(ciphertext));
        expect(Buffer.from(opened).equals(Buffer.from(plaintext))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('decrypts nothing of which a bit was changed, and says of it what Web Crypto says', async () => {
    const ciphertext = new Uint8Array(await subtle.encrypt(gcm(), aes, new Uint8Array(20)));
    for (let at = 0; at < ciphertext.length; at += 1) {
      const changed = ciphertext.with(at, (ciphertext[at] as number) ^ 1);
      const [ours, theirs] = await Promise.all([subtle, native].map((one) => one.decrypt(gcm(), aes, changed).catch((error) => error)));
      expect([ours.name, ours.constructor]).toEqual([theirs.name, theirs.constructor]);
      expect(ours).toBeInstanceOf(DOMException);
    }
    for (const other of [gcm({ iv: new Uint8Array(12) }), gcm({ additionalData: new Uint8Array() })])
      expect(await nameOf(subtle.decrypt(other, aes, ciphertext))).toBe('OperationError');
    for (const length of [0, 1, 15, 16])
      expect(await nameOf(subtle.decrypt(gcm(), aes, ciphertext.subarray(0, length)))).toBe('OperationError');
  });

  it('signs to the same bytes, and verifies the same', async () => {
    await fc.assert(
      fc.asyncProperty(data, async (message) => {
        const signature = new Uint8Array(await subtle.sign('Ed25519', pair.privateKey, message));
        expect([...signature]).toEqual(await bytesOf(native.sign('Ed25519', pair.privateKey, message)));
        expect(await subtle.verify({ name: 'Ed25519' }, pair.publicKey, signature, message)).toBe(true);
        for (const [wrong, about] of [
          [signature.with(0, (signature[0] as number) ^ 1), message],
          [signature.with(63, (signature[63] as number) ^ 1), message],
          [signature.subarray(1), message],
          [new Uint8Array(64), message],
          [new Uint8Array(0), message],
          [signature, new Uint8Array([...message, 0])],
        ] as const) {
          expect(await subtle.verify('Ed25519', pair.publicKey, wrong, about)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('verifies as Web Crypto does where key or signature is a point of small order', async () => {
    // RFC 8032 §8.4 leaves it open; what counts here is that both are of one mind.
    const points = ['01', 'ec'].map((first) =>
      Buffer.from(`${first}${(first === '01' ? '00' : 'ff').repeat(30)}${first === '01' ? '00' : '7f'}`, 'hex'),
    );
    for (const point of [...points, Buffer.alloc(32)]) {
      const key = await subtle.importKey('raw', point, 'Ed25519', false, ['verify']).catch(() => undefined);
      if (key === undefined) continue;
      for (const first of [...points, Buffer.alloc(32)]) {
        const signature = new Uint8Array([...first, ...new Uint8Array(32)]);
        const message = new Uint8Array([1]);
        expect(await subtle.verify('Ed25519', key, signature, message)).toBe(await native.verify('Ed25519', key, signature, message));
      }
    }
  });

  it('digests to the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(data, async (message) => {
        const digest = await subtle.digest('SHA-256', message);
        expect([...new Uint8Array(digest)]).toEqual(await bytesOf(native.digest('SHA-256', message)));
        expect(digest).toBeInstanceOf(ArrayBuffer);
        expect(digest.byteLength).toBe(32);
      }),
      { numRuns: 40 },
    );
  });

  it('lets a key do what it is for, and no more', async () => {
    const opening = await importAes(['decrypt']);
    expect(await nameOf(subtle.encrypt(gcm(), opening, new Uint8Array(1)))).toBe('InvalidAccessError');
    expect(await nameOf(subtle.sign('Ed25519', pair.publicKey, new Uint8Array(1)))).toBe('InvalidAccessError');
    expect(await nameOf(subtle.verify('Ed25519', pair.privateKey, new Uint8Array(64), new Uint8Array(1)))).toBe('InvalidAccessError');
    expect(await nameOf(subtle.encrypt(gcm(), pair.privateKey, new Uint8Array(1)))).toBe('InvalidAccessError');
    expect(await nameOf(subtle.encrypt(gcm(), {} as CryptoKey, new Uint8Array(1)))).toBe('TypeError');
    const redefined = await importAes(['decrypt']);
    Object.defineProperty(redefined, 'usages', { value: ['encrypt', 'decrypt'] });
    expect(await nameOf(subtle.encrypt(gcm(), redefined, new Uint8Array(1)))).toBe(
      await nameOf(native.encrypt(gcm(), redefined, new Uint8Array(1))),
    );
    const posing = Object.create(CryptoKey.prototype, { algorithm: { value: { name: 'AES-GCM' } }, usages: { value: ['encrypt'] } });
    expect(await nameOf(subtle.encrypt(gcm(), posing, new Uint8Array(1)))).toBe(
      await nameOf(native.encrypt(gcm(), posing, new Uint8Array(1))),
    );
    expect(await nameOf(subtle.encrypt(gcm(), posing, new Uint8Array(1)))).not.toBe('no error');
  });

  it('leaves to Web Crypto what no handle needs', async () => {
    const message = new Uint8Array([1, 2, 3]);
    const hmac = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
    expect(await subtle.verify('HMAC', hmac, await subtle.sign('HMAC', hmac, message), message)).toBe(true);
    const cbc = await subtle.generateKey({ name: 'AES-CBC', length: 128 }, false, ['encrypt', 'decrypt']);
    const parameters = { name: 'AES-CBC', iv: new Uint8Array(16) };
    expect(await bytesOf(subtle.decrypt(parameters, cbc, await subtle.encrypt(parameters, cbc, message)))).toEqual([...message]);
    expect((await subtle.digest('SHA-512', message)).byteLength).toBe(64);
    expect(await bytesOf(subtle.digest('sha-256', message.buffer))).toEqual(await bytesOf(native.digest('SHA-256', message)));
    for (const more of [{ tagLength: 96 }, { additionalData: undefined }, { iv: new Uint8Array(16) }, { tagLength: undefined }]) {
      const ours = await bytesOf(subtle.encrypt(gcm(more), aes, message));
      expect(ours).toEqual(await bytesOf(native.encrypt(gcm(more), aes, message)));
    }
    expect(await nameOf(subtle.digest('SHA-256', 'text' as never))).toBe('TypeError');
  });
});
