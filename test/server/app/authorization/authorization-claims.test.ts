import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareAuthorization } from '../../../../src/server/app/authorization/authorization.ts';
import type { AuthorizationOptions } from '../../../../src/server/app/authorization/options.ts';
import { systemClock } from '../../../../src/server/index.ts';
import { type AuthorizationServer, type Claims, startAuthorizationServer } from '../../../support/authorization-server.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

let issuer: AuthorizationServer;
beforeAll(async () => {
  issuer = await startAuthorizationServer();
});
afterAll(() => issuer.stop());

/** @returns the status, with the caller's scopes and client, or with the reason for the log */
async function verdictOn(claims: Claims, options: Partial<AuthorizationOptions> = {}, header = {}) {
  const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, ...options });
  const token = await issuer.mint({ aud: AUDIENCE, ...claims }, header);
  const reasons: string[] = [];
  const headers = new Headers({ authorization: `Bearer ${token}` });
  const verdict = await authorization.judge({ headers }, (reason) => reasons.push(reason));
  if (verdict instanceof Response) return { status: verdict.status, reasons };
  return { status: 200, scopes: verdict.scopes, client: verdict.clientId };
}

describe('Scopes', () => {
  test.each<[string, Claims, string[]]>([
    ['the string scope', { scope: 'openid research' }, ['openid', 'research']],
    ['the array scope', { scope: ['openid', 'research'] }, ['openid', 'research']],
    ['the string scp', { scope: undefined, scp: 'openid research' }, ['openid', 'research']],
    ['the array scp', { scope: undefined, scp: ['openid', 'research'] }, ['openid', 'research']],
    ['an array of one string with two scopes', { scope: ['openid research'] }, ['openid', 'research']],
    ['scope and scp', { scope: 'openid', scp: ['research'] }, ['openid', 'research']],
    ['a string with commas', { scope: 'openid,research' }, ['openid', 'research']],
    ['a string with commas and spaces', { scope: 'openid, research' }, ['openid', 'research']],
    ['a string with tabs and line breaks', { scope: 'openid\tresearch\nwrite' }, ['openid', 'research', 'write']],
    ['an array with null', { scope: ['openid', null, 'research'] }, ['openid', 'research']],
    ['a string with a comma inside a scope', { scope: 'group:x,y research' }, ['group:x,y', 'research']],
  ])('are read from %s', async (_form, claims, scopes) => {
    expect(await verdictOn(claims, { scopes: ['research'] })).toMatchObject({ status: 200, scopes });
  });

  test.each<[string, unknown]>([
    ['a number', 5],
    ['null', null],
    ['true', true],
    ['an object', { research: true }],
    ['an array with a number', ['research', 5]],
    ['an array of arrays', [['research']]],
  ])('are empty if the claim is %s, and the token is still valid', async (_form, scope) => {
    expect(await verdictOn({ scope })).toMatchObject({ status: 200, scopes: [] });
    expect(await verdictOn({ scope: undefined, scp: scope })).toMatchObject({ status: 200, scopes: [] });
    expect(await verdictOn({ scope }, { scopes: ['research'] })).toEqual({ status: 403, reasons: ['scope'] });
  });

  test('that are demanded together with an audience, as Entra ID wants it, are met by their names', async () => {
    const options = { audience: ['api://waxseal', AUDIENCE], scopes: ['api://waxseal/research'] };
    for (const scope of ['research', 'api://waxseal/research']) expect(await verdictOn({ scope }, options)).toMatchObject({ status: 200 });
    expect(await verdictOn({ scope: 'api://waxseal' }, options)).toEqual({ status: 403, reasons: ['scope'] });
    const another = { ...options, scopes: ['api://another/research'] };
    expect(await verdictOn({ scope: 'research' }, another)).toEqual({ status: 403, reasons: ['scope'] });
    const bare = { ...options, scopes: ['research'] };
    expect(await verdictOn({ scope: 'api://another/research' }, bare)).toEqual({ status: 403, reasons: ['scope'] });
  });
});

