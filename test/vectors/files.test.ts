import { spawnSync } from 'node:child_process';
import { base64url, compactDecrypt, decodeProtectedHeader, flattenedVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { bad, good } from '../support/vectors.ts';

describe('the test vectors', () => {
  it('are byte for byte the output of make.mjs', () => {
    const make = new URL('make.mjs', import.meta.url);
    const { status, stderr } = spawnSync(process.execPath, [make.pathname, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('include at least 25 good vectors and 100 bad vectors, at least three for each step', () => {
    expect(good.vectors.length).toBeGreaterThanOrEqual(25);
    expect(bad.vectors.length).toBeGreaterThanOrEqual(100);
    for (let step = 1; step <= 17; step += 1) {
      expect(bad.vectors.filter((vector) => vector.step === step).length, `step ${step}`).toBeGreaterThanOrEqual(3);
    }
  });

  it('have unique names', () => {
    expect(new Set(good.vectors.map(({ name }) => name)).size).toBe(good.vectors.length);
    expect(new Set(bad.vectors.map(({ name }) => name)).size).toBe(bad.vectors.length);
  });

  it('open in jose as JWEs around detached JWSs, except the good vector whose signature is wrong', async () => {
    const refused: string[] = [];
    for (const vector of good.vectors) {
      const { kid } = decodeProtectedHeader(vector.handle as string);
      const half = (type: string) => good.rings[vector.ring]?.keys.find((jwk) => jwk['kid'] === kid && jwk['kty'] === type) ?? {};
      const secret = base64url.decode(half('oct')['k'] as string);
      const { plaintext } = await compactDecrypt(vector.handle as string, secret, { maxDecompressedLength: 65_536 });
      const payload = plaintext.subarray(64);
      expect(new TextDecoder().decode(payload), vector.name).toBe(JSON.stringify(vector.claims));
      const inner = JSON.stringify({ alg: 'Ed25519', b64: false, crit: ['b64'], kid, typ: 'handle+jws' });
      const jws = { protected: base64url.encode(inner), payload, signature: base64url.encode(plaintext.subarray(0, 64)) };
      const publicKey = { kty: 'OKP', crv: 'Ed25519', x: half('OKP')['x'] as string };
      await flattenedVerify(jws, publicKey).catch(() => refused.push(vector.name));
    }
    expect(refused).toEqual(['A signature of zeros under the derived IV: a replica does not verify it']);
  });
});
