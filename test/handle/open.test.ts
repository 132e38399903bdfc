import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Claims, type Expectations, type HandleRejected, issue, open, seal, subjectClaim } from '../../src/handle/index.ts';
import { compose, handleOf, innerHeader, sign } from './oracle.ts';
import { claimsWith, errorOf, expecting, inspecting, type Keys, LIFETIME, NOW, newHandle, newKeys, STATE } from './support.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await newKeys();
});

async function reasonFor(handle: unknown, members: Partial<Expectations> = {}, by = keys): Promise<string> {
  const error = await errorOf(open(handle, expecting(by, members)));
  expect(error.message).toBe('This handle is not valid here.');
  return (error as HandleRejected).reason;
}

describe('opening a handle', () => {
  it('returns the state that was sealed, and the claims', async () => {
    const opened = await open(await newHandle(keys), expecting(keys));
    expect(opened.state).toEqual(STATE);
    expect(opened.claims).toMatchObject({ kind: 'research@1', rev: 1, iat: NOW, exp: NOW + LIFETIME });
    expect(opened.claims.jti).toMatch(/^[A-Za-z0-9_-]{16}$/);
  });

  it('returns the state of a compressed handle', async () => {
    const st = { text: 'again and again '.repeat(500) };
    expect((await open(await seal(claimsWith({ st }), keys.key, { compress: true }), expecting(keys))).state).toEqual(st);
  });

  it('passes the state to its kind’s reader, and returns the result', async () => {
    const kinds = new Map([['research@1', () => 'migrated']]);
    expect((await open(await newHandle(keys), expecting(keys, { kinds }))).state).toBe('migrated');
  });
});

