import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/scan/index.ts';
import { DECORATIONS, ENCODINGS } from '../fuzz/redact/decorations.mjs';
import { leakIn, placesOfSecret, twinOf } from '../fuzz/redact/leaks.mjs';
import { growsInProportion } from '../support/proportion.ts';
import { newHandle, redacted } from './support.ts';

const handle = newHandle(400);

/** Makes a log from an altered handle. A decoration is a change that a program makes to text. */
const logOf = (decorated: string) => `first line\n${decorated}\nlast line: all good\n`;

describe('redact, given a handle that programs altered,', () => {
  it('leaves fewer than 24 successive characters of the secret part, or reports their lines', async () => {
    const decoration = fc.tuple(fc.constantFrom(...DECORATIONS), fc.integer({ min: 40, max: 200 }));
    await fc.assert(
      fc.asyncProperty(fc.array(decoration, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 5_000 }), async (done, chunk) => {
        const write = (one: string) => logOf(done.reduce((text, [{ apply }, size]) => apply(text, size), `handle: ${one}`));
        const text = write(handle);
        // Longer texts are rare. Only test/fuzz/redact.mjs also tries them.
        fc.pre(text.length < 50_000);
        const places = placesOfSecret(text, write(twinOf(handle)));
        expect(leakIn({ text, places, ...(await redacted(text, chunk)) })).toBeUndefined();
      }),
      // A few combinations of decorations are known to leak (docs/audit-and-inspect.md). So this test has a
      // fixed seed, and `npm run test:redact` uses random seeds.
      { numRuns: 100, seed: 1 },
    );
  });

  // A patch marks removed lines with a dash. The redactor cannot tell this dash from a character of the handle.
  const readable = DECORATIONS.filter(({ name }) => name !== 'removed in a patch');
  it.each(readable.map(({ name, apply }) => [name, apply] as const))('finds the whole handle: %s', async (_name, apply) => {
    for (const size of [40, 76, 120]) {
      const text = logOf(apply(`handle: ${handle}`, size));
      // A live log arrives in small chunks.
      for (const chunk of [text.length, 150, 30]) {
        const { out, handles, suspects } = await redacted(text, chunk);
        expect({ handles, suspects }, `${size}, ${chunk}`).toEqual({ handles: 1, suspects: 0 });
        expect(out).not.toContain(handle.slice(-12));
        expect(out.endsWith('last line: all good\n')).toBe(true);
      }
    }
  });

  it.each(ENCODINGS.map(({ name, apply }) => [name, apply] as const))('finds the whole handle: %s', async (_name, apply) => {
    const text = logOf(apply(`handle: ${handle}`, 0));
    expect(await redacted(text)).toMatchObject({ handles: 1, suspects: 0 });
    for (const chunk of [text.length, 100]) {
      const { out } = await redacted(text, chunk);
      expect(out).not.toContain(apply(handle.slice(-12), 0));
      expect(out.endsWith('last line: all good\n')).toBe(true);
    }
  });

  it.each(ENCODINGS.map(({ name, apply }) => [name, apply] as const))(
    'finds the handle if a chunk ends within its first characters: %s',
    async (_name, apply) => {
      const text = logOf(apply(`the tool returned this handle: ${handle}`, 0));
      const { out } = await redacted(text);
      for (let cut = 12; cut < 12 + apply('the tool returned this handle: eyJhbGciOiJkaXIi', 0).length; cut += 3) {
        const redactor = createRedactor();
        const parts = [await redactor.push(text.slice(0, cut)), await redactor.push(text.slice(cut)), await redactor.end()];
        expect(parts.join(''), text.slice(cut - 20, cut)).toBe(out);
      }
    },
  );
});

