import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareAuthorization } from '../../../../src/server/app/authorization/authorization.ts';
import { ConfigError } from '../../../../src/server/index.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

describe('the metadata of an authorization server', () => {
  /** The response body for each path; every other path gets 404. */
  let documents: Record<string, string | undefined> = {};
  const http = createServer(({ url = '' }, response) => {
    const text = documents[url];
    if (text?.startsWith('/')) response.writeHead(302, { location: text }).end();
    else response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(text);
  });
  let origin: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  });

  const metadata = (issuer: string, changes: Record<string, unknown> = {}) =>
    JSON.stringify({
      issuer,
      jwks_uri: `${origin}/jwks`,
      authorization_endpoint: `${origin}/auth`,
      token_endpoint: `${origin}/token`,
      ...changes,
    });
  const prepare = (issuer: string) => prepareAuthorization({ issuer, audience: AUDIENCE, scopes: [] });

  test.each([
    ['/.well-known/oauth-authorization-server/tenant', 'RFC 8414'],
    ['/.well-known/openid-configuration/tenant', 'RFC 8414 §5'],
    ['/tenant/.well-known/openid-configuration', 'OpenID Connect'],
  ])('are found at %s if the issuer has a path (%s)', async (path) => {
    documents = { [path]: metadata(`${origin}/tenant`) };
    await expect(prepare(`${origin}/tenant`)).resolves.toHaveProperty('judge');
  });

  test('are found at a later URL if the first has the metadata of another issuer', async () => {
    documents = {
      '/.well-known/oauth-authorization-server/tenant': metadata(origin),
      '/tenant/.well-known/openid-configuration': metadata(`${origin}/tenant`),
    };
    await expect(prepare(`${origin}/tenant`)).resolves.toHaveProperty('judge');
  });

  test('need only "issuer" and "jwks_uri"', async () => {
    documents = { '/.well-known/openid-configuration': JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks` }) };
    await expect(prepare(origin)).resolves.toHaveProperty('judge');
  });

  test.each<[string, () => string, string]>([
    ['"jwks_uri" is missing', () => JSON.stringify({ issuer: origin }), '"jwks_uri" is missing'],
    ['"issuer" is missing', () => JSON.stringify({ jwks_uri: `${origin}/jwks` }), '"issuer" is missing'],
    ['they name another issuer', () => metadata('https://other.example'), '"issuer" is different: "https://other.example"'],
    ['they are not JSON', () => '<html>', 'the response is not a JSON object'],
    ['the server redirects to them', () => '/elsewhere', 'the response is 302'],
  ])('cause an error with the URL and the reason: %s', async (_what, text, problem) => {
    documents = { '/.well-known/oauth-authorization-server': text() };
    const refused = expect(prepare(origin)).rejects;
    await refused.toThrow(`${origin}/.well-known/oauth-authorization-server: ${problem}`);
    await expect(prepare(origin)).rejects.toThrow(`${origin}/.well-known/openid-configuration: the response is 404`);
  });

  test.each<[string, () => string]>([
    ['they name another issuer', () => metadata('https://other.example')],
    ['they name no issuer', () => metadata(origin, { issuer: undefined })],
    ['they have no keys', () => metadata(origin, { jwks_uri: undefined })],
    ['their "jwks_uri" is not a URL', () => metadata(origin, { jwks_uri: 'jwks' })],
    ['their "jwks_uri" is http on another machine', () => metadata(origin, { jwks_uri: 'http://login.example.com/jwks' })],
    ['their "jwks_uri" is a file', () => metadata(origin, { jwks_uri: 'file:///etc/jwks.json' })],
    ['they are not JSON', () => '<html>'],
    ['the server redirects to them', () => '/elsewhere'],
  ])('are not used if %s', async (_what, text) => {
    documents = { '/.well-known/oauth-authorization-server': text(), '/elsewhere': metadata(origin) };
    await expect(prepare(origin)).rejects.toThrow(ConfigError);
  });
});