test.each([
  'https://waxseal.example/other/../mcp',
  'https://waxseal.example/other/%2e%2e/mcp',
  'https://waxseal.example/./mcp',
  'https:///waxseal.example/mcp',
  'https://\uff57axseal.example/mcp',
  'https://wax\u00adseal.example/mcp',
  'https://%77axseal.example/mcp',
  'https://@waxseal.example/mcp',
  'https://waxseal.example/mcp\u0001',
  'https://waxseal.example/mcp?',
])('An audience is refused if only the URL standard reads it as the configured one: %j', async (aud) => {
  expect(await verdictOn({ aud }, { audience: 'https://waxseal.example/mcp' })).toEqual({ status: 401, reasons: ['aud'] });
});

describe('Audiences', () => {
  const audience = ['2f1a7c9e-4c1b-4c22-9d0a-6f6c5b1f0001', 'api://waxseal', 'https://mcp.example.com'];

  test.each([...audience, 'https://mcp.example.com/', 'api://waxseal/'])('include each configured audience: %s', async (aud) => {
    expect(await verdictOn({ aud }, { audience })).toMatchObject({ status: 200 });
  });

  test.each(['https://mcp.example.com/mcp', 'https://mcp.example.com//', 'api://waxseal/x', 'api://WAXSEAL', '', 5, null, [[audience[0]]]])(
    'do not include a similar name: %j',
    async (aud) => {
      expect(await verdictOn({ aud }, { audience })).toEqual({ status: 401, reasons: ['aud'] });
    },
  );

  test('are the same with and without a slash at the end of an origin', async () => {
    const given = { audience: 'https://mcp.example.com/' };
    expect(await verdictOn({ aud: 'https://mcp.example.com' }, given)).toMatchObject({ status: 200 });
  });

  test.each([
    `${AUDIENCE}/`,
    'https://MCP.example.com/mcp',
    'HTTPS://mcp.example.com/mcp',
    'https://mcp.example.com:443/mcp',
    'https://MCP.EXAMPLE.COM:443/mcp/',
  ])('are the same in each spelling of a URL: %s', async (spelling) => {
    expect(await verdictOn({ aud: ['account', spelling, null, 5] })).toMatchObject({ status: 200 });
    expect(await verdictOn({}, { audience: spelling })).toMatchObject({ status: 200 });
  });

  test.each([
    'https://mcp.example.com/MCP',
    'https://mcp.example.com/mcp//',
    'https://mcp.example.com:8443/mcp',
    'http://mcp.example.com/mcp',
    'https://mcp.example.com/mcp?x',
    'https://mcp.example.com/mcp#x',
    'https:\\\\mcp.example.com\\mcp',
    ' https://mcp.example.com/mcp',
    'https:mcp.example.com/mcp',
    'https://user@mcp.example.com/mcp',
  ])('do not include another URL: %j', async (aud) => {
    expect(await verdictOn({ aud })).toEqual({ status: 401, reasons: ['aud'] });
  });

  test('include the resource in the metadata, because clients ask for tokens for it', async () => {
    const options = { audience: 'api://waxseal', resource: AUDIENCE };
    for (const aud of [AUDIENCE, `${AUDIENCE}/`, 'api://waxseal']) expect(await verdictOn({ aud }, options)).toMatchObject({ status: 200 });
    expect(await verdictOn({ aud: 'https://mcp.example.com' }, options)).toEqual({ status: 401, reasons: ['aud'] });
  });
});

describe('A token without aud', () => {
  const claims = { aud: undefined, client_id: 'cognito-client' };
  const audience = [AUDIENCE, 'cognito-client'];

  test('is refused, whatever its client_id is', async () => {
    expect(await verdictOn(claims, { audience })).toEqual({ status: 401, reasons: ['aud'] });
  });

  test('is accepted with acceptClientId if its client_id is an audience', async () => {
    const options = { audience, acceptClientId: true };
    expect(await verdictOn({ ...claims, token_use: 'access' }, options)).toMatchObject({ status: 200, client: 'cognito-client' });
    expect(await verdictOn({ ...claims, client_id: 'another' }, options)).toEqual({ status: 401, reasons: ['aud'] });
    expect(await verdictOn({ ...claims, client_id: undefined }, options)).toEqual({ status: 401, reasons: ['aud'] });
  });

  test('is accepted with acceptClientId, but a token with another aud is refused', async () => {
    const options = { audience, acceptClientId: true };
    for (const aud of ['https://other.example', ['', 'https://other.example'], [5], {}])
      expect(await verdictOn({ ...claims, aud }, options)).toEqual({ status: 401, reasons: ['aud'] });
  });

  test.each([[[]], [null], [''], [['']]])('can also have an empty aud: %j', async (aud) => {
    expect(await verdictOn({ ...claims, aud }, { audience, acceptClientId: true })).toMatchObject({ status: 200 });
    expect(await verdictOn({ ...claims, aud }, { audience })).toEqual({ status: 401, reasons: ['aud'] });
  });
});

