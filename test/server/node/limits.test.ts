import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { generateRing, parseRing, toText } from '../../../src/keys/index.ts';
import { systemClock } from '../../../src/server/index.ts';
import { httpServer } from '../../../src/server/node/http.ts';
import { type Received, sendRaw } from '../../support/http.ts';
import { legacyRequest } from '../../support/mcp.ts';
import { researchServer } from '../../support/research.ts';

/** Starts a server that answers at most `rateLimit` requests a minute. */
async function limitedTo(rateLimit: number): Promise<string> {
  const ring = await parseRing(toText(await generateRing(systemClock())));
  const app = httpServer({
    server: researchServer,
    environment: { ring: () => ring, now: systemClock },
    log: pino({ level: 'silent' }),
    allowedOrigins: [],
    rateLimit,
    maxConnections: 100,
  });
  onTestFinished(() => app.close());
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/mcp`;
}

/** Sends a batch of calls. */
function batchOf(count: number, url: string): Promise<Received> {
  const { headers, method } = legacyRequest('tools/list');
  const calls = Array.from({ length: count }, (_, id) => JSON.parse(legacyRequest('tools/list', {}, id).body));
  return sendRaw(url, { method, headers, body: JSON.stringify(calls) });
}

describe('the rate limit', () => {
  test('counts each call of a batch', async () => {
    const url = await limitedTo(10);
    expect(await batchOf(4, url)).toMatchObject({ status: 200, headers: { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '6' } });
    expect(await batchOf(6, url)).toMatchObject({ status: 200, headers: { 'x-ratelimit-remaining': '0' } });
    const refused = await sendRaw(url, legacyRequest('tools/list'));
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'x-ratelimit-remaining': '0', 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    expect(JSON.parse(refused.text).error.message).toContain('Too many requests');
  });

  test('refuses the whole batch if it exceeds the limit', async () => {
    const url = await limitedTo(5);
    expect(await batchOf(6, url)).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } });
    expect(await sendRaw(url, legacyRequest('tools/list'))).toMatchObject({ status: 429 });
  });

  test('counts a batch of one message like a message alone', async () => {
    const url = await limitedTo(3);
    const answers = [await batchOf(1, url), await sendRaw(url, legacyRequest('tools/list')), await batchOf(1, url), await batchOf(1, url)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  });
});