describe('open', () => {
  it('rejects a handle with an unknown key', async () => {
    expect(await reasonFor(await newHandle(await newKeys()))).toBe('unknown_key');
  });

  it('rejects a handle that another key encrypted under a known kid', async () => {
    const other = await newKeys();
    const impostor = { ...other, key: { ...other.key, kid: keys.key.kid } };
    expect(await reasonFor(await newHandle(impostor))).toBe('decryption');
  });

  it('rejects a handle with a wrong IV, although everything else is right', async () => {
    const claims = JSON.stringify(claimsWith());
    const random = crypto.getRandomValues(new Uint8Array(12));
    const near = Buffer.from((await newHandle(keys)).split('.')[2] as string, 'base64url');
    near[11] = (near[11] as number) ^ 1;
    for (const iv of [random, near]) expect(await reasonFor(await handleOf(claims, keys, { iv }))).toBe('iv');
    expect(await reasonFor(await handleOf(claims, keys, { label: `waxseal handle iv v1:${keys.key.kid}x` }))).toBe('iv');
  });

  it('rejects a handle whose IV was derived before compression', async () => {
    const text = Buffer.from(JSON.stringify(claimsWith({ st: 'again and again '.repeat(50) })));
    const plaintext = Buffer.concat([await sign(text, keys), text]);
    const header = (await handleOf(text, keys, { compress: true })).split('.')[0];
    const ivOver = Buffer.concat([Buffer.from(`${header}.`), plaintext]);
    expect(await reasonFor(compose(plaintext, keys, { compress: true, ivOver }))).toBe('iv');
  });

  it('rejects a handle that an inspector encrypted again, with another IV or compression', async () => {
    const claims = Buffer.from(JSON.stringify(claimsWith({ st: 'again and again '.repeat(50) })));
    const plaintext = Buffer.concat([await sign(claims, keys), claims]);
    const [authentic, again] = [compose(plaintext, keys, { compress: true }), deflateRawSync(plaintext, { level: 1 })];
    const iv = Buffer.from(authentic.split('.')[2] as string, 'base64url');
    expect((await open(authentic, expecting(keys))).claims.jti).toBe(claimsWith().jti);
    expect(await reasonFor(compose(plaintext, keys, { compress: true, encrypted: again, iv }))).toBe('iv');
    expect(await reasonFor(compose(plaintext, keys, { iv: crypto.getRandomValues(new Uint8Array(12)) }))).toBe('iv');
  });

  it('rejects a plaintext of more than 64 KiB, without inflating all of it', async () => {
    expect(await reasonFor(compose(Buffer.alloc(65_537, 65), keys, { compress: true }))).toBe('inflation');
    expect(await reasonFor(compose(Buffer.alloc(8 * 1024 * 1024), keys, { compress: true }), { maxLength: 262_144 })).toBe('inflation');
    expect(await reasonFor(compose(Buffer.alloc(65_537, 65), keys), { maxLength: 262_144 })).toBe('inflation');
  });

  it('rejects an uncompressed handle whose header says that it is compressed', async () => {
    expect(await reasonFor(compose(Buffer.from('not deflated'), keys, { compress: true, encrypted: Buffer.from('not deflated') }))).toBe(
      'inflation',
    );
  });

  it('rejects a handle too short for a signature and claims', async () => {
    for (const length of [1, 63, 64]) expect(await reasonFor(compose(Buffer.alloc(length, 65), keys))).toBe('claims');
  });

  it('rejects a handle issued more than a minute in the future', async () => {
    const at = (iat: number) => seal(claimsWith({ iat }), keys.key);
    expect((await open(await at(NOW + 60), expecting(keys))).claims.iat).toBe(NOW + 60);
    expect(await reasonFor(await at(NOW + 61))).toBe('issued_in_future');
  });

  it('rejects a handle with another audience than expected, also if the handle or the call has none', async () => {
    const forProduction = await seal(claimsWith({ aud: 'production' }), keys.key);
    expect((await open(forProduction, expecting(keys, { audience: 'production' }))).claims.aud).toBe('production');
    expect(await reasonFor(forProduction, { audience: 'staging' })).toBe('audience');
    expect(await reasonFor(forProduction)).toBe('audience');
    expect(await reasonFor(await newHandle(keys), { audience: 'production' })).toBe('audience');
  });

  it('rejects a bound handle from another or an anonymous caller, and a bearer handle from a known caller', async () => {
    const alice = await subjectClaim({ issuer: 'https://issuer.example', subject: 'alice' });
    const bob = await subjectClaim({ issuer: 'https://issuer.example', subject: 'bob' });
    const birth = { kind: 'research@1', state: STATE, now: NOW, lifetime: LIFETIME, subject: alice };
    const { handle } = await issue(birth, keys.key);
    expect((await open(handle, expecting(keys, { subject: alice }))).claims.sub).toBe(alice);
    expect(await reasonFor(handle, { subject: bob })).toBe('subject');
    expect(await reasonFor(handle)).toBe('subject');
    expect(await reasonFor(await newHandle(keys), { subject: alice })).toBe('subject');
  });

  it('rejects a handle of a revoked task or caller, and does not tell the caller why', async () => {
    const handle = await newHandle(keys);
    expect(await reasonFor(handle, { isRevoked: ({ kind }) => kind === 'research@1' })).toBe('revoked');
    expect((await open(handle, expecting(keys, { isRevoked: () => false }))).state).toEqual(STATE);
    // Nor does the caller learn that the handle has expired.
    expect(await reasonFor(handle, { isRevoked: () => true, now: NOW + LIFETIME })).toBe('revoked');
  });

  it('rejects a handle if its kind’s reader refuses the state', async () => {
    const kinds = new Map([
      [
        'research@1',
        () => {
          throw new Error('no');
        },
      ],
    ]);
    expect(await reasonFor(await newHandle(keys), { kinds })).toBe('state');
  });
});