describe('A token', () => {
  test.each<[string, Claims, object]>([
    ['a hash of a code', { c_hash: 'x' }, {}],
    ['a hash of an access token', { at_hash: 'x' }, {}],
    ['a nonce', { nonce: 'x' }, {}],
    ['events', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, {}],
    ['typ: ID', { typ: 'ID' }, {}],
    ['typ: Refresh', { typ: 'Refresh' }, {}],
    ['typ: Logout', { typ: 'Logout' }, {}],
    ['token_use: id', { token_use: 'id' }, {}],
    ['typ: ID in its header', {}, { typ: 'ID' }],
  ])('is refused with a claim or a type of other tokens: %s', async (_what, claims, header) => {
    expect(await verdictOn(claims, {}, { typ: 'JWT', ...header })).toEqual({ status: 401, reasons: ['type'] });
  });

  test.each<[string, Claims, object]>([
    ['in its header', {}, { typ: 'at+jwt' }],
    ['in its header, as the full media type', {}, { typ: 'application/at+jwt' }],
    ['in the claim typ, as Keycloak does', { typ: 'Bearer' }, { typ: 'JWT' }],
    ['in the claim token_use, as Cognito does', { token_use: 'access' }, { typ: undefined }],
  ])('may have a nonce and hashes if it says that it is an access token %s', async (_where, claims, header) => {
    const ofIdTokens = { nonce: 'x', at_hash: 'x', c_hash: 'x' };
    expect(await verdictOn({ ...claims, ...ofIdTokens }, {}, header)).toMatchObject({ status: 200 });
    expect(await verdictOn({ ...ofIdTokens }, {}, { typ: 'JWT' })).toEqual({ status: 401, reasons: ['type'] });
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    expect(await verdictOn({ ...claims, events }, {}, header)).toEqual({ status: 401, reasons: ['type'] });
  });

  test.each(['nbf', 'iat', 'nonce', 'at_hash', 'c_hash', 'events', 'cnf', 'typ', 'token_use', 'client_id', 'azp', 'scope', 'scp'])(
    'counts a claim that is null as absent: %s',
    async (claim) => {
      expect(await verdictOn({ [claim]: null })).toMatchObject({ status: 200 });
    },
  );

  test('counts a header typ that is null as absent', async () => {
    expect(await verdictOn({}, {}, { typ: null })).toMatchObject({ status: 200 });
  });

  test('may be up to a minute before its time or past it, because clocks differ', async () => {
    const now = systemClock();
    expect(await verdictOn({ exp: now - 50 })).toMatchObject({ status: 200 });
    expect(await verdictOn({ nbf: now + 50 })).toMatchObject({ status: 200 });
    expect(await verdictOn({ exp: now - 70 })).toEqual({ status: 401, reasons: ['exp'] });
    expect(await verdictOn({ nbf: now + 80 })).toEqual({ status: 401, reasons: ['nbf'] });
  });

  test.each([{ token_type: 'refresh' }, { token_type: 'id_token' }, { use: 'refresh' }])(
    'is refused if a claim shows that it is another token: %j',
    async (claims) => {
      expect(await verdictOn(claims)).toEqual({ status: 401, reasons: ['type'] });
    },
  );

  test('is refused if its subject is not text, because the user 5 and the client "5" would be one caller', async () => {
    for (const sub of [5, 1.5, 2 ** 53, null, true, ['5'], '']) expect(await verdictOn({ sub })).toEqual({ status: 401, reasons: ['sub'] });
  });

  test.each(['Bearer', 'bearer', 'at+jwt', 'JWT', 'AT', 'access', 'access_token'])(
    'is accepted with the claim typ of an access token: %s',
    async (typ) => {
      expect(await verdictOn({ typ })).toMatchObject({ status: 200 });
    },
  );
});

