/** Every broken ring is refused. The error names the entry and the member, and shows no key. */
import { base64url } from 'jose';
import { describe, expect, test } from 'vitest';
import { type JwkPair, parseRing, RingError, toDocument } from '../../src/keys/index.ts';
import { expectNoSecrets, kidOf, NOW, pairFrom } from './support.ts';

type Jwk = Record<string, unknown>;
/** Makes a broken ring (its JWKs or its text) from two good pairs, of which it breaks the first. */
type Break = (secret: Jwk, signing: Jwk, other: JwkPair) => unknown[] | string;

const bytes = (length: number) => base64url.encode(crypto.getRandomValues(new Uint8Array(length)));

/**
 * Returns another text for the 32 bytes of `text`. No encoder writes it, because one of the
 * unused bits of its last character is set.
 */
function uncanonical(text: unknown): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const spelled = String(text);
  return spelled.slice(0, -1) + alphabet.charAt(alphabet.indexOf(spelled.slice(-1)) + 1);
}

const both =
  (members: Jwk): Break =>
  (secret, signing) => [
    { ...secret, ...members },
    { ...signing, ...members },
  ];
const inSecret =
  (members: Jwk): Break =>
  (secret, signing) => [{ ...secret, ...members }, signing];
const inSigning =
  (members: Jwk): Break =>
  (secret, signing) => [secret, { ...signing, ...members }];
const without = (jwk: Jwk, member: string) => Object.fromEntries(Object.entries(jwk).filter(([name]) => name !== member));

async function refusalOf(broken: Break): Promise<{ message: string; kid: string; given: unknown[] }> {
  const [pair, other] = [await pairFrom(NOW), await pairFrom(NOW)];
  const made = broken({ ...pair.secret }, { ...pair.signing }, other);
  const text = typeof made === 'string' ? made : JSON.stringify({ keys: [...made, other.secret, other.signing] });
  const error: unknown = await parseRing(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RingError);
  const given = [pair.secret, pair.signing, other.secret, other.signing, ...(typeof made === 'string' ? [] : made)];
  return { message: (error as RingError).message, kid: kidOf(pair), given };
}

test('a missing text is refused, and the error asks whether the variable is set', async () => {
  await expect(parseRing(undefined as never)).rejects.toThrow('The text of a key ring is missing. Is the variable set?');
});

describe('a text that is not a valid JWK Set', () => {
  test.each<[string, string | ((document: string) => string)]>([
    ['empty', ''],
    ['not JSON', 'ring.jwks'],
    ['cut short', (document) => document.slice(0, -20)],
    ['with text before it', (document) => `WAXSEAL_KEYS=${document}`],
    ['with NaN as a number', (document) => document.replaceAll(String(NOW), 'NaN')],
    ['null', 'null'],
    ['a number', '7'],
    ['a string', '"keys"'],
    ['an array', (document) => JSON.stringify(JSON.parse(document).keys)],
    ['a lone JWK', (document) => JSON.stringify(JSON.parse(document).keys[0])],
    ['without keys', '{}'],
    ['with keys that are not an array', (document) => JSON.stringify({ keys: JSON.parse(document).keys[0] })],
    ['with an empty array of keys', '{"keys":[]}'],
  ])('is refused, and the error says what is expected: %s', async (_, text) => {
    const { message, given } = await refusalOf((secret, signing) =>
      typeof text === 'string' ? text : text(JSON.stringify({ keys: [secret, signing] })),
    );
    expect(message).toMatch(/The key ring (is not JSON|is not a JWK Set|has no entries).*A new ring would not open any existing handle/);
    expectNoSecrets(message, given);
  });

  test.each(['true', false, 1, null])(
    'is refused with %j as "development", because a mistake there would expose a server',
    async (development) => {
      const { message, given } = await refusalOf((secret, signing) => JSON.stringify({ development, keys: [secret, signing] }));
      expect(message).toContain('member "development" must be true or absent');
      expectNoSecrets(message, given);
    },
  );

  test('is refused with more than 100 entries', async () => {
    const { message, given } = await refusalOf((secret, signing) => {
      const kids = Array.from({ length: 101 }, (_, index) => ({ kid: `key${index}` }));
      return kids.flatMap((kid) => [
        { ...secret, ...kid },
        { ...signing, ...kid },
      ]);
    });
    expect(message).toMatch(/204 JWKs.*at most 200/);
    expectNoSecrets(message, given);
  });
});

