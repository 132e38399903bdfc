import { randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteRedactor } from '../../../src/cli/io/byte-redactor.ts';
import { DECORATIONS, ENCODINGS } from '../../fuzz/redact/decorations.mjs';
import { newHandle, redacted } from '../support.ts';

const handle = newHandle(400);

/** Redacts bytes in chunks of `chunk` bytes. This redactor skips harmless bytes. */
async function redactedWithSkips(bytes: Buffer, chunk: number) {
  const redactor = createByteRedactor();
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunk) parts.push(...(await redactor.push(bytes.subarray(at, at + chunk))));
  parts.push(...(await redactor.end()));
  return { out: Buffer.concat(parts).toString('latin1'), ...redactor.count };
}

/** Bytes that look random. */
const BYTES = Buffer.from(Array.from({ length: 500 }, (_, at) => (at * at * 7 + at * 31 + 3) % 251));
const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url');
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const LINES = [
  '2026-11-27T08:00:00.123Z INFO  [main] The quick brown fox asked the lazy dog for lost luggage.',
  '{"level":30,"time":1785240000000,"reqId":"550e8400-e29b-41d4-a716-446655440000","msg":"request completed"}',
  '    at async Object.handleRequest (/srv/app/node_modules/fastify/lib/route.js:12:13)',
  '<tr class="row"><td>17</td><td><a href="/tasks/17">lost luggage &amp; found</a></td></tr>',
  '\u001b[32mINFO\u001b[39m (4711): \u001b[36mrequest 17 completed\u001b[39m',
  'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '用户丢失的行李已经在机场找到了，请星期一上午再来。',
  'step 1',
  JSON.stringify({ body: base64(BYTES), digest: base64(BYTES.subarray(100, 132)) }),
  JSON.stringify({ msg: JSON.stringify({ body: base64('{"topic":"lost luggage","depth":3,"text":"found on Monday at 8:15"}') }) }),
  `Authorization: Bearer ${[
    Buffer.from('{"alg":"HS256","typ":"JWT"}'),
    Buffer.from('{"sub":"anna","iat":1785240000}'),
    BYTES.subarray(0, 32),
  ]
    .map((part) => part.toString('base64url'))
    .join('.')}`,
];

/** Texts with a handle, or with pieces of a handle. The search has a different way to find each text. */
const PIECES: Readonly<Record<string, (h: string) => string>> = {
  'a whole handle': (h) => `handle: ${h}`,
  'a cut handle': (h) => h.slice(0, 200),
  'the end of a handle': (h) => h.slice(-90),
  'a piece of 30 characters': (h) => `id=${h.slice(150, 180)} and so on`,
  'a series of pieces': (h) => h.slice(150, 250).match(/.{13}/g)?.join(' / ') ?? '',
  'short lines': (h) => h.slice(150, 250).match(/.{7}/g)?.join('\n') ?? '',
  'pieces between escapes': (h) => `"${h.slice(150, 250).match(/.{6}/g)?.join('\\n')}"`,
  'a beginning in a stream': (h) =>
    h
      .match(/.{1,9}/g)
      ?.map((text) => `data: ${JSON.stringify({ padding: '. '.repeat(90), text })}`)
      .join('\n') ?? '',
  'values of one member name': (h) =>
    h
      .slice(150)
      .match(/.{13}/g)
      ?.map((piece) => `Event(delta='${piece}')`)
      .join('\n') ?? '',
  'an array of characters': (h) => JSON.stringify([...h]),
  'the rest in base64': (h) => JSON.stringify({ data: base64(h.slice(150)) }),
  'numeric escapes in short lines': (h) =>
    h
      .slice(150)
      .match(/.{10}/g)
      ?.map((piece) => `app-1 | ${[...piece].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}`)
      .join('\n') ?? '',
  'an array of bytes': (h) => JSON.stringify([...Buffer.from(h)]),
  'a handle in base64': (h) => JSON.stringify({ body: base64(JSON.stringify({ handle: h })) }),
  'lines of base64': (h) =>
    base64(`the handle is ${h}`)
      .match(/.{1,76}/g)
      ?.map((line) => `# ${line}`)
      .join('\n') ?? '',
};

