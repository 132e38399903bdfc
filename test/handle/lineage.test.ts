import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprint, issue, open, reissue, seal, subjectClaim, succeeds } from '../../src/handle/index.ts';
import { claimsWith, expecting, type Keys, LIFETIME, NOW, newHandle, newKeys, STATE } from './support.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await newKeys();
});

/** Opens a handle and re-issues it, as a tool does. */
async function next(handle: string, state: unknown, now = NOW) {
  return reissue(await open(handle, expecting(keys, { now })), { kind: 'research@1', state, now }, keys.key);
}

describe('a re-issued handle', () => {
  it('keeps id and deadline, adds one to the revision, and names the handle that it replaces', async () => {
    const first = await issue({ kind: 'research@1', state: STATE, now: NOW, lifetime: LIFETIME }, keys.key);
    const second = await next(first.handle, { ...STATE, status: 'complete' }, NOW + 100);
    expect(second.claims).toEqual({
      ...first.claims,
      rev: 2,
      iat: NOW + 100,
      prv: await fingerprint(first.handle),
      st: { ...STATE, status: 'complete' },
    });
  });

  it('keeps caller, audience and rights', async () => {
    const sub = await subjectClaim({ issuer: 'https://issuer.example', subject: 'alice' });
    const handle = await seal(claimsWith({ sub, aud: 'production', scp: ['read'] }), keys.key);
    const opened = await open(handle, expecting(keys, { subject: sub, audience: 'production' }));
    expect((await reissue(opened, { kind: 'research@1', state: STATE, now: NOW }, keys.key)).claims).toMatchObject({
      sub,
      aud: 'production',
      scp: ['read'],
    });
  });

  it('leaves the one before it valid: a snapshot stays what it was', async () => {
    const first = await newHandle(keys);
    await next(first, { ...STATE, status: 'complete' });
    expect((await open(first, expecting(keys))).state).toEqual(STATE);
  });
});

describe('lineage', () => {
  it('makes a log of handles a chain that can be checked', async () => {
    const chain = [await issue({ kind: 'research@1', state: STATE, now: NOW, lifetime: LIFETIME }, keys.key)];
    for (let step = 1; step < 5; step += 1) chain.push(await next(chain[step - 1]?.handle ?? '', { step }));
    for (const [index, revision] of chain.entries()) {
      for (const [other, candidate] of chain.entries()) expect(await succeeds(candidate, revision)).toBe(other === index + 1);
    }
  });

  it('makes a fork visible: two successors of one handle', async () => {
    const first = await issue({ kind: 'research@1', state: STATE, now: NOW, lifetime: LIFETIME }, keys.key);
    const [left, right] = [await next(first.handle, 'left'), await next(first.handle, 'right')];
    expect([await succeeds(left, first), await succeeds(right, first), await succeeds(left, right)]).toEqual([true, true, false]);
    expect(left.claims.prv).toBe(right.claims.prv);
    expect(await fingerprint(left.handle)).not.toBe(await fingerprint(right.handle));
  });
});

describe('a caller’s claim', () => {
  it('is 22 characters that tell nothing, and keeps issuer and subject apart', async () => {
    const claim = await subjectClaim({ issuer: 'https://a.example', subject: 'b' });
    expect(claim).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await subjectClaim({ issuer: 'https://a.example', subject: 'b' })).toBe(claim);
    expect(await subjectClaim({ issuer: 'https://a.exampleb', subject: '' })).not.toBe(claim);
  });
});