describe('an inspector', () => {
  const inspector = () => inspecting(keys);

  it('accepts a signed handle, with any IV', async () => {
    const claims = JSON.stringify(claimsWith());
    expect((await open(await newHandle(keys), expecting(inspector()))).state).toEqual(STATE);
    const anew = await handleOf(claims, keys, { iv: new Uint8Array(12) });
    expect((await open(anew, expecting(inspector()))).state).toEqual(STATE);
  });

  it('rejects a handle whose signature is all zeros, from another key, or over another header', async () => {
    const claims = Buffer.from(JSON.stringify(claimsWith()));
    const plaintext = (signature: Uint8Array) => Buffer.concat([signature, claims]);
    const other = await newKeys();
    const signatures = [
      await sign(claims, other),
      await sign(claims, other, innerHeader(keys.key.kid)),
      new Uint8Array(64),
      await sign(claims, keys, { ...innerHeader(keys.key.kid), typ: 'JWT' }),
      await sign(claims, keys, innerHeader('another')),
      await sign(claims, keys, { alg: 'Ed25519', typ: 'handle+jws' }),
    ];
    for (const signature of signatures) {
      // A replica accepts these handles: it checks only the IV, which nobody without the private key can derive.
      expect(await reasonFor(compose(plaintext(signature), keys), {}, inspector())).toBe('signature');
    }
    for (const length of [1, 63, 64]) expect(await reasonFor(compose(Buffer.alloc(length), keys), {}, inspector())).toBe('signature');
  });
});

describe('open, given an authentic handle,', () => {
  it('says that the handle has expired, from the second of its expiry on', async () => {
    const handle = await newHandle(keys);
    expect((await open(handle, expecting(keys, { now: NOW + LIFETIME - 1 }))).state).toEqual(STATE);
    const error = await errorOf(open(handle, expecting(keys, { now: NOW + LIFETIME })));
    expect(error).toMatchObject({ code: 'expired', expiredAt: NOW + LIFETIME });
    expect(error.message).toContain('2026-07-29T12:00:00Z');
  });

  it('does not tell another caller that the handle has expired', async () => {
    const alice = await subjectClaim({ issuer: 'https://issuer.example', subject: 'alice' });
    const { handle } = await issue({ kind: 'research@1', state: STATE, now: NOW, lifetime: 10, subject: alice }, keys.key);
    expect(await reasonFor(handle, { now: NOW + 10 })).toBe('subject');
  });

  it('says that the handle is of another kind or version', async () => {
    const kinds = new Map([['basket@1', (state: unknown) => state]]);
    expect(await errorOf(open(await newHandle(keys), expecting(keys, { kinds })))).toMatchObject({
      code: 'wrong_kind',
      kind: 'research@1',
    });
    expect((await errorOf(open(await seal(claimsWith({ kind: 'research@2' }), keys.key), expecting(keys)))).code).toBe('wrong_kind');
  });

  it('says that an attenuated handle lacks a right that the call needs', async () => {
    const attenuated = await seal(claimsWith({ scp: ['read'] }), keys.key);
    expect((await open(attenuated, expecting(keys))).claims.scp).toEqual(['read']);
    expect((await errorOf(open(attenuated, expecting(keys, { needs: ['record_findings'] })))).code).toBe('forbidden');
  });
});

