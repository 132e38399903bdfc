import { createHash, randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { leakIn, placesOfSecret, twinOf } from '../fuzz/redact/leaks.mjs';
import { newHandle, redacted } from './support.ts';

let handle: string;
beforeAll(async () => {
  handle = await newHandle(100);
});

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const numbered = (text: string, sign: string) => text.replace(/./g, (character) => sign + character.charCodeAt(0).toString(16));
const lines = (text: string) => text.match(/.{1,76}/g) ?? [];

/** Whether a text still gives the secret part away: in itself, or in one of its runs of base64, read from each of four digits. */
function givesAway(text: string): boolean {
  const secret = handle.slice(-60);
  const spellings = [secret, Buffer.from(secret, 'utf16le'), numbered(secret, '%'), numbered(secret, '\\u00')];
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
  'the same with one more byte': (h) =>
    JSON.stringify({ body: base64(`${JSON.stringify({ jsonrpc: '2.0', result: { handle: h } })} `), more: 1 }),
  'the same with two more bytes': (h) => JSON.stringify({ body: base64(`  ${JSON.stringify({ jsonrpc: '2.0', result: { handle: h } })}`) }),
  'a body of many words': (h) => `body=${base64(`${'All good, and nothing to see here. '.repeat(500)}${h} and so on`)}`,
  'the attachment of a mail': (h) => lines(base64(`the handle is ${h}, as it was sent`)).join('\r\n'),
  'lines within JSON': (h) => JSON.stringify({ body: lines(base64(`the handle is ${h}, as it was sent`)).join('\r\n') }),
  'the state of a redirect': (h) => `GET /callback?state=${base64url(JSON.stringify({ handle: h }))}&code=1`,
  'a claim of another token': (h) =>
    `Bearer ${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify({ handle: h }))}.${base64url(randomBytes(32).toString('latin1'))}`,
  'a command of PowerShell': (h) => `powershell -EncodedCommand ${base64(Buffer.from(`$h = "${h}"; go`, 'utf16le'))}`,
  'a longer command of PowerShell': (h) => `powershell -EncodedCommand ${base64(Buffer.from(`$h = "${h}"; go on`, 'utf16le'))}`,
  'a form, with each character by its number': (h) => `body=${base64(`handle=${numbered(h, '%')}&more=1`)}`,
  'JSON, with each character by its number': (h) => `body=${base64(`{"handle":"${numbered(h, '\\u00')}"}`)}`,
  'the rest of a handle': (h) => JSON.stringify({ seq: 2, data: base64(`${h.slice(150)} and more`) }),
  'the rest of a handle, in base64 that was cut, too': (h) => base64(`{"handle":"${h}"}`).slice(201),
  'a short rest of a handle': (h) => JSON.stringify({ data: base64(h.slice(-62)) }),
  'base64 in base64': (h) => JSON.stringify({ data: base64(JSON.stringify({ body: base64(JSON.stringify({ handle: h })) })) }),
};

describe('a handle in base64 is taken out, or its line is named', () => {
  it.each(Object.entries(FORMS))('%s', async (_name, write) => {
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
    ['gzip', (text: string) => gzipSync(text)],
    ['zlib', (text: string) => deflateSync(text)],
    ['zlib at its fastest', (text: string) => deflateSync(text, { level: 1 })],
    ['zlib at its best', (text: string) => deflateSync(text, { level: 9 })],
    ['zlib with a small window', (text: string) => deflateSync(text, { windowBits: 12 })],
    ['gzip in base64, as Helm keeps its releases', (text: string) => base64(gzipSync(text))],
    ['gzip in base64 in JSON', (text: string) => JSON.stringify({ body: base64(gzipSync(text)) })],
    [
      'the body of a response as it came',
      (text: string) => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), gzipSync(text)]),
    ],
  ])('and the line of compressed data in base64 is named, for a handle in it is not seen: %s', async (_name, compress) => {
    const text = `first line\n${JSON.stringify({ data: base64(compress(`the handle is ${handle}`)) })}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, lines: [2] });
  });

  it.each([
    ['of a container', () => 'web-1  | '],
    ['of a shell’s comment', () => '# '],
    ['of a comment in a block', () => ' * '],
    ['of a comment in TypeScript', () => '// '],
    ['with a time', (line: number) => `2026-11-27T08:00:00.${line}Z `],
  ])('and so is each line of base64 that goes on behind a prefix %s', async (_name, prefix) => {
    // The beginning of the handle is in one line, or in two lines.
    for (const before of [0, 1, 40, 50, 52, 54, 57, 60]) {
      const wrapped = lines(base64('.'.repeat(before) + handle)).map((digits, line) => prefix(line) + digits);
      const text = `first line\n${wrapped.join('\n')}\nlast line: all good\n`;
      for (const chunk of [text.length, 1, 100]) {
        const { out, suspects, lines: named } = await redacted(text, chunk);
        const left = wrapped.slice(before < 57 ? 1 : 2).filter((line) => out.includes(line));
        // The last line may be too short to be told from a word.
        const told = left.filter((line) => named.includes(wrapped.indexOf(line) + 2) || line === wrapped.at(-1));
        expect({ before, chunk, told }).toEqual({ before, chunk, told: left });
        expect(suspects).toBeLessThanOrEqual(wrapped.length);
      }
    }
  });

  it.each([
    ['the message of journald', (bytes: Buffer) => JSON.stringify({ MESSAGE: [...bytes] })],
    ['a buffer of Node.js', (bytes: Buffer) => JSON.stringify({ data: bytes })],
    ['a buffer of Node.js on many lines', (bytes: Buffer) => JSON.stringify({ data: bytes }, null, 2)],
    ['a buffer of Node.js in JSON in JSON', (bytes: Buffer) => JSON.stringify(JSON.stringify({ data: bytes }, null, 2))],
    ['a Uint8Array', (bytes: Buffer) => JSON.stringify(new Uint8Array(bytes))],
    ['a slice of Go', (bytes: Buffer) => `[${bytes.join(' ')}]`],
  ])('and so are the lines of an array of bytes: %s', async (_name, write) => {
    const text = `first line\n${write(Buffer.from(`\u001b[32m${handle}`))}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) {
      const { out, suspects, lines: named } = await redacted(text, chunk);
      expect(out).toBe(text);
      expect(named[0]).toBeGreaterThan(1);
      // Of an array on many lines, all numbers of the handle are named.
      if (text.split('\n').length > 10) expect(suspects).toBe(handle.length);
      else expect(named).toEqual([2]);
    }
  });

  it.each([
    ['a list of YAML', (bytes: Buffer) => `data:\n${[...bytes].map((byte) => `  - ${byte}\n`).join('')}`],
    ['strings', (bytes: Buffer) => JSON.stringify([...bytes].map(String))],
    ['OTLP', (bytes: Buffer) => JSON.stringify({ values: [...bytes].map((byte) => ({ intValue: String(byte) })) })],
    ['PHP', (bytes: Buffer) => `array(9) {\n${[...bytes].map((byte, at) => `  [${at}]=>\n  int(${byte})\n`).join('')}}`],
    ['XML', (bytes: Buffer) => `<d>${[...bytes].map((byte) => `<b>${byte}</b>`).join('')}</d>`],
    ['a vector of Rust', (bytes: Buffer) => `[${[...bytes].map((byte) => `${byte}u8`).join(', ')}]`],
    ['an object as Node.js shows it', (bytes: Buffer) => `{ ${[...bytes].map((byte, at) => `${at}: ${byte}`).join(', ')} }`],
    [
      'od',
      (bytes: Buffer) =>
        (bytes.toString('latin1').match(/[\s\S]{1,16}/g) ?? [])
          .map((row, at) => `${(at * 16).toString(8).padStart(7, '0')}${[...row].map((c) => String(c.charCodeAt(0)).padStart(4)).join('')}`)
          .join('\n'),
    ],
    ['characters', (bytes: Buffer) => JSON.stringify([...bytes.toString('latin1')])],
    ['characters between bars', (bytes: Buffer) => [...bytes.toString('latin1')].join('|')],
  ])('and so are the lines of an array as other programs write it: %s', async (_name, write) => {
    const written = write(Buffer.from(`{"h":"${handle}`));
    const text = `first line\n${written}\nlast line\n`;
    for (const chunk of [text.length, 100]) {
      const { out, suspects, lines: named } = await redacted(text, chunk);
      expect(out).toBe(text);
      expect(named[0]).toBeGreaterThan(1);
      // The first lines have what stands before the handle.
      expect(suspects).toBeGreaterThanOrEqual(Math.max(1, written.split('\n').length - 20));
    }
  });

  it.each([
    [
      'a tool’s arguments',
      (piece: string) => `data: ${JSON.stringify({ type: 'delta', padding: 'x '.repeat(100), delta: { arguments: piece } })}\n\n`,
    ],
    [
      'an index first',
      (piece: string, at: number) => `event: delta\ndata: ${JSON.stringify({ index: at, padding: '. '.repeat(90), text: piece })}\n\n`,
    ],
    [
      'a log of a stream',
      (piece: string, at: number) =>
        `${JSON.stringify({ time: 1_785_240_000 + at, body: JSON.stringify({ padding: '. '.repeat(90), text: piece }) })}\n`,
    ],
  ])('and so are the records of a stream that has the handle in short pieces: %s', async (_name, write) => {
    for (const size of [7, 8, 20]) {
      const pieces = `{"handle":"${handle}"} and so on`.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      const records = pieces.map(write);
      const text = `first line\n${records.join('')}${write('words and words', 0).repeat(6)}last line\n`;
      for (const chunk of [text.length, 100, 1_000]) {
        const { out, suspects } = await redacted(text, chunk);
        expect(out).toBe(text);
        expect(suspects, `${size} ${chunk}`).toBeGreaterThan(pieces.length - 30 / size - 5);
        expect(suspects).toBeLessThanOrEqual(pieces.length);
      }
    }
  });

  it.each([
    [
      'events as Python prints them',
      (p: string) =>
        `2026-11-27 08:00:00,123 DEBUG stream: RawContentBlockDeltaEvent(delta=InputJSONDelta(partial_json='${p}', type='input_json_delta'), index=1, type='content_block_delta')\n`,
    ],
    ['events of a server', (p: string) => `event: delta\ndata: ${JSON.stringify({ index: 1, delta: { partial_json: p } })}\n\n`],
    ['numbered members', (p: string, at: number) => `"chunk_${at}":"${p}",`],
    ['cookies', (p: string, at: number) => `h.${at}=${p}; `],
    ['members with an index', (p: string, at: number) => `{"i":${at},"text":"${p}"},`],
    ['values of any name, behind the beginning', (p: string) => `a='${p}' `],
  ])('and so are pieces of 12 to 23 characters that are values of one name: %s', async (_name, write) => {
    for (const size of [12, 16, 20]) {
      const log = (one: string) => `first line\n${(one.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).map(write).join('')}\nlast line\n`;
      const [text, places] = [log(handle), placesOfSecret(log(handle), log(twinOf(handle)))];
      for (const chunk of [text.length, 100])
        expect(leakIn({ text, places, ...(await redacted(text, chunk)) }), `${size} ${chunk}`).toBeUndefined();
    }
  });

  it('but random ids of one name in short records are not', async () => {
    const id = (at: number) => createHash('sha256').update(`${at}`).digest('base64url').slice(0, 21);
    const write = [
      (at: number) => JSON.stringify({ at, reqId: id(at), msg: 'done' }),
      (at: number) => `level=info reqId=${id(at)} msg=done`,
      (at: number) => `Call(request_id='${id(at)}', ok=True)`,
    ];
    for (const one of write) {
      const text = `${Array.from({ length: 50 }, (_, at) => one(at)).join('\n')}\n`;
      expect(await redacted(text)).toMatchObject({ out: text, cut: 0, suspects: 0 });
    }
  });

  it('but what has none stays as it is', async () => {
    const text = `${JSON.stringify({ body: base64(JSON.stringify({ jsonrpc: '2.0', result: { words: 'nothing '.repeat(30) } })) })}\n`;
    for (const chunk of [text.length, 1, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });
});

