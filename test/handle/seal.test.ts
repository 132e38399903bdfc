import { describe, expect, it } from 'vitest';
import { authenticate, issue, StateTooLarge, seal } from '../../src/handle/index.ts';
import { claimsWith, errorOf, LIFETIME, NOW, newHandle, newKeys } from './support.ts';

const keys = await newKeys();
const circular: Record<string, unknown> = {};
circular.confidential = circular;

describe('seal', () => {
  it.each<[string, unknown]>([
    ['a function', () => 'confidential'],
    ['a symbol', Symbol('confidential')],
    ['undefined', undefined],
    ['an object whose toJSON returns undefined', { toJSON: () => undefined }],
    ['a number that JSON does not have', 7n],
    ['an object that contains itself', circular],
  ])('refuses %s as the state, with an error that contains no part of it', async (_what, state) => {
    const birth = { kind: 'research@1', state, now: NOW, lifetime: LIFETIME };
    for (const sealing of [() => issue(birth, keys.key), () => seal(claimsWith({ st: state }), keys.key)]) {
      const error = await errorOf(sealing());
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(/^seal: /);
      expect(error.message).not.toContain('confidential');
    }
  });

  it('refuses a state too deep for any call stack, with the error StateTooLarge', async () => {
    let deep: unknown = [];
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(await errorOf(newHandle(keys, deep))).toBeInstanceOf(StateTooLarge);
  });

  it('writes the claims that it checked, even if JSON.stringify would write others', async () => {
    const hidden = Object.defineProperty({ ...claimsWith() }, 'jti', { enumerable: false });
    class Posing {
      toJSON() {
        return claimsWith({ jti: 'BAECAwQFBgcICQoL' });
      }
    }
    const posing = Object.assign(new Posing(), claimsWith());
    for (const claims of [hidden, posing]) {
      const { claims: read } = await authenticate(await seal(claims, keys.key), keys.findKey);
      expect(read).toEqual(claimsWith());
    }
    const rights = Object.assign(['read'], { toJSON: () => undefined });
    expect((await authenticate(await seal(claimsWith({ scp: rights }), keys.key), keys.findKey)).claims.scp).toEqual(['read']);
  });

  it('accepts claims with text that looks like a JSON member', async () => {
    expect(await errorOf(seal(claimsWith({ aud: '"st":', st: () => 0 }), keys.key))).toBeInstanceOf(TypeError);
    expect(await seal(claimsWith({ aud: '"st":', st: '"st":' }), keys.key)).toMatch(/^ey/);
  });
});
