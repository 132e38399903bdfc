import { spawnSync } from 'node:child_process';
import { base64url, compactDecrypt, decodeProtectedHeader, flattenedVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type AuthenticHandle, authenticate, HandleError, HandleRejected, open, type ReadState } from '../../src/handle/index.ts';
import { isRevoked, openingKey, parseRing, type Ring } from '../../src/keys/index.ts';
import { type BadVector, bad, good, type Vector, type VectorFile } from '../support/vectors.ts';

/** Each ring is imported only once, because hundreds of vectors share a few rings. */
const parsed = new Map<unknown, Promise<Ring>>();
function ringOf(file: VectorFile<Vector>, vector: Vector): Promise<Ring> {
  const document = file.rings[vector.ring];
  const ring = parsed.get(document) ?? parseRing(JSON.stringify(document));
  parsed.set(document, ring);
  return ring;
}

const admits: Record<NonNullable<Vector['stateMustBe']>, (state: unknown) => boolean> = {
  object: (state) => typeof state === 'object' && state !== null && !Array.isArray(state),
  string: (state) => typeof state === 'string',
  never: () => false,
};

/** Opens the handle of a vector by the procedure that its ring decides. The inspector's procedure ends with step 9. */
async function openVector(file: VectorFile<Vector>, vector: Vector): Promise<AuthenticHandle> {
  const ring = await ringOf(file, vector);
  const findKey = (kid: string) => openingKey(ring, kid, vector.now);
  if (ring.entries.every(({ minting }) => minting === undefined)) return authenticate(vector.handle, findKey, vector.maxLength);
  const readState: ReadState = (state) => {
    if (vector.stateMustBe !== undefined && !admits[vector.stateMustBe](state)) throw new Error('not a state of this kind');
    return state;
  };
  return open(vector.handle, {
    findKey,
    now: vector.now,
    notBefore: vector.notBefore,
    isRevoked: (claims) => isRevoked(ring.revocations, claims, vector.now),
    audience: vector.audience,
    subject: vector.subject,
    kinds: new Map(vector.kinds.map((kind) => [kind, readState])),
    needs: vector.needs,
    maxLength: vector.maxLength,
  });
}

async function refusalOf(vector: BadVector): Promise<{ code: string; reason?: string }> {
  try {
    await openVector(bad, vector);
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    return { code: error.code, ...(error instanceof HandleRejected && { reason: error.reason }) };
  }
  throw new Error('it opened');
}

describe('the handles of good vectors open', () => {
  it.each(good.vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    const opened = await openVector(good, vector);
    // The claims are compared as text, because equality of objects ignores the order of members, and the member __proto__.
    expect(JSON.stringify(opened.claims)).toBe(JSON.stringify(vector.claims));
    if ('state' in opened) expect(JSON.stringify(opened.state)).toBe(JSON.stringify(vector.claims.st));
  });
});

describe('the handles of bad vectors are refused', () => {
  it.each(bad.vectors.map((vector) => [vector.step, vector.name, vector] as const))('step %i: %s', async (_step, _name, vector) => {
    const { code, reason } = vector;
    expect(await refusalOf(vector)).toEqual({ code, ...(reason !== undefined && { reason }) });
  });
});

describe('the test vectors', () => {
  it('are byte for byte the output of make.mjs', () => {
    const make = new URL('make.mjs', import.meta.url);
    const { status, stderr } = spawnSync(process.execPath, [make.pathname, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('include at least 25 good ones and 100 bad ones, three for each step', () => {
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

  it('are JWEs around detached JWSs for jose, except the good vector whose signature is wrong', async () => {
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
