import { describe, expect, it } from 'vitest';
import { descriptionOf, readHandleInfo, writeHandleInfo } from '../../src/handle/index.ts';

const info = { id: 'A7hUq0wzL3nT9cXf', kind: 'research@1', revision: 2, expires_at: '2026-07-29T12:00:00Z' };
const claims = { jti: info.id, kind: info.kind, rev: 2, iat: 1_785_240_000, exp: 1_785_326_400, prv: 'x'.repeat(16), st: { topic: 'wax' } };

describe('the description beside a handle', () => {
  it('has the id, the kind, the revision and the expiry, and nothing of the state', () => {
    expect(writeHandleInfo(descriptionOf(claims))).toEqual(info);
  });

  it('has the rights of an attenuated handle', () => {
    expect(writeHandleInfo(descriptionOf({ ...claims, scp: ['read'] }))).toEqual({ ...info, rights: ['read'] });
  });

  it('is read back as it was written, without the values that only the claims have', () => {
    const { issuedAt: _issuedAt, previous: _previous, ...told } = descriptionOf({ ...claims, scp: ['read'] });
    expect(readHandleInfo(writeHandleInfo(told))).toEqual(told);
  });

  it('can have its expiry in another time zone', () => {
    expect(readHandleInfo({ ...info, expires_at: '2026-07-29T14:00:00.500+02:00' })?.expiresAt).toBe(claims.exp);
  });

  it.each([
    ['is a string', 'A7hUq0wzL3nT9cXf'],
    ['has an id of another length', { ...info, id: 'A7hUq0wz' }],
    ['has a kind without a version', { ...info, kind: 'research' }],
    ['has revision 0', { ...info, revision: 0 }],
    ['has an expiry without a time zone', { ...info, expires_at: '2026-07-29T12:00:00' }],
    ['has a right with a line break', { ...info, rights: ['read\n'] }],
    ['has 65 rights', { ...info, rights: Array.from({ length: 65 }, (_, n) => `right_${n}`) }],
  ])('is ignored if it %s', (_what, wrong) => {
    expect(readHandleInfo(wrong)).toBeUndefined();
  });
});
