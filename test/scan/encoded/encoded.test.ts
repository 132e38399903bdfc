import { createHash, randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newHandle, redacted } from '../support.ts';

const handle = newHandle(200);

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const escaped = (text: string, sign: string) => text.replace(/./g, (character) => sign + character.charCodeAt(0).toString(16));
const lines = (text: string) => text.match(/.{1,76}/g) ?? [];

/**
 * Tells whether a text shows the secret part of the handle, directly or in base64. Base64 has groups of four digits, so
 * the first group in a run of digits may begin at any of its first four digits.
 */
function givesAway(text: string): boolean {
  const secret = handle.slice(-60);
  const spellings = [secret, Buffer.from(secret, 'utf16le'), escaped(secret, '%'), escaped(secret, '\\u00')];
  const runs = text.replace(/\\r\\n|\r?\n/g, '').match(/[A-Za-z0-9+/_-]{40,}/g) ?? [];
  return (
    text.includes(secret) ||
    runs.some((run) =>
      [0, 1, 2, 3].some((phase) => spellings.some((spelling) => Buffer.from(run.slice(phase), 'base64').includes(spelling))),
    )
  );
}

const FORMS: Readonly<Record<string, (handle: string) => string>> = {
  'the body of a message': (h) => JSON.stringify({ body: base64(JSON.stringify({ jsonrpc: '2.0', result: { handle: h } })), more: 1 }),
  'the body of a message with one more byte': (h) =>
    JSON.stringify({ body: base64(`${JSON.stringify({ jsonrpc: '2.0', result: { handle: h } })} `), more: 1 }),
  'the body of a message with two more bytes': (h) =>
    JSON.stringify({ body: base64(`  ${JSON.stringify({ jsonrpc: '2.0', result: { handle: h } })}`) }),
  'a body of many words': (h) => `body=${base64(`${'All good, and nothing to see here. '.repeat(500)}${h} and so on`)}`,
  'the attachment of a mail': (h) => lines(base64(`the handle is ${h}, as it was sent`)).join('\r\n'),
  'lines within JSON': (h) => JSON.stringify({ body: lines(base64(`the handle is ${h}, as it was sent`)).join('\r\n') }),
  'the state of a redirect': (h) => `GET /callback?state=${base64url(JSON.stringify({ handle: h }))}&code=1`,
  'a claim of another token': (h) =>
    `Bearer ${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify({ handle: h }))}.${base64url(randomBytes(32).toString('latin1'))}`,
  'the rest of a handle in a claim of another token': (h) =>
    `Bearer ${base64url('{"alg":"HS256","kid":"1"}')}.${base64url(JSON.stringify({ rest: h.slice(150) }))}.${'s'.repeat(43)}`,
  'the header of another token': (h) =>
    `Bearer ${base64url(JSON.stringify({ alg: 'RS256', h }))}.${base64url('{"sub":"1"}')}.${'s'.repeat(43)}`,
  'the header of another program’s JWE': (h) =>
    [
      base64url(JSON.stringify({ alg: 'RSA-OAEP', enc: 'A256GCM', h })),
      ...[256, 12, 100, 16].map((n) => randomBytes(n).toString('base64url')),
    ].join('.'),
  'a digest of Subresource Integrity': (h) => `"integrity": "sha512-${base64(`see ${h}`)}"`,
  'the rest of a handle in a digest': (h) => `"integrity": "sha512-${base64(`see ${h.slice(150)}`)}"`,
  'binary data': (h) => JSON.stringify({ data: Buffer.from(`\u000a\u00c2\u0005${h}\u0012\u0003\u0001`, 'latin1').toString('base64') }),
  'the rest of a handle in binary data': (h) =>
    JSON.stringify({ data: Buffer.concat([randomBytes(30), Buffer.from(h.slice(150)), randomBytes(99)]).toString('base64') }),
  'the rest of a handle in binary data in lines': (h) =>
    lines(Buffer.concat([randomBytes(300), Buffer.from(h.slice(150)), randomBytes(300)]).toString('base64')).join('\r\n'),
  'a command of PowerShell': (h) => `powershell -EncodedCommand ${base64(Buffer.from(`$h = "${h}"; go`, 'utf16le'))}`,
  'a longer command of PowerShell': (h) => `powershell -EncodedCommand ${base64(Buffer.from(`$h = "${h}"; go on`, 'utf16le'))}`,
  'a form of numeric escapes': (h) => `body=${base64(`handle=${escaped(h, '%')}&more=1`)}`,
  'JSON of numeric escapes': (h) => `body=${base64(`{"handle":"${escaped(h, '\\u00')}"}`)}`,
  'the rest of a handle': (h) => JSON.stringify({ seq: 2, data: base64(`${h.slice(150)} and more`) }),
  'the rest of a handle, in base64 whose beginning was cut': (h) => base64(`{"handle":"${h}"}`).slice(201),
  'a short rest of a handle': (h) => JSON.stringify({ data: base64(h.slice(-62)) }),
  'base64 in base64': (h) => JSON.stringify({ data: base64(JSON.stringify({ body: base64(JSON.stringify({ handle: h })) })) }),
};