describe('claims', () => {
  const sealed = (text: string | Uint8Array) => handleOf(text, keys);
  const bad: Array<[string, Partial<Record<keyof Claims | 'x' | '__proto__', unknown>>]> = [
    ['a short id', { jti: 'AAAA' }],
    ['an id that is not a string', { jti: 7 }],
    ['a kind without a version', { kind: 'research' }],
    ['a kind of version 0', { kind: 'research@0' }],
    ['revision 0', { rev: 0 }],
    ['a fractional revision', { rev: 1.5 }],
    ['a first revision that replaces another', { prv: 'AAAAAAAAAAAAAAAA' }],
    ['a second revision that replaces no handle', { rev: 2 }],
    ['a negative time', { iat: -1 }],
    ['a fractional time', { iat: NOW + 0.5 }],
    ['a time as text', { exp: String(NOW + 1) }],
    ['a time beyond the year 9999', { exp: 1e15 }],
    ['a deadline of null', { exp: null }],
    ['a deadline no later than the issue', { exp: NOW }],
    ['a life of more than 30 days', { exp: NOW + 30 * 86_400 + 1 }],
    ['a subject with spare bits', { sub: `${'A'.repeat(21)}B` }],
    ['an empty audience', { aud: '' }],
    ['several audiences', { aud: ['a', 'b'] }],
    ['no rights', { scp: [] }],
    ['rights as text', { scp: 'read' }],
    ['no state', { st: undefined }],
    ['an unknown claim', { x: 1 }],
  ];
  it.each(bad)('are rejected with %s, although the right keys sealed them', async (_name, members) => {
    expect(await reasonFor(await sealed(JSON.stringify(claimsWith(members))))).toBe('claims');
  });

  it.each([
    ['a claim twice', (text: string) => text.replace('"rev":1', '"rev":1,"rev":1')],
    ['white space', (text: string) => text.replace('"rev":1', '"rev": 1')],
    ['a number in another spelling', (text: string) => text.replace('"rev":1', '"rev":1.0')],
    ['an escape that is not needed', (text: string) => text.replace('research@1', 'rese\\u0061rch@1')],
    ['__proto__', (text: string) => text.replace('"rev":1', '"rev":1,"__proto__":{}')],
    ['NaN', (text: string) => text.replace('"rev":1', '"rev":NaN')],
    ['text after the end', (text: string) => `${text} `],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    ['an array around them', (text: string) => `[${text}]`],
    ['a state of 30,000 open brackets', (text: string) => text.replace(/"st":.*}$/, `"st":${'['.repeat(30_000)}`)],
  ])('are rejected if they are spelt with %s', async (_name, respell) => {
    expect(await reasonFor(await sealed(respell(JSON.stringify(claimsWith()))), { maxLength: 262_144 })).toBe('claims');
  });

  it('can nest 128 levels deep, and deeper claims are neither sealed nor opened', async () => {
    const nested = (depth: number): unknown => (depth === 0 ? 'x' : [nested(depth - 1)]);
    const deepest = await seal(claimsWith({ st: nested(127) }), keys.key);
    expect((await open(deepest, expecting(keys))).state).toEqual(nested(127));
    expect(await errorOf(seal(claimsWith({ st: nested(128) }), keys.key))).toMatchObject({
      code: 'state_too_large',
      unit: 'levels',
      size: 129,
    });
    expect(await reasonFor(await sealed(JSON.stringify(claimsWith({ st: nested(128) }))))).toBe('claims');
    const brackets = { st: { text: '[{"\\'.repeat(500) } };
    expect((await open(await seal(claimsWith(brackets), keys.key), expecting(keys))).state).toEqual(brackets.st);
  });

  it('are rejected without a stack overflow if the state is 20,000 arrays deep', async () => {
    const st = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const payload = JSON.stringify(claimsWith()).replace(/"st":.*}$/, `"st":${st}}`);
    expect(await reasonFor(await sealed(payload), { maxLength: 262_144 })).toBe('claims');
  });

  it('are rejected if they are not UTF-8', async () => {
    expect(await reasonFor(await sealed(new Uint8Array([0x7b, 0xff, 0x7d])))).toBe('claims');
  });

  it('are not sealed if they are invalid', async () => {
    await expect(seal(claimsWith({ rev: 0 }), keys.key)).rejects.toThrow(TypeError);
  });
});

describe('a state that is too large', () => {
  it('is not sealed, and the error gives size and limit', async () => {
    const st = Array.from({ length: 2000 }, () => crypto.randomUUID());
    const error = await errorOf(seal(claimsWith({ st: st.slice(0, 500) }), keys.key));
    expect(error).toMatchObject({ code: 'state_too_large', limit: 8_192, unit: 'characters' });
    expect(await errorOf(seal(claimsWith({ st }), keys.key))).toMatchObject({ code: 'state_too_large', limit: 65_536, unit: 'bytes' });
  });
});
