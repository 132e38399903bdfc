import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareAuthorization } from '../../../../src/server/app/authorization/authorization.ts';
import { ConfigError, readConfig } from '../../../../src/server/index.ts';
import { freePort, patiently } from '../../../support/authorization-calls.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../../../support/authorization-server.ts';
import { ringFile } from '../../../support/folders.ts';
import { type RunningServer, runProgram, startServer } from '../../../support/program.ts';
import { refusalOf } from '../../config/support.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const ISSUER = 'https://login.example.com';

describe('the settings of authorization', () => {
  test('are read from flags and from the environment', () => {
    const expected = { authIssuer: ISSUER, authAudience: [AUDIENCE], authScopes: ['research', 'publish'] };
    expect(readConfig({ authIssuer: ISSUER, authAudience: AUDIENCE, authScopes: 'research,publish' }, {})).toMatchObject(expected);
    const env = { WAXSEAL_AUTH_ISSUER: ISSUER, WAXSEAL_AUTH_AUDIENCE: AUDIENCE, WAXSEAL_AUTH_SCOPES: 'research,publish' };
    expect(readConfig({}, env)).toMatchObject(expected);
    expect(readConfig({ authIssuer: ISSUER }, { WAXSEAL_AUTH_AUDIENCE: AUDIENCE })).toMatchObject({ authAudience: [AUDIENCE] });
  });

  test.each([
    ['an issuer without an audience', { authIssuer: ISSUER }],
    ['an audience without an issuer', { authAudience: AUDIENCE }],
  ])('need both an issuer and an audience: %s', (_what, flags) => {
    expect(refusalOf(flags)).toMatch(/--auth-issuer and --auth-audience belong together: set both .*WAXSEAL_AUTH_ISSUER.* or neither/);
  });

  test('contradict --allow-anonymous', () => {
    const flags = { authIssuer: ISSUER, authAudience: AUDIENCE };
    expect(refusalOf({ ...flags, allowAnonymous: 'true' })).toContain('--allow-anonymous');
    expect(refusalOf(flags, { WAXSEAL_ALLOW_ANONYMOUS: 'true' })).toContain('--allow-anonymous');
    expect(readConfig({ ...flags, allowAnonymous: 'false' }, {})).toMatchObject({ authIssuer: ISSUER, authAudience: [AUDIENCE] });
  });

  test('refuse scopes without an issuer', () => {
    expect(refusalOf({ authScopes: 'research' })).toMatch(/--auth-scopes/);
  });

  test('name only the setting with a wrong value, and no contradiction with it', () => {
    const wrong = refusalOf({ authIssuer: 'login', authAudience: AUDIENCE, authScopes: 'research', authResource: AUDIENCE });
    expect(wrong).toMatch(/^--auth-issuer must be an https URL [^\n]*$/);
    expect(refusalOf({ authIssuer: ISSUER, authAudience: 'a b' })).toMatch(/^--auth-audience [^\n]*$/);
  });

  test.each([
    'http://login.example.com',
    'http://10.0.0.1',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost@login.example.com',
    'ftp://login.example.com',
    'login.example.com',
    'https://login.example.com?tenant=1',
    'https://login.example.com#x',
    'https://login.example.com?',
    'https://login.example.com#',
    'urn:login',
    ' ',
  ])('refuse %j as an issuer or a resource, and give an example', (uri) => {
    expect(refusalOf({ authIssuer: uri, authAudience: AUDIENCE })).toMatch(
      /^--auth-issuer must be an https URL .*Example: --auth-issuer https:/,
    );
    expect(refusalOf({ authIssuer: ISSUER, authAudience: AUDIENCE, authResource: uri })).toMatch(
      /^--auth-resource must be an https URL .*Example: /,
    );
  });

  test.each([
    ['https://mcp.example.com/mcp,api://waxseal', ['https://mcp.example.com/mcp', 'api://waxseal']],
    [' a1b2c3d4-0000-4000-8000-00000000abcd , urn:example:mcp ', ['a1b2c3d4-0000-4000-8000-00000000abcd', 'urn:example:mcp']],
    ['login.example.com', ['login.example.com']],
    ['http://10.0.0.1', ['http://10.0.0.1']],
  ])('accept one or several audiences, each a StringOrURI: %j', (authAudience, expected) => {
    expect(readConfig({ authIssuer: ISSUER, authAudience }, {})).toMatchObject({ authAudience: expected });
  });

  test.each([
    ['a,', ['a']],
    [' a , b , ', ['a', 'b']],
    ['["a","https://mcp.example.com/mcp"]', ['a', AUDIENCE]],
    ['[ "a" ]', ['a']],
    ['"a"', ['a']],
  ])('read the audiences in %j', (authAudience, expected) => {
    expect(readConfig({ authIssuer: ISSUER, authAudience }, {})).toMatchObject({ authAudience: expected });
    expect(readConfig({ authIssuer: ISSUER }, { WAXSEAL_AUTH_AUDIENCE: authAudience })).toMatchObject({ authAudience: expected });
  });

  test.each(['["a"', '["a",5]', '[]', '[a]', 'a;b', '"a","b"', "'a", 'a`', '{"a":1}', ','])('refuse %j as an audience', (authAudience) => {
    expect(refusalOf({ authIssuer: ISSUER, authAudience })).toMatch(/^--auth-audience must be URIs or names /);
  });

  test('are read without white space and quotation marks around them, from flags as from variables', () => {
    const flags = { authIssuer: ` ${ISSUER}\n`, authAudience: ` ${AUDIENCE} `, authResource: `'${AUDIENCE}'`, authScopes: '"research"' };
    expect(readConfig(flags, {})).toMatchObject({ authIssuer: ISSUER, authResource: AUDIENCE, authScopes: ['research'] });
  });

  test.each([
    `${ISSUER}/.well-known/openid-configuration`,
    `${ISSUER}/tenant/.well-known/openid-configuration`,
    `${ISSUER}/.well-known/oauth-authorization-server/tenant`,
  ])('refuse the URL of metadata as an issuer, and say where the issuer stands: %s', (authIssuer) => {
    expect(refusalOf({ authIssuer, authAudience: AUDIENCE })).toMatch(
      /^--auth-issuer must be the issuer, .* the value of "issuer" in the document/,
    );
  });

  test.each([' ', 'a,,b', ',a', 'a b', 'a\nb', ':a', '1a:b'])('refuse %j as an audience', (authAudience) => {
    expect(refusalOf({ authIssuer: ISSUER, authAudience })).toMatch(
      /^--auth-audience must be URIs or names .*Example: --auth-audience https:/,
    );
  });

  test('include --auth-resource and --auth-accept-client-id', () => {
    const given = { authIssuer: ISSUER, authAudience: 'api://waxseal', authResource: AUDIENCE, authAcceptClientId: true };
    expect(readConfig(given, {})).toMatchObject({ authAudience: ['api://waxseal'], authResource: AUDIENCE, authAcceptClientId: true });
  });

  test.each([{ authResource: AUDIENCE }, { authAcceptClientId: true }])('refuse %j if no issuer is set', (flags) => {
    expect(refusalOf(flags)).toContain('need --auth-issuer');
  });

  test.each(['http://localhost:4000', 'http://127.0.0.1:4000/', 'http://[::1]:4000/tenant'])(
    'accept an issuer without TLS on this machine: %s',
    (uri) => {
      expect(readConfig({ authIssuer: uri, authAudience: uri }, {})).toMatchObject({ authIssuer: uri, authAudience: [uri] });
    },
  );

  test.each(['research publish', 'research, publish', ' research ,publish ', 'research,publish,', 'research publish , '])(
    'read the scopes in %j',
    (authScopes) => {
      const { authScopes: read } = readConfig({ authIssuer: ISSUER, authAudience: AUDIENCE, authScopes }, {});
      expect(read).toEqual(['research', 'publish']);
    },
  );

  test.each(['a,,b', ',a', ',', '', 'a"b', 'a\\b', 'ä'])('refuse %j as scopes', (authScopes) => {
    expect(refusalOf({ authIssuer: ISSUER, authAudience: AUDIENCE, authScopes })).toMatch(/^--auth-scopes must be scopes/);
  });
});