describe('the error about a broken entry', () => {
  const cases: [what: string, member: string, broken: Break][] = [
    ['the oct half is missing', 'k', (_, signing) => [signing]],
    ['the OKP half is missing', 'x', (secret) => [secret]],
    [
      'the kid is on four JWKs',
      'kid',
      (secret, signing, other) => [secret, signing, { ...other.secret, kid: secret['kid'] }, { ...other.signing, kid: secret['kid'] }],
    ],
    ['the oct half is there twice', 'kid', (secret, signing) => [secret, secret, signing]],
    ['the OKP half is there twice', 'kid', (secret, signing) => [secret, signing, signing]],
    ['curve X25519', 'crv', inSigning({ crv: 'X25519' })],
    ['curve P-256 in an OKP', 'crv', inSigning({ crv: 'P-256' })],
    ['no curve', 'crv', inSigning({ crv: undefined })],
    ['a P-256 pair', 'kty', inSigning({ kty: 'EC', crv: 'P-256', y: bytes(32) })],
    ['an RSA key', 'kty', inSigning({ kty: 'RSA' })],
    ['kty in capitals', 'kty', inSecret({ kty: 'OCT' })],
    ['no kty', 'kty', inSecret({ kty: undefined })],
    ['the secret for signing', 'use', inSecret({ use: 'sig' })],
    ['the signing pair for encryption', 'use', inSigning({ use: 'enc' })],
    ['no use', 'use', inSigning({ use: undefined })],
    ['a secret for A128GCM', 'alg', inSecret({ alg: 'A128GCM' })],
    ['a secret for dir', 'alg', inSecret({ alg: 'dir' })],
    ['a signing pair for EdDSA', 'alg', inSigning({ alg: 'EdDSA' })],
    ['no alg', 'alg', inSecret({ alg: undefined })],
    ['a secret of 16 bytes', 'k', inSecret({ k: bytes(16) })],
    ['a secret of 31 bytes', 'k', inSecret({ k: bytes(31) })],
    ['a secret of 33 bytes', 'k', inSecret({ k: bytes(33) })],
    ['an empty secret', 'k', inSecret({ k: '' })],
    ['a secret that is not a string', 'k', inSecret({ k: 7 })],
    ['no secret', 'k', inSecret({ k: undefined })],
    ['a secret with padding', 'k', (secret, signing) => [{ ...secret, k: `${secret['k']}=` }, signing]],
    ['a secret with a line break', 'k', (secret, signing) => [{ ...secret, k: `${secret['k']}\n` }, signing]],
    ['a secret in base64', 'k', inSecret({ k: `${'+/'.repeat(21)}8` })],
    ['a secret in non-canonical base64url', 'k', (secret, signing) => [{ ...secret, k: uncanonical(secret['k']) }, signing]],
    ['x in non-canonical base64url', 'x', (secret, signing) => [secret, { ...signing, x: uncanonical(signing['x']) }]],
    ['d in non-canonical base64url', 'd', (secret, signing) => [secret, { ...signing, d: uncanonical(signing['d']) }]],
    ['no x', 'x', inSigning({ x: undefined })],
    ['x of 57 bytes, the length for Ed448', 'x', inSigning({ x: bytes(57) })],
    ['d of 64 bytes, the form that libsodium writes', 'd', inSigning({ d: bytes(64) })],
    ['d that is null', 'd', inSigning({ d: null })],
    ['the d of another pair', 'd', (secret, signing, other) => [secret, { ...signing, d: other.signing.d }]],
    ['the x of another pair', 'x', (secret, signing, other) => [secret, { ...signing, x: other.signing.x }]],
    ...['iat', 'nbf', 'exp'].flatMap((member): [string, string, Break][] => [
      [`no ${member}`, member, both({ [member]: undefined })],
      [`null as ${member}`, member, both({ [member]: Number.NaN })],
      [`${member} below zero`, member, both({ [member]: -1 })],
      [`a fraction in ${member}`, member, both({ [member]: NOW + 0.5 })],
      [`${member} as a string`, member, both({ [member]: String(NOW) })],
      [`${member} in milliseconds`, member, both({ [member]: NOW * 1000 })],
      [`no ${member} on one half`, member, (secret, signing) => [secret, without(signing, member)]],
      [
        `halves with different values of ${member}`,
        member,
        (secret, signing) => [secret, { ...signing, [member]: (signing[member] as number) + 1 }],
      ],
    ]),
    ['exp before nbf', 'exp', both({ exp: NOW - 1 })],
    ['exp equal to nbf', 'exp', both({ exp: NOW })],
    ['revoked on the secret only', 'revoked', inSecret({ revoked: { revoked_at: NOW } })],
    ['revoked on the signing pair only', 'revoked', inSigning({ revoked: { revoked_at: NOW } })],
    ['revoked: true', 'revoked', both({ revoked: true })],
    ['revoked: false', 'revoked', both({ revoked: false })],
    ['revoked: null', 'revoked', both({ revoked: null })],
    ['revoked as a list', 'revoked', both({ revoked: [NOW] })],
    ['revoked without a time', 'revoked_at', both({ revoked: { reason: 'lost' } })],
    ['revoked at a date', 'revoked_at', both({ revoked: { revoked_at: '2027-01-15' } })],
  ];

  test.each(cases)('names the kid and the member: %s', async (_, member, broken) => {
    const { message, kid, given } = await refusalOf(broken);
    expect(message).toContain(`"${kid}"`);
    expect(message).toContain(`"${member}"`);
    expectNoSecrets(message, given);
  });
});