describe('the client', () => {
  test.each<[Claims, string]>([
    [{ client_id: 'a', azp: 'b' }, 'a'],
    [{ client_id: undefined, azp: 'b' }, 'b'],
    [{ client_id: undefined }, 'alice'],
    [{ client_id: 5, azp: 'b' }, 'b'],
    [{ client_id: ['a'], azp: 5 }, 'alice'],
    [{ client_id: '' }, 'alice'],
  ])('is named by the claims %j: %s', async (claims, client) => {
    expect(await verdictOn(claims)).toMatchObject({ client });
  });
});

describe('the reason in the log', () => {
  test.each<[string, Claims, object]>([
    ['exp', { exp: 1 }, {}],
    ['nbf', { nbf: 4_000_000_000 }, {}],
    ['iss', { iss: 'https://other.example' }, {}],
    ['sub', { sub: '' }, {}],
    ['cnf', { cnf: { jkt: 'x' } }, {}],
    ['key', {}, { kid: 'no-such-key' }],
    ['claims', { exp: '4000000000' }, {}],
    ['claims', { exp: null }, {}],
    ['claims', { nbf: '0' }, {}],
  ])('is %s', async (reason, claims, header) => {
    expect(await verdictOn(claims, {}, header)).toEqual({ status: 401, reasons: [reason] });
  });

  test.each<[string, string | undefined]>([
    ['token_missing', undefined],
    ['token_missing', ''],
    ['token_missing', 'Basic YTpi'],
    ['token_missing', 'Bearer'],
    ['token_missing', 'Bearer undefined'],
    ['token_missing', 'Bearer null'],
    ['token_missing', `Bearer \${TOKEN}`],
    ['malformed', 'DPoP x.y.z'],
    ['malformed', 'Bearer x.y.z'],
  ])('is %s for Authorization: %s', async (reason, header) => {
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE });
    const reasons: string[] = [];
    const headers = new Headers(header === undefined ? {} : { authorization: header });
    await authorization.judge({ headers }, (told) => reasons.push(told));
    expect(reasons).toEqual([reason]);
  });
});

describe('the resource in the metadata', () => {
  const documentAt = async (path: string, options: Partial<AuthorizationOptions>, method = 'GET') => {
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, audience: AUDIENCE, ...options });
    return authorization.discovery(new Request(`http://127.0.0.1:3000${path}`, { method }));
  };

  test.each<[string, Partial<AuthorizationOptions>, string]>([
    ['the audience', {}, AUDIENCE],
    ['the first audience that is an https URL', { audience: ['api://waxseal', 'http://mcp.example.com/x', AUDIENCE] }, AUDIENCE],
    ['the option resource', { audience: 'api://waxseal', resource: 'https://mcp.example.com/x' }, 'https://mcp.example.com/x'],
  ])('is %s', async (_what, options, resource) => {
    const document = await documentAt('/.well-known/oauth-protected-resource', options);
    expect(await document?.json()).toMatchObject({ resource, authorization_servers: [issuer.issuer] });
  });

  test.each([
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/',
  ])('is found at %s, by GET and HEAD', async (path) => {
    expect(await (await documentAt(path, {}))?.json()).toMatchObject({ resource: AUDIENCE });
    expect((await documentAt(path, {}, 'HEAD'))?.status).toBe(200);
  });

  test('is absent if no audience is an https URL', async () => {
    const options = { audience: 'api://waxseal' };
    expect(await documentAt('/.well-known/oauth-protected-resource', options)).toBeUndefined();
    const authorization = await prepareAuthorization({ issuer: issuer.issuer, ...options });
    const refused = (await authorization.judge({ headers: new Headers() })) as Response;
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).not.toContain('resource_metadata');
  });
});