describe('the lines of data that is no text are named, for a handle in compressed data is not seen:', () => {
  it.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['zlib', (text: string) => deflateSync(text)],
    ['raw deflate', (text: string) => deflateRawSync(text)],
    ['Brotli', (text: string) => brotliCompressSync(text)],
    ['gzip in a tar', (text: string) => Buffer.concat([Buffer.from('log.gz'.padEnd(512, '\0')), gzipSync(text)])],
  ])('%s behind a readable beginning', async (_name, compress) => {
    const data = compress(JSON.stringify({ jsonrpc: '2.0', result: { structuredContent: { handle } } })).toString('latin1');
    const text = `first line\n${data}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) {
      const { out, lines: named } = await redacted(text, chunk);
      expect(named.length, String(chunk)).toBeGreaterThan(0);
      expect(named).not.toContain(1);
      expect(out.startsWith('first line\n')).toBe(true);
      expect(out.endsWith('\nlast line\n')).toBe(true);
    }
  });

  it.each([
    ['ISO 8859-1', 'Die Tür wäre größer, wenn Ärger über Öl übrig wäre: äöüßÄÖÜéèêàçñ\n'.repeat(20)],
    ['KOI8-R', '\u00f0\u00d2\u00c9\u00d7\u00c5\u00d4 \u00cd\u00c9\u00d2\n'.repeat(50)],
    ['Shift_JIS', '\u0083n\u0083\u008d\u0081[\u0083\u008f\u0081[\u0083\u008b\u0083h\n'.repeat(50)],
    ['UTF-16', Buffer.from('first line of a log\nИ Привет, мир\n'.repeat(20), 'utf16le').toString('latin1')],
    ['a terminal with bells', '\u0007\u001b[?25l\u001b[1mзавершено\u001b[0m\b\b\u0007\n'.repeat(50)],
    [
      'Chinese with marks of readline',
      Buffer.from('\u0001\u001b[32m\u0002❯\u0001\u001b[0m\u0002 请求已完成\n'.repeat(50)).toString('latin1'),
    ],
    ['messages of Protocol Buffers', '\n\u0004anna\u0012\u0007luggage\u0018\u0001"\u0010get_task_status*\n'.repeat(50)],
  ])('but %s is text', async (_name, text) => {
    for (const chunk of [text.length, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });
});