describe('the error about an entry without a valid kid', () => {
  const cases: [what: string, broken: Break][] = [
    ['no kid', both({ kid: undefined })],
    ['an empty kid', both({ kid: '' })],
    ['a number as the kid', both({ kid: 7 })],
    ['a kid with a line break', both({ kid: 'a\nb' })],
    ['a kid of 33 characters', both({ kid: 'k'.repeat(33) })],
    ['the secret as the kid', (secret, signing) => [{ ...secret, kid: secret['k'] }, signing]],
    ['the private key as the kid', (secret, signing) => [{ ...secret, kid: signing['d'] }, signing]],
  ];

  test.each(cases)('names the place of the entry: %s', async (_, broken) => {
    const { message, given } = await refusalOf(broken);
    expect(message).toContain('(JWK 1)');
    expect(message).toContain('"kid"');
    expectNoSecrets(message, given);
  });

  test.each([
    ['a string', 'secret'],
    ['null', null],
    ['a list', []],
  ])('names the place of an entry that is %s', async (_, entry) => {
    const { message } = await refusalOf((secret, signing) => [secret, signing, entry]);
    expect(message).toMatch(/\(JWK 3\) is not an object/);
  });
});

describe('parseRing', () => {
  test('ignores unknown members, as RFC 7517 §5 demands', async () => {
    const { secret, signing } = await pairFrom(NOW);
    const foreign = { key_ops: ['sign'], x5t: 'abc', note: { by: 'the vault' }, __proto__x: 1 };
    const text = JSON.stringify({
      version: 3,
      keys: [
        { ...secret, ...foreign },
        { ...signing, ...foreign },
      ],
    });
    expect((await parseRing(text)).entries.map(({ kid }) => kid)).toEqual([secret.kid]);
  });

  test('ignores white space, the order of the two halves of an entry, and the order of members', async () => {
    const [a, b] = [await pairFrom(NOW), await pairFrom(NOW)];
    const keys = [b.signing, a.secret, a.signing, b.secret].map((jwk) => Object.fromEntries(Object.entries(jwk).reverse()));
    const ring = await parseRing(`\n${JSON.stringify({ keys }, null, 7)}\r\n`);
    expect(ring.entries.map(({ kid }) => kid).sort()).toEqual([kidOf(a), kidOf(b)].sort());
  });

  test('reads a hundred entries', async () => {
    const pairs = await Promise.all(Array.from({ length: 100 }, () => pairFrom(NOW)));
    expect((await parseRing(JSON.stringify(toDocument(pairs)))).entries.length).toBe(100);
  });

  test('ignores a byte order mark, which some editors write', async () => {
    const { secret, signing } = await pairFrom(NOW);
    const ring = await parseRing(`\uFEFF${JSON.stringify({ keys: [secret, signing] })}`);
    expect(ring.entries.map(({ kid }) => kid)).toEqual([secret.kid]);
  });
});
