import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprint, seal } from '../../src/handle/index.ts';
import { createRedactor } from '../../src/scan/index.ts';
import { claimsWith, type Keys, newKeys } from '../handle/support.ts';

let keys: Keys;
let handle: string;
beforeAll(async () => {
  keys = await newKeys();
  handle = await seal(claimsWith({ st: crypto.randomUUID().repeat(8) }), keys.key);
});

/** Redacts a text that arrives in chunks of one size. */
async function redacted(text: string, chunk = text.length): Promise<string> {
  const redactor = createRedactor();
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += chunk) parts.push(await redactor.push(text.slice(at, at + chunk)));
  return [...parts, await redactor.end()].join('');
}

/** The breaks between the pieces of a handle. */
const BREAKS: Readonly<Record<string, string>> = {
  'a line break': '\n',
  'a line break of Windows': '\r\n',
  'a line break and an indentation': '\n        ',
  'a quotation in mail': '\n> > ',
  'a comment': '\n// ',
  'a comment with a hash': '\n# ',
  'a row of a table': '\n| ',
  'a JSON escape': '\\n',
  'an escape within an escape': '\\\\n',
  'a Unicode escape': '\\u000a',
  'a Unicode escape with braces': '\\u{200b}',
  'an HTML tag in a Go program’s JSON': '\\u003cbr\\u003e',
  'a carriage return': '\r',
  'a URL’s escape': '%0D%0A',
  'an entity': '&#10;',
  'a soft hyphen’s entity': '&shy;',
  'a tag': '<br/>',
  'a colour of a terminal': '\u001b[0;32m',
  'an invisible character': '\u200b',
  'an invisible character in UTF-8': '\u00e2\u0080\u008b',
  'a soft hyphen': '\u00ad',
  'a shell’s continued line': '\\\n',
  'a soft break of quoted-printable': '=\n',
  'two texts that a program joins': '" +\n    "',
  'the prefix of each line in a container’s log': '\nweb-1  | 2026-11-27T08:00:00.123Z ',
  'the prefix of each line of a container runtime': '\n2026-11-27T08:00:00.123456789Z stdout P ',
};

