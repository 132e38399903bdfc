import { beforeAll, describe, expect, it } from 'vitest';
import { attenuate, fingerprint, issue, open, reissue, seal, subjectClaim, succeeds } from '../../src/handle/index.ts';
import { claimsWith, expecting, type Keys, LIFETIME, NOW, newHandle, newKeys, STATE } from './support.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await newKeys();
});

/** Opens a handle and re-issues it with another state, as a tool does. */
async function next(handle: string, state: unknown, now = NOW) {
  return reissue(await open(handle, expecting(keys, { now })), { kind: 'research@1', state, now }, keys.key);
}

describe('a re-issued handle', () => {
  it('keeps the id and the expiry, has the next revision, and names its predecessor', async () => {
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

  it('keeps the caller, the audience and the rights', async () => {
    const sub = await subjectClaim({ issuer: 'https://issuer.example', subject: 'alice' });
    const handle = await seal(claimsWith({ sub, aud: 'production', scp: ['read'] }), keys.key);
    const opened = await open(handle, expecting(keys, { subject: sub, audience: 'production' }));
    expect((await reissue(opened, { kind: 'research@1', state: STATE, now: NOW }, keys.key)).claims).toMatchObject({
      sub,
      aud: 'production',
      scp: ['read'],
    });
  });

  it('leaves its predecessor valid and unchanged', async () => {
    const first = await newHandle(keys);
    await next(first, { ...STATE, status: 'complete' });
    expect((await open(first, expecting(keys))).state).toEqual(STATE);
  });
});

describe('an attenuated handle', () => {
  const rights = ['read', 'record_findings'];

  async function opened(members: Parameters<typeof claimsWith>[0] = {}, now = NOW) {
    return open(await seal(claimsWith(members), keys.key), expecting(keys, { now, needs: ['read', 'record_findings'] }));
  }

  it('keeps task and state, with fewer rights and an earlier expiry', async () => {
    const whole = await opened();
    const part = await attenuate(whole, { rights, exp: NOW + 60, now: NOW + 5 }, keys.key);
    expect(part.claims).toEqual({
      ...whole.claims,
      rev: 2,
      iat: NOW + 5,
      exp: NOW + 60,
      prv: await fingerprint(whole.handle),
      scp: rights,
    });
    expect(await succeeds(part, whole)).toBe(true);
    expect((await open(part.handle, expecting(keys))).state).toEqual(STATE);
  });

  it('opens only for its rights, and so do its successors', async () => {
    const part = await attenuate(await opened(), { rights: ['read'], exp: NOW + LIFETIME, now: NOW }, keys.key);
    const next = await reissue(
      await open(part.handle, expecting(keys, { needs: ['read'] })),
      { kind: 'research@1', state: 'next', now: NOW },
      keys.key,
    );
    for (const { handle } of [part, next]) {
      for (const needs of [[], ['record_findings'], ['READ'], ['']]) {
        await expect(open(handle, expecting(keys, { needs }))).rejects.toMatchObject({ code: 'forbidden' });
      }
    }
    expect(next.claims.scp).toEqual(['read']);
    expect(await succeeds(next, part)).toBe(true);
  });

  it('keeps the state as it was sealed, even if the call has migrated it', async () => {
    const whole = await open(await newHandle(keys), expecting(keys, { kinds: new Map([['research@1', () => 'migrated']]) }));
    const part = await attenuate(whole, { rights, exp: NOW + LIFETIME, now: NOW }, keys.key);
    expect([part.claims.kind, part.claims.st]).toEqual(['research@1', STATE]);
  });

  it.each([
    ['more rights', { rights: ['read', 'cancel_research_task'] }],
    ['other rights', { rights: ['get_task_status'] }],
    ['no rights', { rights: [] }],
    ['a later deadline', { exp: NOW + LIFETIME + 1 }],
    ['a deadline in the past', { exp: NOW }],
    ['no deadline', { exp: Number.NaN }],
  ])('is never issued with %s', async (_name, members) => {
    const part = await opened({ scp: rights });
    await expect(attenuate(part, { rights, exp: NOW + 60, now: NOW, ...members }, keys.key)).rejects.toThrow(RangeError);
  });

  it('has not expired when it is issued, even on a replica with a slow clock', async () => {
    const ahead = await opened({ iat: NOW + 60 });
    await expect(attenuate(ahead, { rights, exp: NOW + 60, now: NOW }, keys.key)).rejects.toThrow(RangeError);
    expect((await attenuate(ahead, { rights, exp: NOW + 61, now: NOW }, keys.key)).claims).toMatchObject({ iat: NOW + 60, exp: NOW + 61 });
  });
});