describe('redact, given base64,', () => {
  it.each(Object.entries(FORMS))('replaces a handle in base64, or reports its line: %s', async (_name, write) => {
    const text = `first line\n${write(handle)}\nlast line: all good\n`;
    expect(givesAway(text) || write(handle).includes('ey')).toBe(true);
    for (const chunk of [text.length, 1, 7, 100, 500]) {
      const { out, suspects, lines } = await redacted(text, chunk);
      expect(givesAway(out) && !lines.some((line) => line > 1), `${chunk}`).toBe(false);
      if (suspects === 0) expect(out).toContain('[handle, cut]');
      expect(out.startsWith('first line\n')).toBe(true);
      expect(out.endsWith('last line: all good\n')).toBe(true);
    }
  });

  it.each([
    ['base64 in base64', () => base64(base64(JSON.stringify({ handle })))],
    ['compressed data', () => gzipSync(JSON.stringify({ handle })).toString('base64')],
  ])('replaces a handle that fills a line, or reports the line, after any word on the line before: %s', async (_name, write) => {
    for (const word of ['a', 'of', 'the', 'line', 'first']) {
      const text = `${word}\n${write()}\nlast line\n`;
      for (const chunk of [text.length, 100]) {
        const { cut, lines: reported } = await redacted(text, chunk);
        expect(cut === 1 || reported.includes(2), `${word}, ${chunk}`).toBe(true);
      }
    }
  });

  it.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['zlib', (text: string) => deflateSync(text)],
    ['zlib at its fastest', (text: string) => deflateSync(text, { level: 1 })],
    ['zlib at its best', (text: string) => deflateSync(text, { level: 9 })],
    ['zlib with a small window', (text: string) => deflateSync(text, { windowBits: 12 })],
    ['gzip in base64, as Helm keeps its releases', (text: string) => base64(gzipSync(text))],
    ['gzip in base64 in JSON', (text: string) => JSON.stringify({ body: base64(gzipSync(text)) })],
    [
      'a whole HTTP response with a gzipped body',
      (text: string) => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), gzipSync(text)]),
    ],
  ])('reports the line of compressed data in base64, which may contain a handle: %s', async (_name, compress) => {
    const text = `first line\n${JSON.stringify({ data: base64(compress(`the handle is ${handle}`)) })}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, lines: [2] });
  });

  it.each([
    ['of a container', () => 'web-1  | '],
    ['of a shell’s comment', () => '# '],
    ['of a comment in a block', () => ' * '],
    ['of a comment in TypeScript', () => '// '],
    ['with a time', (line: number) => `2026-11-27T08:00:00.${line}Z `],
  ])('replaces a handle in lines of base64 with a prefix %s, or reports each line', async (_name, prefix) => {
    // Each line encodes 57 bytes. So the handle begins in the first line if fewer than 57 bytes precede it, otherwise in
    // the second. The redactor need not report the line in which the handle begins.
    for (const before of [0, 1, 40, 50, 52, 54, 57, 60]) {
      const wrapped = lines(base64('.'.repeat(before) + handle)).map((digits, line) => prefix(line) + digits);
      const text = `first line\n${wrapped.join('\n')}\nlast line: all good\n`;
      for (const chunk of [text.length, 1, 100]) {
        const { out, suspects, lines: reported } = await redacted(text, chunk);
        const left = wrapped.slice(before < 57 ? 1 : 2).filter((line) => out.includes(line));
        // A short last line may look like a word.
        const told = left.filter((line) => reported.includes(wrapped.indexOf(line) + 2) || line === wrapped.at(-1));
        expect({ before, chunk, told }).toEqual({ before, chunk, told: left });
        expect(suspects).toBeLessThanOrEqual(wrapped.length);
      }
    }
  });

  it('reports each line of base64 that encodes the rest of a handle, even if a chunk ends within the next line', async () => {
    const rest = newHandle(900).split('..')[1] ?? '';
    const wrapped = lines(base64(`the rest: ${rest}`));
    const text = `first line\n${wrapped.join('\n')}\nlast line\n`;
    // The last line encodes only a few characters of the tag, so it need not be reported.
    for (const chunk of [text.length, 1, 7, 76, 200])
      expect((await redacted(text, chunk)).lines.slice(0, wrapped.length - 1), `${chunk}`).toEqual(
        wrapped.slice(0, -1).map((_, at) => at + 2),
      );
  });

  it('reports each line of base64 that encodes pieces of a handle, after any word on the line before', async () => {
    const pieces = [
      'B042zYzyiwQ4xAJF.AdM_Qtikh4MbWTkoMJJBtFvNDnANkFgyWsl6cG',
      'fMAtFppbAqVSqe2_qhKlL9MgTHC_erMOKBAM0-yUSa94S3jB',
      '+dFN4gFng1QBe1RzKJm3jEO6KBh9_HhI9L3YRlMCiF_1g-VEE5-b2kJNTAwVPcgE6i',
      'HaEvY7T-8hkltD_2LDUmeYhW7bNdACr-zV6HyXIVVPzNBRDC',
      '+g0wR2mwSd3AhmbsnmayOp53MRinCxa6A.6E1ZLT0D-sfUxpXictwqBA',
    ];
    const wrapped = lines(base64(`q=${encodeURIComponent(`+the rest: ${pieces.join('\n')}`)}`));
    for (const word of ['a', 'of', 'the', 'line', 'first']) {
      const text = `${word}\n${wrapped.join('\n')}\nlast line\n`;
      for (const chunk of [text.length, 1, 76])
        expect((await redacted(text, chunk)).lines, `${word}, ${chunk}`).toEqual(wrapped.map((_, at) => at + 2));
    }
  });

  it('replaces the pieces of a handle before another handle in the same base64', async () => {
    const [header = '', rest = ''] = newHandle(900).split('..');
    // No piece of the header is long enough to be recognized in base64.
    const pieces = [...(header.match(/.{1,10}/g) ?? []), ...(rest.match(/.{1,42}/g) ?? [])];
    const list = JSON.stringify([...pieces, `another: ${newHandle(100)}`], null, 2);
    for (const body of [base64(list), lines(base64(list)).join('\n')]) {
      const text = `first line\n${body}\nlast line\n`;
      for (const chunk of [text.length, 100]) {
        const { out, lines: reported } = await redacted(text, chunk);
        const left = out.split('\n').slice(8, -3);
        expect(
          left.filter((_, at) => !reported.includes(at + 9)),
          `${chunk}`,
        ).toEqual([]);
      }
    }
  });

  it('reports a line of base64 that encodes the rest of a handle among much text', async () => {
    const [, rest = ''] = handle.split('..');
    for (const length of [40_000, 55_033, 70_000]) {
      const words = 'the request was answered in 12 ms; '.repeat(length / 30).slice(0, length);
      const text = `first line\n${JSON.stringify({ body: base64(`${words}${rest} ${words}`) })}\nlast line\n`;
      for (const chunk of [text.length, 65_536, 1_571, 101, 13])
        expect((await redacted(text, chunk)).lines, `${length}, ${chunk}`).toEqual([2]);
    }
  });

  it('reports a line of base64 that encodes a handle in which each character has a colour', async () => {
    const coloured = [...`handle: ${handle}`].map((character, at) => `\u001b[38;5;${at % 256}m${character}`).join('');
    for (const content of [coloured, JSON.stringify({ message: coloured })]) {
      const text = `first line\n${JSON.stringify({ body: base64(content) })}\nlast line\n`;
      for (const chunk of [text.length, 100]) expect((await redacted(text, chunk)).lines, `${chunk}`).toEqual([2]);
    }
  });

  it('reports every added line of a patch, if the added lines are base64 of the rest of a handle', async () => {
    for (const sign of ['+', '++']) {
      for (let length = 100; length < 400; length += 10) {
        const added = lines(base64(`the rest: ${newHandle(600).slice(150, 150 + length)}`));
        const text = `first line\n${added.map((digits) => sign + digits).join('\n')}\nlast line\n`;
        const all = added.map((_, at) => at + 2);
        const short = added.at(-1)?.length ?? 0;
        expect((await redacted(text)).lines, `${sign} ${length}`).toEqual(expect.arrayContaining(short < 40 ? all.slice(0, -1) : all));
      }
    }
  });

  it('leaves base64 of binary data as it is', async () => {
    const image = Buffer.concat([
      Buffer.from('ffd8ffe000104a46494600010101004800480000ffc400b5100002', 'hex'),
      // The usual table of a JPEG has 32 successive letters, which look like a piece of a handle.
      Buffer.from('456789:CDEFGHIJSTUVWXYZcdefghijstuvwxyz'),
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => createHash('sha512').update(`${number}`).digest()),
    ]).toString('base64');
    for (const text of [`<img src="data:image/jpeg;base64,${image}">\n`, `first line\n\n${lines(image).join('\n')}\n\nlast line\n`])
      for (const chunk of [text.length, 100_000]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });

  it('leaves long text in base64 as it is, wherever a chunk ends', async () => {
    const prose = 'The quick brown fox asked the lazy dog for lost luggage, and was told to come again. '.repeat(1_500);
    for (const before of ['', 'a', 'ab'])
      for (const chunk of [65_536, 5_000, 4_999]) {
        const text = `{"body":"${base64(before + prose)}"}`;
        expect(await redacted(text, chunk), `${before} ${chunk}`).toMatchObject({ out: text, cut: 0, suspects: 0 });
      }
  });

  it('leaves base64 without a handle as it is', async () => {
    const text = `${JSON.stringify({ body: base64(JSON.stringify({ jsonrpc: '2.0', result: { words: 'nothing '.repeat(30) } })) })}\n`;
    for (const chunk of [text.length, 1, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });
});

describe('redact, given base64 whose beginning or end is uncertain,', () => {
  const [, rest = ''] = newHandle(600).split('..');
  const isReported = async (text: string, chunk = text.length) => (await redacted(text, chunk)).suspects > 0;
  const wrapped = (text: string, width: number) => text.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\n') ?? '';
  const [chinese, french] = ['请求已在 12 毫秒内得到答复。', 'la requête a été traitée, et l’élève répète; '];

  it.each(['/callback/', '/api/v1/state/', 'https://example.com/s/', 's3://bucket/key/2026/'])(
    'reports base64 of text after a path: GET %s',
    async (path) => {
      for (const encode of [base64, base64url]) expect(await isReported(`GET ${path}${encode(`state ${rest}`)} HTTP/1.1\n`)).toBe(true);
    },
  );

  it('reports base64 of text in any language with the rest of a handle, even if the next line begins with a word', async () => {
    for (const words of [chinese, french]) {
      for (let count = 1; count < 12; count += 1)
        expect(await isReported(`body: ${base64(words.repeat(count) + rest).replace(/=/g, '')}\nlast line\n`), `${words} ${count}`).toBe(
          true,
        );
    }
  });

  it.each([50, 64, 75, 76])('reports lines of %i digits after a header', async (width) => {
    for (const words of ['the request was answered? yes > no; ', chinese, french]) {
      const text = `Content-Transfer-Encoding: base64\n\n${wrapped(base64(`${words.repeat(60)}${rest} ${words.repeat(60)}`), width)}\n\nlast line\n`;
      for (const chunk of [text.length, 4_096, 1_000, 100]) expect(await isReported(text, chunk), `${words} ${chunk}`).toBe(true);
    }
  });

  it('reports a long line of text in any language, wherever a chunk ends', async () => {
    for (const words of [chinese, french]) {
      const text = `${JSON.stringify({ body: base64(`${words.repeat(5_000).slice(0, 60_000)}${rest} ${words}`) })}\nlast line\n`;
      for (const chunk of [text.length, 65_536, 16_384, 1_571]) expect(await isReported(text, chunk), `${words} ${chunk}`).toBe(true);
    }
  });

  it('reports base64 of a single piece in a line of its own', async () => {
    const piece = rest.slice(40, 80);
    for (const encode of [base64, base64url])
      expect((await redacted(`first line\n${encode(piece)}\nlast line\n`)).lines, encode(piece)).toEqual([2]);
  });

  it('reports a piece that ends on the short second line of base64, wherever a chunk ends', async () => {
    const text = `-----BEGIN MESSAGE-----\n${wrapped(base64(`dear all, ${rest.slice(40, 80)} bye`), 64)}\n-----END MESSAGE-----\n`;
    for (let chunk = 1; chunk < text.length; chunk += 1) expect((await redacted(text, chunk)).lines, `${chunk}`).toContain(2);
  });

  it('reports a piece that begins on one line of base64 and ends on the next, wherever a chunk ends', async () => {
    const piece = rest.slice(40, 76);
    for (const [before, words] of [
      ['first line\n', `${chinese}${piece}`],
      ['Content-Transfer-Encoding: base64\n\n', `the request was answered in 12 ms; h=${piece}&b=1{"id":17,"state":"open"},`],
    ] as const) {
      const text = `${before}${wrapped(base64(words), 76)}\nlast line\n`;
      for (let chunk = 1; chunk < 100; chunk += 1) expect(await isReported(text, chunk), `${words} ${chunk}`).toBe(true);
    }
  });

  it('reports a piece in two lines that a patch adds, wherever a chunk ends', async () => {
    for (let shift = 0; shift < 57; shift += 1) {
      const content = `${' '.repeat(shift)}${chinese.repeat(4)}"${rest.slice(40, 76)}" ${french}`;
      const text = `first line\n+${wrapped(base64(content), 76).replaceAll('\n', '\n+')}\nlast line\n`;
      for (const chunk of [7, 29, 1_000]) expect(await isReported(text, chunk), `${shift}, ${chunk}`).toBe(true);
    }
  });

  it('reports a piece at the beginning of base64, after any line', async () => {
    const content = `${rest.slice(40, 76)} and ${chinese.repeat(20)}`;
    for (const before of ['', '1', 'abc', 'first line', 'x'.repeat(64)])
      for (const chunk of [10_000, 32, 20])
        expect(await isReported(`${before}\n${base64(content)}\nlast line\n`, chunk), `${before} ${chunk}`).toBe(true);
  });

  it('reports a piece at the beginning of base64 in base64', async () => {
    const words = 'and so on, and nothing else. ';
    for (const encode of [base64, base64url])
      expect(await isReported(`<a href="data:text/plain;base64,${encode(encode(`${rest.slice(40, 72)}"${words}`))}">\n`)).toBe(true);
  });

  it.each([
    ['a single piece', () => base64url(rest.slice(40, 70))],
    ['text in UTF-16', () => Buffer.from(`a,b\n${rest}`, 'utf16le').toString('base64')],
  ])('reports base64 after a path: %s', async (_name, write) => {
    expect(await isReported(`GET /api/v1/state/${write()} HTTP/1.1\n`)).toBe(true);
  });

  it('reports a piece in binary data that begins like UTF-16', async () => {
    for (const beginning of ['fffed870', '0a001200ff'])
      expect(
        await isReported(
          `{"data":"${Buffer.concat([Buffer.from(beginning, 'hex'), Buffer.from(rest), Buffer.alloc(40, 0xff)]).toString('base64')}"}\n`,
        ),
      ).toBe(true);
  });

  it('reports no line of a source file, wherever a chunk ends', async () => {
    const names = ['Redactor', 'Base64Run', 'ReadonlyMap', 'HandleParts', 'FoundHandle', 'RedactionCount'];
    const source = names.map(
      (name, at) =>
        `// @public\nexport function find${name}(text: string, known?: ${names[(at + 1) % 6]}<string, ${name}>): Generator<${name}>;\n\n`,
    );
    const text = `first line\n\n${wrapped(base64(source.join('').repeat(6)), 76)}\n\nlast line\n`;
    for (let chunk = 300; chunk < 400; chunk += 3) expect(await isReported(text, chunk), `${chunk}`).toBe(false);
  });
});