describe('redact, given a handle in pieces,', () => {
  it.each(Object.entries(BREAKS))('replaces a handle that is broken by %s, in chunks of any size', async (_name, separator) => {
    const name = await fingerprint(handle);
    for (const width of [11, 30, 76]) {
      const broken = (handle.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(separator);
      const text = `before "${broken}" behind`;
      // Pieces of 11 characters are too short to be judged in small chunks.
      for (const chunk of width === 11 ? [text.length] : [text.length, 1, 7, 64, 100])
        expect(await redacted(text, chunk)).toBe(`before "[handle ${name}]" behind`);
    }
  });

  it.each(Object.entries(BREAKS))('replaces a handle that is broken by %s, if a chunk ends within the break', async (_what, separator) => {
    const name = await fingerprint(handle);
    // These places are in the header, in the IV and in the ciphertext. At these places, the text before the break helps
    // the redactor least to recognize the handle.
    for (const place of [23, 94, 189]) {
      const text = `${handle.slice(0, place)}${separator}${handle.slice(place)}\nnext line`;
      for (let cut = place; cut <= place + separator.length + 1; cut += 1) {
        const redactor = createRedactor();
        const out = [await redactor.push(text.slice(0, cut)), await redactor.push(text.slice(cut)), await redactor.end()].join('');
        expect(out, `${place}, ${cut}`).toBe(`[handle ${name}]\nnext line`);
      }
    }
  });

  it('replaces a broken handle whose header lost a line and therefore looks like another token’s', async () => {
    const text = `${handle.slice(0, 57)}\n${handle.slice(73)}`;
    const [header = ''] = text.replace('\n', '').split('.');
    expect(Object.keys(JSON.parse(Buffer.from(header, 'base64url').toString()))).toEqual(['alg', 'enc', 'kid']);
    for (const chunk of [text.length, 1, 20]) expect(await redacted(`${text}\nnext line`, chunk)).toBe('[handle, cut]\nnext line');
  });

  it('replaces a handle that a backslash and a line break interrupt, even if the next line begins with n, r or t, which would form an escape with the backslash', async () => {
    const place = 100 + handle.slice(100).search(/[nrt]/);
    const text = `"${handle.slice(0, 60)}" +\n    "${handle.slice(60, place)}\\\n${handle.slice(place)}"\nnext line`;
    for (const chunk of [text.length, 1, 50])
      expect(await redacted(text, chunk)).toBe(`"[handle ${await fingerprint(handle)}]"\nnext line`);
  });

  it('reports the end of a handle before the cut header of another handle, even if the header began in another record', async () => {
    const record = (log: string) => `${JSON.stringify({ log, stream: 'stdout', time: '2026-11-27T08:00:00.123456789Z' })}\n`;
    for (const length of [20, 39, 44]) {
      const text = `first line\n${record(`${handle.slice(-90)}\n${handle.slice(0, 5)}`)}${record(handle.slice(5, length))}last line\n`;
      for (const chunk of [text.length, 7]) {
        const redactor = createRedactor();
        for (let at = 0; at < text.length; at += chunk) await redactor.push(text.slice(at, at + chunk));
        await redactor.end();
        expect(redactor.count.lines, `${length}, ${chunk}`).toContain(2);
      }
    }
  });

  it('leaves fewer than 24 successive secret characters of a handle that is broken in several ways', async () => {
    const breaks = fc.constantFrom(...Object.values(BREAKS));
    const secret = handle.slice(handle.indexOf('..') + 2);
    const windows = Array.from({ length: secret.length - 23 }, (_, at) => secret.slice(at, at + 24));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 20, max: 200 }), breaks), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 500 }),
        async (cuts, chunk) => {
          let [text, rest] = ['', handle];
          for (const [width, separator] of cuts) {
            if (rest.length <= width) break;
            text += rest.slice(0, width) + separator;
            rest = rest.slice(width);
          }
          const out = await redacted(`${text}${rest}\nnext line`, chunk);
          const bare = out.replace(/[^A-Za-z0-9_.-]/g, '');
          expect(windows.filter((window) => out.includes(window) || bare.includes(window))).toEqual([]);
          expect(out.endsWith('next line')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('redact, given text that belongs to no handle,', () => {
  it.each([
    ['another token that begins like a handle', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.BBBB.CCCC and more\nand more'],
    ['a text that ends with the beginning of another token', 'token: eyJhbGciOiJkaXIi'],
    ['lines of words', 'one\ntwo\n  three\n# four\n'],
  ])('changes nothing in %s', async (_name, text) => {
    for (const chunk of [text.length, 1, 5]) expect(await redacted(text, chunk)).toBe(text);
  });

  it('changes nothing in the lines after a cut handle', async () => {
    const text = `${handle.slice(0, 200)}\nServer started. All good.\n`;
    expect(await redacted(text)).toBe('[handle, cut]\nServer started. All good.\n');
  });

  const sha = (at: number) => createHash('sha1').update(`${at}`).digest('hex');
  it.each([
    ['digests', (cut: string) => `h=${cut}\n${Array.from({ length: 30 }, (_, at) => sha(at)).join('\n')}\nend\n`],
    ['a digest in the next field of CSV', (cut: string) => `1,"${cut}","${sha(1)}","GET /x"\n`],
    ['a digest in the next element of JSON', (cut: string) => `{"ids":["${cut}", "${sha(1)}", "x"]}\n`],
    ['a digest after a separator', (cut: string) => `h=${cut}\u001f${sha(1)}\u001fGET /x\n`],
    ['a UUID', (cut: string) => `h=${cut}\n550e8400-e29b-41d4-a716-446655440000 request done\n`],
    ['a ULID', (cut: string) => `token ${cut}\n01HF3Z8XQ5K7Y2M9N4P6R8T0V1 GET /x\n`],
    ['a random id and more words', (cut: string) => `h=${cut}\nV1StGXR8_Z5jdHi6B-myT GET /x\n`],
    ['a time and an id', (cut: string) => `2026-11-27T08:00:00Z h=${cut}\n2026-11-27T08:00:01Z V1StGXR8_Z5jdHi6B\n`],
    ['a time in digits', (cut: string) => `${cut}\n1795799869.432 done\n1795799870.001 more\n`],
    ['an address', (cut: string) => `${cut}\n10.0.12.34 - - [27/Nov/2026:08:00:00 +0000] "GET /"\n`],
    ['a key of base32', (cut: string) => `${cut}\nJBSWY3DPEHPK3PXP secret\n`],
    [
      'the next line of a container',
      (cut: string) => `2026-11-27T08:00:00Z stdout F h=${cut}\n2026-11-27T08:00:01Z stdout F ${sha(1).slice(0, 16)} GET /x\n`,
    ],
    [
      'the next record of a container',
      (cut: string) => [`h ${cut}`, `${sha(2).slice(0, 24)} done`].map((log) => `${JSON.stringify({ log, stream: 'stdout' })}\n`).join(''),
    ],
    [
      'the next record, which begins with a random id',
      (cut: string) => [`h ${cut}`, 'V1StGXR8_Z5jdHi6B done'].map((log) => `${JSON.stringify({ log, stream: 'stdout' })}\n`).join(''),
    ],
    ['an escaped line break', (cut: string) => JSON.stringify({ text: `${cut}\n${sha(3)} done` })],
    ['a line break of HTML', (cut: string) => `<p>${cut}<br>${sha(4).slice(0, 16)} done</p>\n`],
  ])('changes nothing in the text after a handle that is cut at the end of its line: %s', async (_name, write) => {
    const cut = handle.slice(0, 200);
    expect(await redacted(write(cut))).toBe(write('[handle, cut]'));
  });
});
