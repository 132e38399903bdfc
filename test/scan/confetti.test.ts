import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newHandle, redacted } from './support.ts';

const handle = newHandle(200);

describe('redact, given a handle in many short pieces,', () => {
  it.each([
    ['the message of journald', (bytes: Buffer) => JSON.stringify({ MESSAGE: [...bytes] })],
    ['a buffer of Node.js', (bytes: Buffer) => JSON.stringify({ data: bytes })],
    ['a buffer of Node.js on many lines', (bytes: Buffer) => JSON.stringify({ data: bytes }, null, 2)],
    ['a buffer of Node.js in JSON in JSON', (bytes: Buffer) => JSON.stringify(JSON.stringify({ data: bytes }, null, 2))],
    ['a Uint8Array', (bytes: Buffer) => JSON.stringify(new Uint8Array(bytes))],
    ['a slice of Go', (bytes: Buffer) => `[${bytes.join(' ')}]`],
  ])('reports the lines of a handle in an array of bytes: %s', async (_name, write) => {
    const text = `first line\n${write(Buffer.from(`\u001b[32m${handle}`))}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) {
      const { out, suspects, lines: named } = await redacted(text, chunk);
      expect(out).toBe(text);
      expect(named[0]).toBeGreaterThan(1);
      // If an array has one number on each line, the redactor reports the lines of all numbers of the handle.
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
    ['characters in an object', (bytes: Buffer) => JSON.stringify({ ...[...bytes.toString('latin1')] })],
    ['characters in an object on many lines', (bytes: Buffer) => JSON.stringify({ ...[...bytes.toString('latin1')] }, null, 2)],
    ['characters in an object in JSON', (bytes: Buffer) => JSON.stringify(JSON.stringify({ ...[...bytes.toString('latin1')] }, null, 2))],
    ['characters in PHP', (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `    [${at}] => ${c}`).join('\n')],
    [
      'characters with their types in PHP',
      (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `  [${at}]=>\n  string(1) "${c}"`).join('\n'),
    ],
    [
      'od -c',
      (bytes: Buffer) =>
        (bytes.toString('latin1').match(/[\s\S]{1,16}/g) ?? [])
          .map((row, at) => `${(at * 16).toString(8).padStart(7, '0')}${[...row].map((c) => c.padStart(4)).join('')}`)
          .join('\n'),
    ],
    ['characters between bars', (bytes: Buffer) => [...bytes.toString('latin1')].join('|')],
    ['gdb', (bytes: Buffer) => `{${[...bytes].map((byte) => `${byte} '${String.fromCharCode(byte)}'`).join(', ')}}`],
    ['gdb with indexes', (bytes: Buffer) => `{${[...bytes].map((byte, at) => `[${at}] = ${byte}`).join(', ')}}`],
    ['lldb', (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `  [${at}] = '${c}'`).join('\n')],
    ['Lua', (bytes: Buffer) => `{${[...bytes.toString('latin1')].map((c, at) => `[${at + 1}] = "${c}"`).join(', ')}}`],
    ['OCaml', (bytes: Buffer) => `[${[...bytes.toString('latin1')].map((c) => `'${c}'`).join('; ')}]`],
    ['F#', (bytes: Buffer) => `[|${[...bytes].map((byte) => `${byte}uy`).join('; ')}|]`],
    ['Lisp', (bytes: Buffer) => `(${[...bytes.toString('latin1')].map((c) => `#\\${c}`).join(' ')})`],
    ['Visual Basic', (bytes: Buffer) => [...bytes].map((byte) => `Chr(${byte})`).join(' & ')],
    ['a series of pandas', (bytes: Buffer) => [...bytes].map((byte, at) => `${String(at).padEnd(6)}${byte}`).join('\n')],
    [
      'keys in a recording of a terminal',
      (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `[${at}.25, "o", "${c}"]`).join('\n'),
    ],
    [
      'a trace of system calls',
      (bytes: Buffer) => [...bytes.toString('latin1')].map((c) => `${`read(0, "${c}", 1)`.padEnd(39)} = 1`).join('\n'),
    ],
    [
      'R',
      (bytes: Buffer) =>
        (bytes.toString('latin1').match(/[\s\S]{1,19}/g) ?? [])
          .map((row, at) => `${`[${at * 19 + 1}]`.padStart(6)} ${[...row].map((c) => `"${c}"`).join(' ')}`)
          .join('\n'),
    ],
  ])('reports the lines of a handle that a program wrote character by character: %s', async (_name, write) => {
    const written = write(Buffer.from(`{"h":"${handle}`));
    const text = `first line\n${written}\nlast line\n`;
    for (const chunk of [text.length, 100]) {
      const { out, suspects, lines: named } = await redacted(text, chunk);
      expect(out).toBe(text);
      expect(named[0]).toBeGreaterThan(1);
      // The first lines do not count, because they show the text before the handle.
      expect(suspects).toBeGreaterThanOrEqual(Math.max(1, written.split('\n').length - 20));
    }
  });

  it.each([
    [
      'a tool’s arguments',
      (piece: string) => `data: ${JSON.stringify({ type: 'delta', padding: 'x '.repeat(100), delta: { arguments: piece } })}\n\n`,
    ],
    [
      'an index before the piece',
      (piece: string, at: number) => `event: delta\ndata: ${JSON.stringify({ index: at, padding: '. '.repeat(90), text: piece })}\n\n`,
    ],
    [
      'a log of a stream',
      (piece: string, at: number) =>
        `${JSON.stringify({ time: 1_785_240_000 + at, body: JSON.stringify({ padding: '. '.repeat(90), text: piece }) })}\n`,
    ],
  ])('reports the lines of a stream’s records if each record has a short piece of a handle: %s', async (_name, write) => {
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
});

describe('redact, given compressed data,', () => {
  it.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['zlib', (text: string) => deflateSync(text)],
    ['raw deflate', (text: string) => deflateRawSync(text)],
    ['Brotli', (text: string) => brotliCompressSync(text)],
    ['gzip in a tar', (text: string) => Buffer.concat([Buffer.from('log.gz'.padEnd(512, '\0')), gzipSync(text)])],
  ])(
    'reports the lines of compressed data after readable text, because it cannot see a handle in the data: %s',
    async (_name, compress) => {
      const data = compress(JSON.stringify({ jsonrpc: '2.0', result: { structuredContent: { handle } } })).toString('latin1');
      const text = `first line\n${data}\nlast line\n`;
      for (const chunk of [text.length, 1, 100]) {
        const { out, lines: named } = await redacted(text, chunk);
        expect(named.length, String(chunk)).toBeGreaterThan(0);
        expect(named).not.toContain(1);
        expect(out.startsWith('first line\n')).toBe(true);
        expect(out.endsWith('\nlast line\n')).toBe(true);
      }
    },
  );

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
  ])('does not take this text for compressed data: %s', async (_name, text) => {
    for (const chunk of [text.length, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });
});