describe('redact, given a handle that is written in numeric escapes and folded into lines,', () => {
  it.each(ENCODINGS.map(({ name, apply }) => [name, apply] as const))(
    'replaces the end of a handle on the line before another handle, or reports the line: %s',
    async (_name, apply) => {
      const text = logOf(apply(`${handle.slice(-120)}\n${handle}`, 0));
      for (const chunk of [text.length, 100]) {
        const { out, lines } = await redacted(text, chunk);
        expect(!out.includes(apply(handle.slice(-24), 0)) || lines.includes(2), `${chunk}`).toBe(true);
      }
    },
  );

  it.each(ENCODINGS.map(({ name, apply }) => [name, apply] as const))('reports the lines of the handle: %s', async (_name, apply) => {
    for (const size of [10, 15, 20]) {
      const lines = (handle.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).map(
        (piece) => `Nov 27 08:00:00 host app[4711]: ${apply(piece, 0)}`,
      );
      const text = `first line\n${lines.join('\n')}\nlast line: all good\n`;
      const { out, lines: reported } = await redacted(text);
      // Some pieces look like words, so the redactor cannot know them.
      const left = lines.filter((line, at) => out.includes(line) && !reported.includes(at + 2));
      expect(left.length, `${size}`).toBeLessThan(lines.length / 4);
    }
  });
});

it('redact takes time in proportion to the length of a text of numeric escapes', async () => {
  for (const filling of [
    '&amp;#65;',
    '&#65',
    '%2565',
    '%u0065',
    '\\101',
    '\\x{41}',
    '=6a',
    '&amp;amp;amp;amp;amp;#65;',
    '%7B%22',
    '\\\\',
    '&#',
    '%25',
  ]) {
    const chunk = filling.repeat(Math.ceil(32_768 / filling.length));
    const redact = async (chunks: number) => {
      const redactor = createRedactor();
      for (let count = 0; count < chunks; count += 1) await redactor.push(chunk);
      await redactor.end();
    };
    expect(await growsInProportion(redact, 2), filling).toBe(true);
  }
});

const INVISIBLE = ['\0', '\u0007', '\b', '\u000e', '\u007f', '\u061c', '\u180e', '\ufe0f', '\ufeff', '\u{e0020}'];

describe('redact, given invisible characters,', () => {
  const bytes = INVISIBLE.map((character) => Buffer.from(character).toString('latin1'));
  it.each([...INVISIBLE, ...bytes].map((one) => [[...one].map((part) => part.codePointAt(0)?.toString(16)).join(' '), one]))(
    'finds a handle with an invisible character after each character: %s',
    async (_name, invisible) => {
      const filler = 'GET /healthz 200 ok from the load balancer\n'.repeat(80);
      const { out, handles } = await redacted(`${filler}${[...handle].join(invisible)}\n`);
      expect({ out: out.replace(/\[handle [\w-]{16}\]/, '[handle]'), handles }).toEqual({ out: `${filler}[handle]\n`, handles: 1 });
    },
  );
});

/**
 * Makes bytes that are the same in every run. Random bytes would sometimes give a line of base64 that looks like a
 * piece of a handle.
 */
function bytes(count: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(count / 32) }, (_, at) => createHash('sha256').update(`${count}:${at}`).digest());
  return Buffer.concat(blocks).subarray(0, count);
}

const HMAC = randomBytes(32).toString('base64url');
const claims = Buffer.from(JSON.stringify({ sub: 'anna', iat: 1_785_240_000 })).toString('base64url');

/** Texts of logs, sources and mails without a handle. */
const ORDINARY: Readonly<Record<string, string>> = {
  'decimal numbers': '0.1234567890123456789012 1.7976931348623157e+308 3.141592653589793238462643383279 -1e-7',
  versions: 'waxseal@1.2.3-rc.1+build.20261127 node-v22.12.0-linux-x64 ^14.0.3',
  UUIDs: '550e8400-e29b-41d4-a716-446655440000 6BA7B810-9DAD-11D1-80B4-00C04FD430C8 550e8400-e29b-41d4-a716-446655440000',
  'hash values': '2c2a528f6b1d7c0e9a4b3f5d8e7c6a1b0f9e8d7c e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'tokens of other programs': `Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.${claims}.${HMAC}`,
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

describe('redact, given text without a handle,', () => {
  it.each(Object.entries(ORDINARY))('changes nothing, and reports no line: %s', async (_name, text) => {
    const lines = `before\n${text}\nbehind it\n`;
    for (const chunk of [lines.length, 1, 100])
      expect(await redacted(lines, chunk)).toMatchObject({ out: lines, handles: 0, cut: 0, suspects: 0 });
  });

  it('changes nothing, and reports no line, in any text without a handle', async () => {
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
