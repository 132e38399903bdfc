import { exportJWK, type JWK } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { prepareAuthorization } from '../../../../src/server/app/authorization/authorization.ts';
import { type Issuer, type Pair, pairFor, startIssuer } from '../../../support/issuer.ts';
import { until } from '../../../support/wait.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

let [rsa, second, edwards]: Pair[] = [];
let issuer: Issuer;
beforeAll(async () => {
  [rsa, second, edwards] = await Promise.all([pairFor('RS256', 'k1'), pairFor('RS256', 'k2'), pairFor('Ed25519', 'e1')]);
});
beforeEach(async () => {
  issuer = await startIssuer(AUDIENCE);
});
afterEach(async () => {
  vi.useRealTimers();
  await issuer.stop();
});

/** Tells the outcome for tokens at one server: the status, or the reason of a refusal. */
async function server(problems: Error[] = []) {
  const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE }, (problem) => problems.push(problem));
  return async (token: Promise<string>): Promise<string> => {
    let outcome = 'accepted';
    await authorization.judge({ headers: new Headers({ authorization: `Bearer ${await token}` }) }, (reason) => {
      outcome = reason;
    });
    return outcome;
  };
}

const without = (jwk: JWK, ...members: (keyof JWK)[]) =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !members.includes(name as keyof JWK)));

describe('A key in the JWK Set', () => {
  test.each<[string, () => unknown]>([
    ['stands beside null', () => ({ keys: [null, rsa?.jwk] })],
    ['stands beside a text', () => ({ keys: ['x', rsa?.jwk] })],
    ['stands beside a key of an unknown type', () => ({ keys: [{ kty: 'XYZ', kid: 'k1' }, rsa?.jwk] })],
    ['stands beside a key that cannot be read', () => ({ keys: [{ kty: 'RSA', kid: 'k1', n: '!', e: '!' }, rsa?.jwk] })],
    ['has members that are null', () => ({ keys: [{ ...rsa?.jwk, use: null, alg: null, key_ops: null, ext: null }] })],
    ['has "use" in capitals', () => ({ keys: [{ ...rsa?.jwk, use: 'SIG' }] })],
    ['has an empty "use"', () => ({ keys: [{ ...rsa?.jwk, use: '' }] })],
    ['says that it also signs', () => ({ keys: [{ ...rsa?.jwk, key_ops: ['sign', 'verify'] }] })],
    ['has no kid', () => ({ keys: [without(rsa?.jwk as JWK, 'kid')] })],
    ['has neither alg nor use', () => ({ keys: [without(rsa?.jwk as JWK, 'alg', 'use')] })],
    ['is listed twice', () => ({ keys: [rsa?.jwk, rsa?.jwk] })],
    ['shares its kid with another key', () => ({ keys: [{ ...second?.jwk, kid: 'k1' }, rsa?.jwk] })],
    ['is in an array instead of a set', () => [rsa?.jwk]],
    ['stands alone', () => rsa?.jwk],
  ])('is used if it %s', async (_what, jwks) => {
    issuer.jwks = jwks();
    expect(await (await server())(issuer.mint(rsa as Pair))).toBe('accepted');
  });

  test.each<[string, () => Promise<unknown>]>([
    ['is for encryption', async () => ({ ...rsa?.jwk, use: 'enc' })],
    ['is only for encryption, by its operations', async () => ({ ...without(rsa?.jwk as JWK, 'use'), key_ops: ['encrypt'] })],
    ['is for another algorithm', async () => ({ ...rsa?.jwk, alg: 'RS512' })],
    ['is published with its private part, so that anyone can sign with it', async () => exportJWK((rsa as Pair).privateKey)],
  ])('is not used if it %s', async (_what, jwk) => {
    issuer.jwks = { keys: [await jwk(), second?.jwk] };
    expect(await (await server())(issuer.mint(rsa as Pair))).toBe('key');
  });

  test.each([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
    ['EdDSA', 'EdDSA'],
  ])('for %s fits a token with %s', async (alg, inToken) => {
    issuer.jwks = { keys: [{ ...edwards?.jwk, alg }] };
    expect(await (await server())(issuer.mint({ ...(edwards as Pair), alg: inToken }))).toBe('accepted');
  });

  test.each([undefined, null, 7])('is found among several for a token with the kid %j', async (kid) => {
    issuer.jwks = { keys: [rsa?.jwk, second?.jwk] };
    const outcome = await server();
    for (const pair of [rsa, second]) expect(await outcome(issuer.mint(pair as Pair, {}, { kid }))).toBe('accepted');
    expect(await outcome(issuer.mint(await pairFor('RS256'), {}, { kid }))).toBe('signature');
  });

  test('is tried with at most fifteen others', async () => {
    const other = without(second?.jwk as JWK, 'kid');
    issuer.jwks = { keys: [...Array<unknown>(16).fill(other), without(rsa?.jwk as JWK, 'kid')] };
    expect(await (await server())(issuer.mint(rsa as Pair))).toBe('signature');
  });

  test('is found under the same kid soon after it was replaced', async () => {
    issuer.jwks = { keys: [rsa?.jwk] };
    const outcome = await server();
    vi.useFakeTimers({ toFake: ['Date'] });
    expect(await outcome(issuer.mint(rsa as Pair))).toBe('accepted');
    issuer.jwks = { keys: [{ ...second?.jwk, kid: 'k1' }] };
    const renamed = { ...(second as Pair), jwk: { kid: 'k1' } };
    // The refusal does not wait for the new keys, because its time would tell that the signature is wrong.
    expect(await outcome(issuer.mint(renamed as Pair))).toBe('signature');
    await until('the new keys are known', async () => (await outcome(issuer.mint(renamed as Pair))) === 'accepted');
    // A wrong signature causes at most one fetch in five seconds.
    const fetches = issuer.paths.length;
    expect(await outcome(issuer.mint(rsa as Pair))).toBe('signature');
    expect(issuer.paths).toHaveLength(fetches);
  });
});