describe('the redactor that skips harmless text', () => {
  it.each(Object.entries(PIECES))('redacts %s as if it skipped nothing', async (_name, write) => {
    for (const line of LINES) {
      const filler = `${line}\n`.repeat(Math.ceil(24_000 / line.length));
      const bytes = Buffer.from(`${filler}${write(handle)}\n${filler}${write(handle)}\n${filler}`);
      for (const chunk of [bytes.length, 65_536, 5_000])
        expect(await redactedWithSkips(bytes, chunk), `${line} ${chunk}`).toEqual(await redacted(bytes.toString('latin1')));
    }
  });

  it.each(ENCODINGS.map(({ name, apply }) => [name, apply] as const))(
    'finds an altered handle, wherever a chunk ends: %s',
    async (_name, apply) => {
      const text = apply(handle.slice(0, 300), 0);
      for (let before = 7_850; before < 8_000; before += 7) {
        const bytes = Buffer.from(`${'a line\n'.repeat(before / 7)}${text}\n${`${LINES[0]}\n`.repeat(200)}`);
        // The search of a chunk ends 2,048 bytes before the end of the chunk: here, near the beginning of the handle.
        for (const chunk of [10_000, 10_001, 10_003]) expect((await redactedWithSkips(bytes, chunk)).cut, `${before}, ${chunk}`).toBe(1);
      }
    },
  );

  it('reports pieces in named members, wherever a chunk ends', async () => {
    const pieces = handle.slice(150, 216).match(/.{22}/g) ?? [];
    const members = pieces.map((piece, at) => `"h${at}":"${piece}", "${'lost luggage and found '.repeat(12)}", `).join('');
    const filler = 'a line of text\n'.repeat(4_000);
    for (let before = 27_000; before < 28_000; before += 20) {
      const bytes = Buffer.from(`${filler.slice(0, before)}\n${members}\n${filler}`);
      expect((await redactedWithSkips(bytes, 30_000)).suspects, `${before}`).toBe(1);
    }
  });

  it('reports the lines of pieces in order, even if a handle in base64 follows the pieces', async () => {
    const pieces = handle.match(/.{1,9}/g)?.map((text) => `data: ${JSON.stringify({ padding: '. '.repeat(90), text })}`) ?? [];
    const bytes = Buffer.from(`${pieces.join('\n')}\n${JSON.stringify({ body: base64(handle) })}\n${`${LINES[0]}\n`.repeat(200)}`);
    for (const chunk of [22_527, 30_000]) {
      const { lines } = await redactedWithSkips(bytes, chunk);
      expect(lines).toEqual([...lines].sort((a, b) => a - b));
      expect(lines.length).toBeGreaterThan(1);
    }
  });

  it('redacts altered handles and pieces anywhere in a log as if it skipped nothing', async () => {
    const all = [...DECORATIONS, ...ENCODINGS];
    const place = { line: fc.constantFrom(...LINES), size: fc.integer({ min: 0, max: 25_000 }) };
    const piece = fc.oneof(
      // Whether an altered small piece is found depends on where the chunks end. So small pieces are not altered here.
      fc.record({ ...place, write: fc.constantFrom(...Object.values(PIECES)), done: fc.constant([]) }),
      fc.record({
        ...place,
        write: fc.constantFrom(
          (h: string) => `handle: ${h}`,
          (h: string) => h.slice(0, 300),
          (h: string) => h.slice(-200),
        ),
        done: fc.array(fc.tuple(fc.constantFrom(...all), fc.integer({ min: 40, max: 200 })), { minLength: 1, maxLength: 2 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.integer({ min: 3_000, max: 80_000 }), async (pieces, chunk) => {
        const parts = pieces.map(({ write, done, line, size }) => {
          const text = done.reduce<string>((inner, [{ apply }, width]) => apply(inner, width), write(handle));
          return `${`${line}\n`.repeat(Math.ceil(size / line.length))}${text}\n`;
        });
        const bytes = Buffer.from(`${parts.join('')}${`${LINES[0]}\n`.repeat(200)}`);
        fc.pre(bytes.length < 300_000);
        const [all, some] = [await redacted(bytes.toString('latin1'), chunk), await redactedWithSkips(bytes, chunk)];
        // The number of reported lines depends on where the chunks end, and skipped text changes where they end.
        const told = ({ out, handles, cut, suspects }: typeof all) => ({ out, handles, cut, isSuspect: suspects > 0 });
        expect(told(some)).toEqual(told(all));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('finds something in each token and each base64 in which the redactor finds something', async () => {
    const encodings: ((content: Buffer) => string)[] = [
      (content) => `{"body":"${content.toString('base64')}"}`,
      (content) => JSON.stringify({ msg: JSON.stringify({ body: content.toString('base64') }) }),
      (content) => `cursor=${content.toString('base64url')}&limit=5`,
      (content) => `"url":"/v1/callback/${content.toString('base64')}"`,
      (content) =>
        `Bearer ${base64url('{"alg":"RS256","typ":"JWT"}')}.${content.toString('base64url')}.${base64url(BYTES.subarray(0, 64))}`,
      ...[60, 64, 76].map((width) => (content: Buffer) => {
        const lines = content.toString('base64').match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
        return `-----BEGIN DATA-----\n${lines.join('\n')}\n-----END DATA-----`;
      }),
    ];
    const around = fc.oneof(
      fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('', '{"sub":"anna","iat":1785240000,"state":"').map((text) => Buffer.from(text)),
    );
    const write = fc.constantFrom(
      () => '',
      (h: string) => h.slice(0, 40),
      (h: string) => h.slice(160, 190),
      ...Object.values(PIECES),
    );
    const filler = `${LINES[0]}\n`.repeat(70);
    let found = 0;
    await fc.assert(
      fc.asyncProperty(around, write, around, fc.constantFrom(...encodings), fc.integer({ min: 300, max: 20_000 }), async (...given) => {
        const [ahead, piece, behind, encode, chunk] = given;
        const text = `${filler}${encode(Buffer.concat([ahead, Buffer.from(piece(handle)), behind]))}\n${filler}`;
        const finds = ({ handles, cut, suspects }: Awaited<ReturnType<typeof redacted>>) => handles + cut + suspects > 0;
        // Whether the redactor finds a small piece can depend on where the chunks end.
        const isFound = finds(await redacted(text)) && finds(await redacted(text, chunk)) && finds(await redacted(text, 7_777));
        if (!isFound) return;
        found += 1;
        expect(finds(await redactedWithSkips(Buffer.from(text), chunk))).toBe(true);
      }),
      { numRuns: 400, seed: 1 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it('reports compressed data as if it skipped nothing', async () => {
    const filler = Buffer.from(`${LINES[0]}\n`.repeat(400));
    for (const compress of [gzipSync, deflateSync, deflateRawSync, brotliCompressSync]) {
      const bytes = Buffer.concat([filler, compress(`the handle is ${handle}`), filler, Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), filler]);
      for (const chunk of [bytes.length, 65_536, 5_000]) {
        const all = await redacted(bytes.toString('latin1'), chunk);
        expect(all.suspects).toBeGreaterThan(1);
        expect(await redactedWithSkips(bytes, chunk)).toEqual(all);
      }
    }
  });

  it('leaves bytes that are not text as they are', async () => {
    const bytes = Buffer.concat([randomBytes(150_000), Buffer.alloc(100_000, 'x'), randomBytes(50_000)]);
    for (const chunk of [bytes.length, 65_536]) expect((await redactedWithSkips(bytes, chunk)).out).toBe(bytes.toString('latin1'));
  });
});