describe('a server with --auth-issuer', () => {
  let authorizationServer: AuthorizationServer;
  let ring: string;
  beforeAll(async () => {
    authorizationServer = await startAuthorizationServer();
    ring = (await ringFile()).path;
  });
  afterAll(() => authorizationServer.stop());

  const serve = (issuer: string) => {
    const authorization = ['--auth-issuer', issuer, '--auth-audience', AUDIENCE];
    return runProgram(['serve', '--port', '0', '--keys', ring, '--log-level', 'error', ...authorization]);
  };

  test('exits with 2 if the issuer has no metadata, and names the URLs that it tried', async () => {
    const issuer = `${authorizationServer.issuer}/none`;
    const { code, stdout, stderr } = await serve(issuer);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`waxseal: --auth-issuer ${issuer}: found no metadata of this issuer`);
    expect(stderr).toContain(`${authorizationServer.issuer}/.well-known/oauth-authorization-server/none`);
    expect(stderr).toContain(`${issuer}/.well-known/openid-configuration`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('starts if the issuer does not respond, and logs one warning with the cause', async () => {
    const issuer = `http://127.0.0.1:${await freePort()}`;
    const authorization = ['--auth-issuer', issuer, '--auth-audience', AUDIENCE];
    const server = await startServer(['--keys', ring, ...authorization]);
    try {
      expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
      const refused = await patiently(() => fetch(server.url, { method: 'POST' }));
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain('resource_metadata=');
      const warnings = server.printed.stdout.split('\n').filter((line) => line.includes('"level":40'));
      expect(warnings).toEqual([expect.stringMatching(/oauth-authorization-server: no response \(ECONNREFUSED\)/)]);
    } finally {
      await server.kill();
    }
  });

  test('exits with 2 if the issuer in the metadata differs by a slash', async () => {
    const { code, stderr } = await serve(`${authorizationServer.issuer}/`);
    expect(code).toBe(2);
    expect(stderr).toContain('with or without a slash at the end');
  });

  test('does not use the metadata of another issuer', async () => {
    const alias = `http://localhost:${authorizationServer.port}`;
    // The metadata at the alias contains the authorization server's own issuer.
    const metadata = await (await fetch(`${alias}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({ issuer: authorizationServer.issuer });
    const problems: Error[] = [];
    const prepared = prepareAuthorization({ issuer: alias, audience: AUDIENCE, scopes: [] }, (problem) => problems.push(problem));
    await expect(prepared).rejects.toThrow(ConfigError);
    expect(problems, 'the error is the only report').toEqual([]);
  });

  test('can listen beyond this machine', async () => {
    const authorization = ['--auth-issuer', authorizationServer.issuer, '--auth-audience', AUDIENCE];
    const server: RunningServer = await startServer(['--keys', ring, '--host', '0.0.0.0', ...authorization]);
    try {
      const url = server.url.replace('0.0.0.0', '127.0.0.1');
      expect((await patiently(() => fetch(url, { method: 'POST' }))).status).toBe(401);
    } finally {
      await server.kill();
    }
  });
});