test.each<[string, object]>([
  ['use', { use: ['enc'] }],
  ['alg', { alg: ['RSA-OAEP'] }],
  ['key_ops', { key_ops: 'encrypt' }],
])('A key is not used if its %s has the wrong type', async (_member, more) => {
  issuer.jwks = { keys: [second?.jwk, { ...rsa?.jwk, ...more }] };
  expect(await (await server())(issuer.mint(rsa as Pair))).toBe('key');
});

describe('A JWK Set without a usable key', () => {
  test.each<[string, unknown]>([
    ['is empty', { keys: [] }],
    ['is null', null],
    ['has only a symmetric key', { keys: [{ kty: 'oct', k: 'AAAA', kid: 'k1', use: 'sig' }] }],
    ['has only a certificate', { keys: [{ kty: 'RSA', kid: 'k1', use: 'sig', x5c: ['MIIB'] }] }],
  ])('counts as not fetched if it %s', async (_what, jwks) => {
    const problems: Error[] = [];
    issuer.jwks = jwks;
    expect(await (await server(problems))(issuer.mint(rsa as Pair))).toBe('keys_unavailable');
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(`${issuer.issuer}/jwks: `)]);
  });

  test('does not replace the keys that were fetched before', async () => {
    issuer.jwks = { keys: [rsa?.jwk] };
    const outcome = await server();
    expect(await outcome(issuer.mint(rsa as Pair))).toBe('accepted');
    issuer.jwks = { keys: [] };
    expect(await outcome(issuer.mint(second as Pair))).toBe('keys_unavailable');
    expect(await outcome(issuer.mint(rsa as Pair))).toBe('accepted');
  });

  test('is explained if the only key is published with its private part', async () => {
    const problems: Error[] = [];
    issuer.jwks = { keys: [{ ...(await exportJWK((rsa as Pair).privateKey)), kid: 'k1' }] };
    expect(await (await server(problems))(issuer.mint(rsa as Pair))).toBe('keys_unavailable');
    expect(problems[0]?.message).toContain('private part');
  });
});

test('Of many tokens with an unknown key, eight wait for new keys, and the others are answered at once', async () => {
  issuer.jwks = { keys: [rsa?.jwk] };
  const outcome = await server();
  expect(await outcome(issuer.mint(rsa as Pair))).toBe('accepted');
  issuer.instead = () => true;
  const unknown = issuer.mint(rsa as Pair, {}, { kid: 'nobody-knows' });
  let settled = 0;
  const all = Array.from({ length: 40 }, async () => {
    const told = await outcome(unknown);
    settled += 1;
    return told;
  });
  await until('all but eight are answered', () => settled === 32);
  expect(await outcome(issuer.mint(rsa as Pair))).toBe('accepted');
  expect(settled).toBe(32);
  expect(new Set(await Promise.all(all))).toEqual(new Set(['keys_unavailable']));
});
