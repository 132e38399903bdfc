import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/server/index.ts';
import { bearing, type ProtectedServer, patiently, type Refusal, refusalOf, startProtected } from '../../../support/authorization-calls.ts';
import {
  type AuthorizationServer,
  type Claims,
  generateSigningKey,
  type PrivateKey,
  startAuthorizationServer,
} from '../../../support/authorization-server.ts';
import { research } from '../../../support/findings.ts';
import { ringFile } from '../../../support/folders.ts';
import { sendRaw } from '../../../support/http.ts';
import { toolCall } from '../../../support/mcp.ts';

let ours: AuthorizationServer;
let theirs: AuthorizationServer;
let server: ProtectedServer;
/** The response to a text that is not a token. */
let refusal: Refusal;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([startAuthorizationServer(), startAuthorizationServer()]);
  server = await startProtected(ours, (await ringFile()).path);
  refusal = await refusalOf(server.url, bearing('x.y.z', call));
});
afterAll(async () => {
  await Promise.all([server.kill(), ours.stop(), theirs.stop()]);
});

const call = toolCall('start_research_task', { topic: research.topic });
const now = systemClock();

/** Returns the claims of a good token, for the test to sign. */
const good = (): JWTPayload => ({ iss: ours.issuer, aud: server.audience, sub: 'alice', iat: now, exp: now + 300, scope: 'research' });

const mint = (claims: Claims, header?: Partial<JWTHeaderParameters>) => ours.mint({ aud: server.audience, ...claims }, header);

function privateKey(alg = 'RS256'): PrivateKey {
  return ours.keys.find((key) => key.alg === alg) as PrivateKey;
}

/** Returns the authorization server's public key from its JWK Set. */
function publicKey() {
  return createPublicKey({ key: { ...privateKey() } as JsonWebKey, format: 'jwk' });
}

function sharedSecret(secret: string): Promise<string> {
  return new SignJWT(good()).setProtectedHeader({ alg: 'HS256', kid: 'rs-1', typ: 'at+jwt' }).sign(Buffer.from(secret));
}

const parts = (token: string) => token.split('.') as [string, string, string];
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token that the test makes itself', () => {
  test.each([
    ['signed with RS256', {}, {}],
    ['signed with ES256', {}, { alg: 'ES256' }],
    ['for several audiences including this server', { aud: ['https://other.example', 'SELF'] }, {}],
    ['with typ JWT, which many authorization servers write', {}, { typ: 'JWT' }],
    ['with the full media type in typ', {}, { typ: 'application/at+jwt' }],
    ['without typ, which some authorization servers leave out', {}, { typ: undefined }],
  ])('is accepted if it is %s', async (_what, { aud }: { aud?: string[] }, header) => {
    const token = await mint(aud ? { aud: aud.map((uri) => (uri === 'SELF' ? server.audience : uri)) } : {}, header as object);
    expect((await refusalOf(server.url, bearing(token, call))).status).toBe(200);
  });
});

const bad: [what: string, token: () => Promise<string>][] = [
  ['it has expired', () => mint({ iat: now - 600, exp: now - 300 })],
  ['it expired in 1970', () => mint({ exp: 0 })],
  ['it is not yet valid', () => mint({ nbf: now + 3600 })],
  ['it is for another audience', () => ours.tokenFor('alice', { resource: 'https://other.example/mcp' })],
  ['its audience has another path', () => ours.tokenFor('alice', { resource: `${server.audience}/other` })],
  ['its audience is the origin without the path', () => mint({ aud: server.origin })],
  ['it has no audience', () => mint({ aud: undefined })],
  ['its audience is an empty array', () => mint({ aud: [] })],
  ['another authorization server issued it', () => theirs.tokenFor('alice', { resource: server.audience })],
  ['another authorization server issued it with our "iss"', () => theirs.mint({ aud: server.audience, iss: ours.issuer })],
  ['our authorization server issued it with another "iss"', () => mint({ iss: theirs.issuer })],
  ['its issuer has an additional slash', () => mint({ iss: `${ours.issuer}/` })],
  ['it has no issuer', () => mint({ iss: undefined })],
  [
    'another key with our kid signed it',
    async () => new SignJWT(good()).setProtectedHeader({ alg: 'RS256', kid: 'rs-1' }).sign(await generateSigningKey('RS256', 'rs-1')),
  ],
  ['its kid is unknown', () => mint({}, { kid: 'no-such-key' })],
  ['it names the kid of another key than the one that signed it', () => mint({}, { kid: 'es-1' })],
  ['its header contains its own key', async () => ownKey('jwk')],
  ['its header has the URL of its key', async () => ownKey('jku')],
  ['it is not signed: alg none', async () => new UnsecuredJWT(good()).encode()],
  [
    'its signature is missing and its alg is none',
    async () => {
      const [, payload] = parts(await mint({}));
      return `${encoded({ alg: 'none', kid: 'rs-1', typ: 'at+jwt' })}.${payload}.`;
    },
  ],
  [
    'its signature is missing',
    async () =>
      `${parts(await mint({}))
        .slice(0, 2)
        .join('.')}.`,
  ],
  [
    'its alg is HS256, and its secret is our public key as PEM',
    () => sharedSecret(publicKey().export({ type: 'spki', format: 'pem' }) as string),
  ],
  ['its alg is HS256, and its secret is our public key as JWK', () => sharedSecret(JSON.stringify(publicKey().export({ format: 'jwk' })))],
  [
    'its alg is HS256, and its secret is the modulus of our public key',
    () => sharedSecret(publicKey().export({ format: 'jwk' }).n as string),
  ],
  [
    'its payload was changed',
    async () => {
      const [header, , signature] = parts(await mint({}));
      return `${header}.${encoded({ ...good(), sub: 'bob' })}.${signature}`;
    },
  ],
  ['it has no subject', () => mint({ sub: undefined })],
  ['its subject is empty', () => mint({ sub: '' })],
  ['its subject is not a string', () => mint({ sub: { name: 'alice' } as unknown as string })],
  // RFC 9068 §4 and RFC 8725 §3.11: the header `typ` must not name another kind of token.
  ['it is a logout token', () => mint({}, { typ: 'logout+jwt' })],
  ['it is a security event', () => mint({}, { typ: 'secevent+jwt' })],
  ['it never expires', () => mint({ exp: undefined })],
  ['its expiry is not a number', () => mint({ exp: `${now + 300}` as unknown as number })],
  [
    'it has an unknown critical extension',
    () => {
      const header = { alg: 'RS256', kid: 'rs-1', crit: ['urn:example:x'], 'urn:example:x': true };
      return new SignJWT(good()).setProtectedHeader(header).sign(privateKey(), { crit: { 'urn:example:x': true } });
    },
  ],
  ['it is too long', async () => `${'a'.repeat(5_000)}.${'b'.repeat(3_000)}.c`],
  ['it is a handle', async () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoieCIsImN0eSI6IkpXVCJ9..aaaa.bbbb.cccc'],
];

function ownKey(member: 'jwk' | 'jku'): Promise<string> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const source = member === 'jwk' ? { jwk: pair.publicKey.export({ format: 'jwk' }) as { kty: string } } : { jku: `${theirs.issuer}/jwks` };
  return new SignJWT(good()).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', ...source }).sign(pair.privateKey);
}

