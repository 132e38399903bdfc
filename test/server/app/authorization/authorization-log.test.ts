import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/server/index.ts';
import { bearing, type ProtectedServer, startProtected } from '../../../support/authorization-calls.ts';
import {
  type AuthorizationServer,
  type Claims,
  generateSigningKey,
  startAuthorizationServer,
} from '../../../support/authorization-server.ts';
import { research } from '../../../support/findings.ts';
import { ringFile } from '../../../support/folders.ts';
import { sendRaw } from '../../../support/http.ts';
import { pieceIn, unfolded } from '../../../support/leaks.ts';
import { messageIn, toolCall } from '../../../support/mcp.ts';
import { until } from '../../../support/wait.ts';

let issuer: AuthorizationServer;
let server: ProtectedServer;
beforeAll(async () => {
  issuer = await startAuthorizationServer();
  server = await startProtected(issuer, (await ringFile()).path, ['--log-level', 'trace', '--auth-scopes', 'research']);
});
afterAll(async () => {
  await Promise.all([server.kill(), issuer.stop()]);
});

const call = toolCall('start_research_task', { topic: research.topic });
const now = systemClock();

const mint = (claims: Claims, header?: Parameters<AuthorizationServer['mint']>[1]) =>
  issuer.mint({ aud: server.audience, ...claims }, header);

/** Signs with a key that is not the issuer's. */
async function signedByAnother(alg: 'RS256' | 'HS256'): Promise<string> {
  const key = alg === 'RS256' ? await generateSigningKey('RS256', 'rs-1') : Buffer.alloc(32, 7);
  const claims = { iss: issuer.issuer, aud: server.audience, sub: 'alice', exp: now + 300, scope: 'research' };
  return new SignJWT(claims).setProtectedHeader({ alg, kid: 'rs-1', typ: 'at+jwt' }).sign(key);
}

const refused: [reason: string, status: number, what: string, token: () => Promise<string | undefined>][] = [
  ['token_missing', 401, 'no token', async () => undefined],
  ['malformed', 401, 'no JWT', async () => 'x.y.z'],
  ['alg', 401, 'a token with a shared secret', () => signedByAnother('HS256')],
  ['key', 401, 'a token with an unknown kid', () => mint({}, { kid: 'no-such-key' })],
  ['signature', 401, 'a token that another key signed', () => signedByAnother('RS256')],
  ['iss', 401, 'a token of another issuer', () => mint({ iss: 'https://other.example' })],
  ['aud', 401, 'a token for another audience', () => mint({ aud: 'https://other.example/mcp' })],
  ['sub', 401, 'a token without a subject', () => mint({ sub: undefined })],
  ['exp', 401, 'an expired token', () => mint({ exp: now - 300 })],
  ['nbf', 401, 'a token that is not valid yet', () => mint({ nbf: now + 3_600 })],
  ['cnf', 401, 'a token that is bound to a key', () => mint({ cnf: { jkt: 'x' } })],
  ['type', 401, 'an ID token', () => mint({ nonce: 'n' }, { typ: 'JWT' })],
  ['claims', 401, 'a token whose expiry is a text', () => mint({ exp: String(now + 300) })],
  ['scope', 403, 'a token without the scope', () => mint({ scope: 'publish' })],
];

/** Returns the refusals that a server has logged after the first `from` characters of its output. */
function refusalsSince({ printed }: ProtectedServer, from: number): { status: number; reason: string }[] {
  const lines = printed.stdout.slice(from).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'refused');
}

describe('the log line of a refused request', () => {
  test.each(refused)('has the reason %s and the status %i for %s', async (reason, status, _what, make) => {
    const token = await make();
    const from = server.printed.stdout.length;
    expect((await sendRaw(server.url, bearing(token, call))).status).toBe(status);
    // When the log has the line of a later request, it has all earlier lines.
    await sendRaw(server.url, { method: 'GET' });
    await until('the later refusal was logged', () => refusalsSince(server, from).at(-1)?.reason === 'token_missing');
    await until('both were logged', () => refusalsSince(server, from).length >= 2);
    expect(refusalsSince(server, from)).toMatchObject([{ status, reason }, { reason: 'token_missing' }]);
    if (token !== undefined) expect(pieceIn(unfolded(server.printed.stdout), token, 40)).toBeUndefined();
  });

  test('has the reason keys_unavailable and the status 503 while the issuer is down', async () => {
    const down = await startAuthorizationServer();
    const own = await startProtected(down, (await ringFile()).path);
    try {
      const token = await down.mint({ aud: own.audience });
      await down.stop();
      const from = own.printed.stdout.length;
      const { status, headers, text } = await sendRaw(own.url, bearing(token, call));
      expect({ status, code: messageIn(text).error?.code }).toEqual({ status: 503, code: -31_503 });
      expect(headers['retry-after']).toMatch(/^\d+$/);
      await until('it was logged', () => refusalsSince(own, from).length > 0);
      expect(refusalsSince(own, from)).toMatchObject([{ status: 503, reason: 'keys_unavailable' }]);
    } finally {
      await own.kill();
    }
  });
});
