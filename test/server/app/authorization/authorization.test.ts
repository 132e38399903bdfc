import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bearing,
  callAs,
  type ProtectedServer,
  patiently,
  refusalOf,
  startProtected,
  startTask,
} from '../../../support/authorization-calls.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../../../support/authorization-server.ts';
import { research } from '../../../support/findings.ts';
import { ringFile } from '../../../support/folders.ts';
import { sendRaw } from '../../../support/http.ts';
import { pieceIn, unfolded } from '../../../support/leaks.ts';
import { exchange, legacyRequest, messageIn, modernRequest, toolCall } from '../../../support/mcp.ts';

let authorizationServer: AuthorizationServer;
let open: ProtectedServer;
let scoped: ProtectedServer;
beforeAll(async () => {
  authorizationServer = await startAuthorizationServer();
  const { path } = await ringFile();
  [open, scoped] = await Promise.all([
    startProtected(authorizationServer, path, ['--log-level', 'trace']),
    startProtected(authorizationServer, path, ['--log-level', 'trace', '--auth-scopes', 'research,publish']),
  ]);
});
afterAll(async () => {
  await Promise.all([open.kill(), scoped.kill(), authorizationServer.stop()]);
});

const start = toolCall('start_research_task', { topic: research.topic });
const metadataOf = ({ origin }: ProtectedServer) => `${origin}/.well-known/oauth-protected-resource/mcp`;

describe('A call without a token', () => {
  test('gets 401 with the URL of the metadata', async () => {
    const { status, challenge } = await refusalOf(open.url, start);
    expect(status).toBe(401);
    expect(challenge).toMatchObject({ resource_metadata: metadataOf(open) });
    expect(challenge).not.toHaveProperty('scope');
  });

  test('gets a challenge with the required scopes', async () => {
    const { status, challenge } = await refusalOf(scoped.url, start);
    expect(status).toBe(401);
    expect(challenge).toMatchObject({ resource_metadata: metadataOf(scoped), scope: 'research publish' });
  });

  test.each(['tools/list', 'server/discover'])('gets 401 for %s', async (method) => {
    expect(await refusalOf(open.url, modernRequest(method))).toMatchObject({ status: 401 });
  });

  test.each(['GET', 'DELETE', 'PUT'])('gets 401 instead of 405 for %s', async (method) => {
    expect(await patiently(() => sendRaw(open.url, { method }))).toMatchObject({ status: 401 });
  });

  test('is refused before its body is read', async () => {
    for (const body of ['{', 'x'.repeat(1_100_000)]) {
      expect((await patiently(() => sendRaw(open.url, { ...start, body }))).status).toBe(401);
    }
  });

  test('is served at /healthz and /readyz', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await fetch(`${open.origin}${path}`)).status).toBe(200);
  });

  test('gets CORS headers, and so does its preflight request', async () => {
    const origin = { origin: 'http://localhost:5173' };
    const refused = await patiently(() => fetch(open.url, { ...start, headers: { ...start.headers, ...origin } }));
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin.origin);
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    const asking = { ...origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const asked = await patiently(() => fetch(open.url, { method: 'OPTIONS', headers: asking }));
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
  });
});