describe('a bad token', () => {
  test.each(bad)('gets 401 with one text for all causes, if %s', async (_what, token) => {
    expect(refusal).toMatchObject({ status: 401, challenge: { error: 'invalid_token' } });
    expect(await refusalOf(server.url, bearing(await token(), call))).toEqual(refusal);
  });

  test('cannot make the server fetch a URL that is in the token', () => {
    expect(theirs.paths).not.toContain('/jwks');
  });

  test('gets a text that contains neither the reason nor the token', () => {
    expect(refusal.body).not.toMatch(/expire|audience|issuer|signature|key|algorithm|subject|x\.y\.z/i);
    expect(Object.keys(refusal.challenge).sort()).toEqual(['error', 'error_description', 'resource_metadata']);
  });
});

describe('a good token in the header Authorization (RFC 6750)', () => {
  const send = async (authorization: (token: string) => string | undefined, query = (_token: string) => '') => {
    const token = await ours.tokenFor('alice', { resource: server.audience });
    const value = authorization(token);
    const headers = { ...call.headers, ...(value !== undefined && { authorization: value }) };
    const { status, headers: received } = await patiently(() => sendRaw(`${server.url}${query(token)}`, { ...call, headers }));
    return { status, challenge: received['www-authenticate'] };
  };
  const unauthorized = { status: 401, challenge: expect.stringContaining('error="invalid_token"') };
  const without = { status: 401, challenge: expect.stringMatching(/^Bearer resource_metadata="[^"]*"$/) };

  test.each<[string, (token: string) => string]>([
    ['as usual', (token) => `Bearer ${token}`],
    ['after a scheme that is written twice', (token) => `Bearer Bearer ${token}`],
    ['after a colon', (token) => `Bearer: ${token}`],
    ['after a tab', (token) => `Bearer\t${token}`],
    ['in quotes', (token) => `Bearer "${token}"`],
    ['before a comma', (token) => `Bearer ${token},`],
    ['twice, as HTTP joins two equal headers', (token) => `Bearer ${token}, Bearer ${token}`],
  ])('is accepted %s', async (_what, authorization) => {
    expect(await send(authorization)).toMatchObject({ status: 200 });
  });

  test('is not looked for in the query string', async () => {
    expect(
      await send(
        () => undefined,
        (token) => `?access_token=${token}`,
      ),
    ).toEqual(without);
  });

  test.each<[string, (token: string) => string]>([
    ['without a scheme', (token) => token],
    ['as DPoP', (token) => `DPoP ${token}`],
    ['with a scheme that begins with Bearer', (token) => `Bearers ${token}`],
    ['with half a pair of quotes', (token) => `Bearer "${token}`],
    ['after other credentials', (token) => `Basic YTpi, Bearer ${token}`],
    ['before another token', (token) => `Bearer ${token} ${token}`],
    ['before other text', (token) => `Bearer ${token}, x`],
    ['beside another token', (token) => `Bearer ${token}, Bearer ${token}x`],
  ])('is refused %s', async (_what, authorization) => {
    expect(await send(authorization)).toEqual(unauthorized);
  });

  test.each<[string, (token: string) => string]>([
    ['an empty header', () => ''],
    ['only a scheme', () => 'Bearer '],
    ['the scheme Basic', (token) => `Basic ${token}`],
    ['undefined', () => 'Bearer undefined'],
    ['null', () => 'Bearer null'],
    ['a variable that was not replaced', () => `Bearer \${TOKEN}`],
  ])('counts as not sent with %s, and the challenge has no error', async (_what, authorization) => {
    expect(await send(authorization)).toEqual(without);
  });
});
