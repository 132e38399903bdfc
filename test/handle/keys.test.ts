import { beforeAll, describe, expect, it } from 'vitest';
import { type MintingKey, type OpeningKey, open, seal } from '../../src/handle/index.ts';
import { claimsWith, errorOf, expecting, inspecting, type Keys, newHandle, newKeys } from './support.ts';

let keys: Keys;
let handle: string;
beforeAll(async () => {
  keys = await newKeys();
  handle = await newHandle(keys);
});

const unreachable = async (): Promise<never> => {
  throw new Error('the key service is unreachable');
};

/** Opens the handle with a key in which some members are replaced. */
const openBy = (key: Partial<OpeningKey>, of: Keys = keys) =>
  open(handle, { ...expecting(of), findKey: () => ({ ...of.findKey(keys.key.kid), ...key }) as OpeningKey });

describe('an unreachable key service', () => {
  it('makes open throw the error of the service, instead of a rejection of the handle', async () => {
    for (const [member, of] of [
      ['decrypt', keys],
      ['deriveIv', keys],
      ['verify', inspecting(keys)],
    ] as const) {
      expect((await errorOf(openBy({ [member]: unreachable }, of))).message, member).toBe('the key service is unreachable');
    }
  });
});

describe('a badly made key', () => {
  it('makes open throw an error if deriveIv is missing, so that no replica becomes an inspector by mistake', async () => {
    const { kid, decrypt, verify } = keys.key;
    const bare = { kid, decrypt, verify } as OpeningKey;
    expect(await errorOf(open(handle, { ...expecting(keys), findKey: () => bare }))).toBeInstanceOf(TypeError);
  });

  it('does not verify a signature if its function verify returns an object instead of true', async () => {
    const error = await errorOf(openBy({ verify: () => ({ valid: false }) as unknown as boolean }, inspecting(keys)));
    expect(error).toMatchObject({ code: 'rejected', reason: 'signature' });
  });

  const bytes = (length: number) => () => new Uint8Array(length);
  it.each<[string, Partial<MintingKey>]>([
    ['a whole HMAC as the IV', { deriveIv: bytes(32) }],
    ['a short IV', { deriveIv: bytes(11) }],
    ['no IV', { deriveIv: (() => undefined) as never }],
    ['a signature in another form', { sign: bytes(72) }],
    ['a short tag', { encrypt: (data) => ({ ciphertext: data, tag: new Uint8Array(12) }) }],
    [
      'the tag at the end of the ciphertext',
      { encrypt: (data) => ({ ciphertext: new Uint8Array(data.length + 16), tag: new Uint8Array(16) }) },
    ],
    ['a kid that no header can have', { kid: 'a"b' }],
  ])('makes seal throw an error if the handle would not open again: %s', async (_what, members) => {
    expect(await errorOf(seal(claimsWith(), { ...keys.key, ...members }))).toBeInstanceOf(TypeError);
  });
});

it('seal refuses every handle if the maximum length is NaN', async () => {
  expect(await errorOf(seal(claimsWith(), keys.key, { maxLength: Number.NaN }))).toMatchObject({ code: 'state_too_large' });
});
