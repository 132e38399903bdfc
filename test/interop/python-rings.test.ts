/** Tests that the Python implementation accepts the same key rings as Waxseal, and refuses the same ones. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseRing } from '../../src/keys/index.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { hasCryptography, openInPython, PYTHON, researchClaims, sealInPython } from './python-support.ts';

describe.skipIf(!hasCryptography)(`rings in a second implementation (${PYTHON} needs python3-cryptography)`, () => {
  let ring = '';
  const path = join(emptyFolder(), 'ring.jwks');
  type Half = Record<string, unknown>;
  let [secret, pair]: [Half, Half] = [{}, {}];
  let keys: Half[] = [];

  beforeAll(async () => {
    ring = (await ringFile()).path;
    ({ keys } = JSON.parse(readFileSync(ring, 'utf8')));
    [secret = {}, pair = {}] = keys;
  });

  const otherEntry = (changes: { secret?: Half; pair?: Half } = {}): Half[] => {
    const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    return [
      { ...secret, kid: 'other', k: randomBytes(32).toString('base64url'), ...changes.secret },
      { ...pair, kid: 'other', d, x, ...changes.pair },
    ];
  };
  const withoutD = ({ d: _private, ...half }: Half) => half;
  const publicOnly = (x: string) => [secret, { ...withoutD(pair), x: Buffer.from(x, 'hex').toString('base64url') }];
  const jti = 'AAECAwQFBgcICQoL';
  const until = 1_800_000_000;

  const good: Record<string, () => object> = {
    'as generated': () => ({ keys }),
    'with two entries': () => ({ keys: [...keys, ...otherEntry()] }),
    'for inspectors': () => ({ keys: keys.map(withoutD) }),
    'for development': () => ({ keys, development: true }),
    'with revocations': () => ({ keys, revocations: { tasks: [{ jti, until }], subjects: [{ sub: `${'A'.repeat(21)}w`, until }] } }),
    'with revocations of tasks only': () => ({ keys, revocations: { tasks: [{ jti, until }] } }),
    'with 10,000 revocations': () => ({ keys, revocations: { tasks: Array(10_000).fill({ jti, until }) } }),
  };
  const bad: Record<string, () => object> = {
    'no keys': () => ({ keys: [] }),
    'half an entry': () => ({ keys: [secret] }),
    'an entry twice': () => ({ keys: [...keys, ...keys] }),
    'halves with different times': () => ({ keys: [secret, { ...pair, iat: 0 }] }),
    'one revoked half': () => ({ keys: [secret, { ...pair, revoked: { revoked_at: 1 } }] }),
    'true as a time': () => ({ keys: keys.map((half) => ({ ...half, iat: true })) }),
    'nbf equal to exp': () => ({ keys: keys.map((half) => ({ ...half, nbf: half['exp'] })) }),
    'a secret that is not canonical base64url': () => ({ keys: [{ ...secret, k: `${secret['k']}=` }, pair] }),
    'another algorithm': () => ({ keys: [secret, { ...pair, alg: 'EdDSA' }] }),
    'd and x of different pairs': () => ({ keys: [secret, { ...pair, x: otherEntry()[1]?.['x'] }] }),
    'd in one of two entries': () => ({ keys: [...keys, ...otherEntry().map(withoutD)] }),
    'one secret under two kids': () => ({ keys: [...keys, ...otherEntry({ secret: { k: secret['k'] } })] }),
    'one pair under two kids': () => ({ keys: [...keys, ...otherEntry({ pair: { d: pair['d'], x: pair['x'] } })] }),
    'a secret that is the private key': () => ({ keys: [{ ...secret, k: pair['d'] }, pair] }),
    'a secret that is the public key': () => ({ keys: [{ ...secret, k: pair['x'] }, pair] }),
    'a private key beside the secret': () => ({ keys: [{ ...secret, d: pair['d'] }, pair] }),
    'a revocation with an unknown member': () => ({ keys, revocations: { tasks: [{ jti, until, note: 'x' }] } }),
    'a misspelt member for revocations': () => ({ keys, revocation: {} }),
    'a misspelt member for the revocation of a key': () => ({ keys: [{ ...secret, Revoked: {} }, pair] }),
    'an unknown member in revocations': () => ({ keys, revocations: { task: [] } }),
    'x that is not canonical': () => ({ keys: publicOnly(`f0${'ff'.repeat(30)}7f`) }),
    'x of order 1': () => ({ keys: publicOnly('01'.padEnd(64, '0')) }),
    'x of order 1 with its sign bit set': () => ({ keys: publicOnly(`01${'00'.repeat(30)}80`) }),
    'x of order 2': () => ({ keys: publicOnly(`ec${'ff'.repeat(30)}7f`) }),
    'x of order 4': () => ({ keys: publicOnly('00'.repeat(32)) }),
    'x of order 8': () => ({ keys: publicOnly('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05') }),
    'revocations that are a list': () => ({ keys, revocations: [{ jti, until }] }),
    'a revoked task without an end': () => ({ keys, revocations: { tasks: [{ jti }] } }),
    'a revoked task of 15 characters': () => ({ keys, revocations: { tasks: [{ jti: jti.slice(1), until }] } }),
    'a revoked caller that is not a hash': () => ({ keys, revocations: { subjects: [{ sub: 'alice', until }] } }),
    '10,001 revocations': () => ({ keys, revocations: { tasks: Array(10_001).fill({ jti, until }) } }),
  };

  it.each(Object.entries(good))('are accepted by both implementations: %s', async (_, document) => {
    writeFileSync(path, JSON.stringify(document()));
    expect(await openInPython(path, 'a handle')).toHaveProperty('code', 'malformed');
    await expect(parseRing(JSON.stringify(document()))).resolves.toBeDefined();
  });

  it.each(Object.entries(bad))('are refused by both implementations: %s', async (_, document) => {
    writeFileSync(path, JSON.stringify(document()));
    expect(await openInPython(path, 'a handle')).toHaveProperty('code', 'ring');
    await expect(parseRing(JSON.stringify(document()))).rejects.toThrow('ing');
  });

  it('make a replica in Python refuse the handles of a revoked task, while an inspector still opens these handles', async () => {
    const claims = researchClaims([]);
    const handle = await sealInPython(ring, claims);
    const revocations = { tasks: [{ jti: claims.jti, until: claims.exp }] };
    writeFileSync(path, JSON.stringify({ keys, revocations }));
    expect(await openInPython(path, handle)).toEqual({ code: 'rejected', reason: 'revoked' });
    writeFileSync(path, JSON.stringify({ keys: keys.map(withoutD), revocations }));
    expect(await openInPython(path, handle)).toHaveProperty('claims.jti', claims.jti);
  });
});
