import { describe, expect, it } from 'vitest';
import { fingerprint, subjectClaim } from '../../src/handle/index.ts';
import { newHandle, newKeys } from './support.ts';

describe('a fingerprint', () => {
  it('has 16 characters, and no part of the handle', async () => {
    const handle = await newHandle(await newKeys());
    const name = await fingerprint(handle);
    expect(name).toMatch(/^[A-Za-z0-9_-]{16}$/);
    expect(handle).not.toContain(name);
    expect(await fingerprint(handle)).toBe(name);
    expect(await fingerprint(`${handle}A`)).not.toBe(name);
  });
});

describe('the sub claim of a caller', () => {
  it('has 22 characters, reveals no name, and keeps issuer and subject apart', async () => {
    const claim = await subjectClaim({ issuer: 'https://a.example', subject: 'b' });
    expect(claim).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await subjectClaim({ issuer: 'https://a.example', subject: 'b' })).toBe(claim);
    expect(await subjectClaim({ issuer: 'https://a.exampleb', subject: '' })).not.toBe(claim);
  });
});
