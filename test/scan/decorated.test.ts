import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { seal } from '../../src/handle/index.ts';
import { createRedactor } from '../../src/scan/index.ts';
import { claimsWith, newKeys } from '../handle/support.ts';
import { DECORATIONS } from './decorations.ts';

/** So much of a secret may be left over, and no more. Characters. */
const WINDOW = 24;

let handle: string;
let windows: string[];
beforeAll(async () => {
  handle = await seal(claimsWith({ st: randomBytes(200).toString('hex') }), (await newKeys()).key);
  const secret = handle.slice(handle.indexOf('..') + 2);
  windows = Array.from({ length: secret.length - WINDOW + 1 }, (_, at) => secret.slice(at, at + WINDOW));
});

async function redacted(text: string, chunk = text.length) {
  const redactor = createRedactor();
  let out = '';
  for (let at = 0; at < text.length; at += chunk) out += await redactor.push(text.slice(at, at + chunk));
  out += await redactor.end();
  return { out, ...redactor.count };
}

describe('whatever is done to a text with a handle, in whatever order', () => {
  it('no window of 24 characters of what is secret is left, or the redactor says that something may be', async () => {
    const decoration = fc.tuple(fc.constantFrom(...DECORATIONS), fc.integer({ min: 20, max: 200 }));
    await fc.assert(
      fc.asyncProperty(fc.array(decoration, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 5_000 }), async (done, chunk) => {
        const text = done.reduce((text, [{ apply }, size]) => apply(text, size), `handle: ${handle}`);
        // What shows every character in a colour, twice, is longer than anybody's log.
        fc.pre(text.length < 200_000);
        const { out, suspects } = await redacted(`first line\n${text}\nlast line: all good\n`, chunk);
        if (suspects > 0) return;
        const bare = out.replace(/[^A-Za-z0-9_.-]/g, '');
        expect(windows.filter((window) => out.includes(window) || bare.includes(window))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(DECORATIONS.map(({ name, apply }) => [name, apply] as const))('%s alone hides it from nobody', async (_name, apply) => {
    for (const size of [40, 76, 120]) {
      const { out, handles, suspects } = await redacted(`first line\n${apply(`handle: ${handle}`, size)}\nlast line: all good\n`);
      expect({ handles, suspects }).toEqual({ handles: 1, suspects: 0 });
      expect(out).not.toContain(handle.slice(-12));
      expect(out.endsWith('last line: all good\n')).toBe(true);
    }
  });
});

/** The same bytes in every run: a line of random base64 sometimes has the look of a piece of a handle, and is told. */
function bytes(count: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(count / 32) }, (_, at) => createHash('sha256').update(`${count}:${at}`).digest());
  return Buffer.concat(blocks).subarray(0, count);
}

const HMAC = randomBytes(32).toString('base64url');
const claims = Buffer.from(JSON.stringify({ sub: 'anna', iat: 1_785_240_000 })).toString('base64url');

/** What stands in logs, sources and mails, and is no handle. */
const ORDINARY: Readonly<Record<string, string>> = {
  'decimal numbers': '0.1234567890123456789012 1.7976931348623157e+308 3.141592653589793238462643383279 -1e-7',
  versions: 'waxseal@1.2.3-rc.1+build.20261127 node-v22.12.0-linux-x64 ^14.0.3',
  UUIDs: '550e8400-e29b-41d4-a716-446655440000 6BA7B810-9DAD-11D1-80B4-00C04FD430C8 550e8400-e29b-41d4-a716-446655440000',
  'hash values': '2c2a528f6b1d7c0e9a4b3f5d8e7c6a1b0f9e8d7c e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'tokens of others': `Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.${claims}.${HMAC}`,
  'identifiers of programs':
    'PerRequestHTTPServerTransportOptions getUserAuthenticationTokenProvider MAX_LENGTH_OF_A_HEADER_LINE webpackChunkName',
  'names of hosts': 'ec2-203-0-113-25.compute-1.amazonaws.com a1b2c3d4.execute-api.eu-central-1.amazonaws.com',
  'an image in base64': `![](data:image/png;base64,${bytes(3_000).toString('base64')})`,
  'a certificate': `-----BEGIN CERTIFICATE-----\n${bytes(900)
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n')}\n-----END CERTIFICATE-----`,
  'a lock file': Array.from({ length: 20 }, () => `      "integrity": "sha512-${bytes(64).toString('base64')}",`).join('\n'),
  'minified JavaScript':
    'var e=t(1),n=(function(e){return e&&e.__esModule?e:{default:e}})(e);Object.defineProperty(n,"default",{enumerable:!0,get:function(){return n}});',
  'a trace of calls':
    'Error: boom\\n    at Object.<anonymous> (/srv/app/dist/server/app/fetch.js:12:34)\\n    at node:internal/process/task_queues:95:5',
  'coloured words': '\u001b[32mINFO\u001b[39m (4711): \u001b[36mrequest completed\u001b[39m',
  'short lines': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n',
};

describe('what is no handle stays as it is, and raises no suspicion', () => {
  it.each(Object.entries(ORDINARY))('%s', async (_name, text) => {
    const lines = `before\n${text}\nbehind it\n`;
    for (const chunk of [lines.length, 1, 100])
      expect(await redacted(lines, chunk)).toMatchObject({ out: lines, handles: 0, cut: 0, suspects: 0 });
  });

  it('nor is anything else changed', async () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.values(ORDINARY)),
      fc.double().map(String),
      fc.uuid(),
      fc.webUrl(),
      fc.ipV6(),
      fc.emailAddress(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 20 }),
        fc.constantFrom(' ', '\n', ',', '\t'),
        fc.integer({ min: 1, max: 400 }),
        async (words, between, chunk) => {
          const text = words.join(between);
          expect((await redacted(text, chunk)).out).toBe(text);
        },
      ),
      { numRuns: 100 },
    );
  });
});