describe('The metadata of the protected resource (RFC 9728)', () => {
  test('are at the URL of the challenge, and name the resource and the authorization server', async () => {
    const { challenge } = await refusalOf(open.url, start);
    const response = await fetch(challenge['resource_metadata'] ?? '');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const metadata = await response.json();
    expect(metadata).toMatchObject({ resource: open.audience, authorization_servers: [authorizationServer.issuer] });
    expect(metadata).not.toHaveProperty('scopes_supported');
  });

  test('name the required scopes', async () => {
    const metadata = await (await fetch(metadataOf(scoped))).json();
    expect(metadata).toMatchObject({ resource: scoped.audience, scopes_supported: ['research', 'publish'] });
  });

  test('can be read by every web page', async () => {
    const response = await fetch(metadataOf(open), { headers: { origin: 'https://anywhere.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('are not served at other well-known paths', async () => {
    expect((await fetch(`${open.origin}/.well-known/oauth-protected-resource/other`)).status).toBe(404);
  });
});

describe('A call with a good token', () => {
  test('runs a whole task', async () => {
    const token = await authorizationServer.tokenFor('alice', { resource: open.audience });
    const handle = await startTask(token, open.url, research.topic);
    const recorded = await callAs(token, open.url, 'record_findings', { handle, findings: research.findings.slice(0, 2) });
    const completed = await callAs(token, open.url, 'complete_research_task', {
      handle: recorded.structuredContent.handle,
      findings: research.findings.slice(2),
    });
    const seen = await callAs(token, open.url, 'get_task_status', { handle: completed.structuredContent.handle });
    expect(seen.structuredContent).toMatchObject({ status: 'complete', results: research.findings, handle_info: { revision: 3 } });
  });

  test('is served in the 2025 revisions', async () => {
    const token = await authorizationServer.tokenFor('alice', { resource: open.audience });
    const listed = await patiently(() => exchange(open.url, bearing(token, legacyRequest('tools/list'))));
    expect(listed.message.result.tools).toContainEqual(expect.objectContaining({ name: 'start_research_task' }));
  });

  test('is served if the client got the token for itself (client_credentials)', async () => {
    const token = await authorizationServer.tokenForService({ resource: open.audience });
    expect(await startTask(token, open.url)).toMatch(/^ey/);
  });

  test('is served with "Bearer" in upper or lower case', async () => {
    const token = await authorizationServer.tokenFor('alice', { resource: open.audience });
    const headers = { ...start.headers, authorization: `bEARER ${token}` };
    const answer = await patiently(() => sendRaw(open.url, { ...start, headers }));
    expect(messageIn(answer.text).result).toHaveProperty('structuredContent.status', 'running');
  });

  test('is served if the token has all required scopes', async () => {
    const token = await authorizationServer.tokenFor('alice', { resource: scoped.audience, scope: 'publish research' });
    expect(await startTask(token, scoped.url)).toMatch(/^ey/);
  });
});

describe('A call with a good token that lacks a scope', () => {
  test.each(['research', 'publish'])('gets 403 with the required scopes if the token has only %s', async (scope) => {
    const token = await authorizationServer.tokenFor('alice', { resource: scoped.audience, scope });
    const { status, challenge } = await refusalOf(scoped.url, bearing(token, start));
    expect(status).toBe(403);
    expect(challenge).toMatchObject({
      error: 'insufficient_scope',
      scope: 'research publish',
      resource_metadata: metadataOf(scoped),
    });
  });

  test('gets 403 with the required scopes if the token has no scope, or a similar scope', async () => {
    for (const scope of [undefined, '', 'research:publish', 'RESEARCH PUBLISH', 'research;publish']) {
      const token = await authorizationServer.mint({ aud: scoped.audience, scope });
      expect(await refusalOf(scoped.url, bearing(token, start))).toMatchObject({ status: 403 });
    }
  });
});

describe('An ID token', () => {
  test('is refused, because its audience is the client', async () => {
    const { id_token } = await authorizationServer.signIn('alice', { resource: open.audience });
    expect(id_token).toBeDefined();
    const { status, challenge } = await refusalOf(open.url, bearing(id_token, start));
    expect(status).toBe(401);
    expect(challenge).toMatchObject({ error: 'invalid_token' });
  });
});

test('The logs contain no part of a token, even at level trace', async () => {
  const { access_token, id_token = '' } = await authorizationServer.signIn('alice', { resource: open.audience });
  const expired = await authorizationServer.mint({ aud: open.audience, exp: 1 });
  await startTask(access_token, open.url);
  for (const token of [id_token, expired]) await refusalOf(open.url, bearing(token, start));
  await refusalOf(open.url, { ...start, headers: { ...start.headers, authorization: `Basic ${access_token}` } });
  await sendRaw(`${open.url}?access_token=${access_token}`, start);
  // The log is complete after the server has closed.
  open.child.kill('SIGTERM');
  await open.ended;
  const log = unfolded(open.printed.stdout + open.printed.stderr);
  expect(log).toContain('tool call');
  for (const token of [access_token, id_token, expired]) expect(pieceIn(log, token, 24)).toBeUndefined();
});
