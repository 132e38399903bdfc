import { beforeAll, describe, expect, it } from 'vitest';
import { attenuate, fingerprint, issue, open, reissue, seal, succeeds } from '../../src/handle/index.ts';
import { expecting, type Keys, LIFETIME, NOW, newKeys, STATE } from './support.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await newKeys();
});

/** Opens a handle and re-issues it with another state, as a tool does. */
async function next(handle: string, state: unknown, now = NOW) {
  return reissue(await open(handle, expecting(keys, { now })), { kind: 'research@1', state, now }, keys.key);
}

describe('the lineage of a task', () => {
  it('is broken by more rights, by a later expiry, or by another expiry with the same rights', async () => {
    const whole = await issue({ kind: 'research@1', state: STATE, now: NOW, lifetime: LIFETIME }, keys.key);
    const part = await attenuate(await open(whole.handle, expecting(keys)), { rights: ['read'], exp: NOW + 60, now: NOW }, keys.key);
    const next = await reissue(await open(part.handle, expecting(keys)), { kind: 'research@1', state: 1, now: NOW }, keys.key);
    const { scp: _none, ...unattenuated } = next.claims;
    const forged = [
      unattenuated,
      { ...next.claims, scp: ['read', 'get_task_status'] },
      { ...next.claims, scp: ['get_task_status'] },
      { ...next.claims, exp: NOW + 61 },
      { ...next.claims, exp: NOW + LIFETIME },
      { ...next.claims, jti: 'AAAAAAAAAAAAAAAA' },
      { ...next.claims, rev: 4 },
    ];
    expect(await succeeds(next, part)).toBe(true);
    for (const claims of forged) expect(await succeeds({ handle: await seal(claims, keys.key), claims }, part)).toBe(false);
    const second = (await reissue(await open(whole.handle, expecting(keys)), { kind: 'research@1', state: 1, now: NOW }, keys.key)).claims;
    for (const exp of [NOW + LIFETIME - 1, NOW + LIFETIME + 1]) {
      const claims = { ...second, exp };
      expect(await succeeds({ handle: await seal(claims, keys.key), claims }, whole)).toBe(false);
    }
  });

  it('turns a log of handles into a chain that can be checked', async () => {
    const chain = [await issue({ kind: 'research@1', state: STATE, now: NOW, lifetime: LIFETIME }, keys.key)];
    for (let step = 1; step < 5; step += 1) chain.push(await next(chain[step - 1]?.handle ?? '', { step }));
    for (const [index, revision] of chain.entries()) {
      for (const [other, candidate] of chain.entries()) expect(await succeeds(candidate, revision)).toBe(other === index + 1);
    }
  });

  it('shows a fork as two successors of one handle', async () => {
    const first = await issue({ kind: 'research@1', state: STATE, now: NOW, lifetime: LIFETIME }, keys.key);
    const [left, right] = [await next(first.handle, 'left'), await next(first.handle, 'right')];
    expect([await succeeds(left, first), await succeeds(right, first), await succeeds(left, right)]).toEqual([true, true, false]);
    expect(left.claims.prv).toBe(right.claims.prv);
    expect(await fingerprint(left.handle)).not.toBe(await fingerprint(right.handle));
  });
});
