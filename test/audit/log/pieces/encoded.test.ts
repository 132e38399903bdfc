import { randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { isComplete } from '../../../../src/audit/index.ts';
import { auditOf, kindsOf, type LoggedWorld, newLoggedWorld } from '../../support.ts';

let logged: LoggedWorld;
/** Two calls with their answers, and the line of a third one that presents the first handle again. */
let log: string;
let last: string;
let handle: string;
beforeAll(async () => {
  logged = await newLoggedWorld();
  ({ handle } = await logged.call('start_research_task', { topic: 'lost luggage' }));
  await logged.call('record_findings', { handle, findings: ['Lisbon'] });
  log = logged.log();
  logged.present(handle);
  last = `${logged.lines.at(-1)}\n`;
});

/** Bytes as the command line reads them. */
const audited = (...parts: readonly (string | Uint8Array)[]) =>
  auditOf(Buffer.concat([log, ...parts].map((part) => (typeof part === 'string' ? Buffer.from(part) : part))).toString(), {
    ring: logged.world.ring,
  });

/** The text in rows of 16 bytes, as programs dump it. */
const rows = (text: string, row: (bytes: Buffer, at: number) => string) =>
  (text.match(/[\s\S]{1,16}/g) ?? []).map((part, at) => `${row(Buffer.from(part), 16 * at)}\n`).join('');
const each = (text: string, write: (code: number, character: string) => string, separator = '') =>
  [...text].map((character) => write(character.charCodeAt(0), character)).join(separator);
const hex = (code: number, length = 2) => code.toString(16).padStart(length, '0');
const octal = (code: number) => code.toString(8).padStart(3, '0');
const shown = (bytes: Buffer) => bytes.toString().replace(/\s/g, '.');
const offset = (at: number) => at.toString(8).padStart(7, '0');

const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  'hexdump -C': (text) =>
    rows(text, (bytes, at) => {
      const halves = [bytes.subarray(0, 8), bytes.subarray(8)].map((half) => each(half.toString(), (code) => hex(code), ' '));
      return `${hex(at, 8)}  ${halves.join('  ')}  |${shown(bytes)}|`;
    }),
  xxd: (text) =>
    rows(
      text,
      (bytes, at) =>
        `${hex(at, 8)}: ${bytes
          .toString('hex')
          .match(/.{1,4}/g)
          ?.join(' ')}  ${shown(bytes)}`,
    ),
  'tcpdump -X': (text) =>
    rows(
      text,
      (bytes, at) =>
        `\t0x${hex(at, 4)}:  ${bytes
          .toString('hex')
          .match(/.{1,4}/g)
          ?.join(' ')}  ${shown(bytes)}`,
    ),
  'od -b': (text) => rows(text, (bytes, at) => `${offset(at)} ${each(bytes.toString(), octal, ' ')}`),
  'od -t u1': (text) => rows(text, (bytes, at) => `${offset(at)} ${each(bytes.toString(), (code) => `${code}`.padStart(3), ' ')}`),
  'od -c': (text) => rows(text, (bytes, at) => `${offset(at)} ${each(shown(bytes), (_code, one) => one.padStart(3), ' ')}`),
  'a Buffer in Node': (text) => `<Buffer ${each(text, (code) => hex(code), ' ')}>`,
  'an array of C': (text) => `{ ${each(text, (code) => `0x${hex(code)}`, ', ')} }`,
  'bytes of Go': (text) => `[${each(text, String, ' ')}]`,
  'numbers in strings': (text) => JSON.stringify([...Buffer.from(text)].map(String)),
  'an Uint8Array in JSON': (text) => JSON.stringify(Object.fromEntries([...Buffer.from(text)].map((byte, at) => [at, byte]))),
  'a list in YAML': (text) => each(text, (code) => `  - ${code}\n`),
  'a dump of PHP': (text) => [...Buffer.from(text)].map((byte, at) => `  [${at}]=>\n  int(${byte})\n`).join(''),
  'values of OTLP': (text) => JSON.stringify([...Buffer.from(text)].map((byte) => ({ intValue: String(byte) }))),
  'escapes of JSON': (text) => `"${each(text, (code) => `\\u${hex(code, 4)}`)}"`,
  'escapes with braces': (text) => each(text, (code) => `\\u{${hex(code)}}`),
  'long escapes': (text) => each(text, (code) => `\\U${hex(code, 8)}`),
  'octal escapes': (text) => each(text, (code) => `\\${octal(code)}`),
  entities: (text) => each(text, (code) => `&#${code};`),
  'entities in hexadecimal': (text) => each(text, (code) => `&#x${hex(code)};`),
  'entities within entities': (text) => each(text, (code) => `&amp;#x${hex(code)};`),
  'percent signs that are escaped': (text) => each(text, (code) => `%25${hex(code)}`),
  characters: (text) => JSON.stringify([...text]),
};

describe('a handle in an encoding that the audit does not read', () => {
  it.each(Object.entries(ENCODINGS))('is counted: %s', async (_name, encode) => {
    const report = await audited(`${encode(last.trim())}\n`);
    expect([kindsOf(report), isComplete(report)]).toEqual([[], false]);
    expect(report.unread.incomplete).toBeGreaterThan(0);
  });

  it('is not another token in that encoding', async () => {
    const token = `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.${btoa('{"sub":"ann"}').replace(/=/g, '')}.${randomBytes(64).toString('base64url')}`;
    for (const [name, encode] of Object.entries(ENCODINGS))
      expect((await audited(`${encode(`Authorization: ${token}`)}\n`)).unread.incomplete, name).toBe(0);
  });
});

describe('data behind the text of a log', () => {
  it.each<[string, (text: string) => Uint8Array]>([
    ['gzip', gzipSync],
    ['zlib', deflateSync],
    ['DEFLATE', deflateRawSync],
    ['Brotli', brotliCompressSync],
    ['bytes', (text) => randomBytes(text.length)],
  ])('is counted as not understood: %s', async (_name, pack) => {
    const report = await audited(pack(last));
    expect(isComplete(report)).toBe(false);
    expect(report.unread.packed).toBeGreaterThan(0);
  });

  it('is read if it is UTF-16, as Windows writes it there', async () => {
    const report = await audited(Buffer.from(last, 'utf16le'));
    expect([kindsOf(report), isComplete(report)]).toEqual([['medium replay'], true]);
  });

  it('is no binary data if a program separates fields by control characters, or draws with them', async () => {
    const report = await audited('8=FIX.4.4\u00019=12\u000135=0\u000110=5\u0001\n\u001eRFC 7464\n\u001b[1mbold\u001b[0m\tx\b\u0007\n');
    expect(isComplete(report)).toBe(true);
  });
});

describe('compressed data in base64', () => {
  it.each([9, 10, 11, 12, 13, 14, 15])('is read if zlib has a window of 2 to the power of %i', async (windowBits) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const body = deflateSync(JSON.stringify(JSON.parse(last).message), { windowBits }).toString(encoding);
      for (const line of [JSON.stringify({ time: JSON.parse(last).time, body }), `body=${body}`]) {
        const report = await audited(`${line}\n`);
        expect([kindsOf(report), isComplete(report)], encoding).toEqual([['medium replay'], true]);
      }
    }
  });

  it('is read in lines of an array, whatever byte a line ends with', async () => {
    const { time, message } = JSON.parse(last);
    /** The message with something that changes its compressed bytes, in lines of which the first one ends with a bracket. */
    const lines = Array.from({ length: 100 }, (_, note) =>
      gzipSync(JSON.stringify({ ...message, note: randomBytes(note).toString('hex') })),
    )
      .flatMap((packed) => Array.from({ length: 40 }, (_, at) => ({ packed, digits: 4 * (at + 35) })))
      .find(({ packed, digits }) => packed[(digits / 4) * 3 - 1] === 0x7d);
    const body = lines?.packed.toString('base64').match(new RegExp(`.{1,${lines.digits}}`, 'g'));
    expect(body?.length).toBeGreaterThan(1);
    const report = await audited(`${JSON.stringify({ time, body })}\n`);
    expect([kindsOf(report), isComplete(report)]).toEqual([['medium replay'], true]);
  });

  it.each([
    ['LZ4', '04224d18'],
    ['bzip2 of level 1', '425a6831314159265359'],
    ['bzip2 of level 8', '425a6838314159265359'],
    ['bzip2 of level 9', '425a6839314159265359'],
    ['7-Zip', '377abcaf271c'],
    ['Snappy', 'ff060000734e61507059'],
  ])('is counted as not understood if only other programs unpack it: %s', async (_name, mark) => {
    const body = Buffer.concat([Buffer.from(mark, 'hex'), randomBytes(200)]).toString('base64');
    expect((await audited(`${JSON.stringify({ body })}\n`)).unread.packed).toBe(1);
  });
});

describe('a handle that was cut within its first characters', () => {
  const value = (text: string) => `${JSON.stringify({ arguments: { handle: text } })}\n`;

  it.each<[string, () => string]>([
    ['with dots', () => value(`${handle.slice(0, 12)}...${handle.slice(-8)}`)],
    ['with an ellipsis', () => value(`${handle.slice(0, 10)}…`)],
    ['with an ellipsis that is escaped', () => value(`${handle.slice(0, 10)}…`).replace('…', '\\u2026')],
    ['with a mask', () => `handle=${handle.slice(0, 8)}****\n`],
    ['at the end of a value', () => value(handle.slice(0, 14))],
    ['at the end of a line', () => `{"arguments":{"handle":"${handle.slice(0, 9)}\n`],
    [
      'where the next record of an unknown stream goes on',
      () => {
        const at = last.indexOf(handle) + 7;
        return [last.slice(0, at), last.slice(at)].map((data) => `${JSON.stringify({ type: 'chunk', data })}\n`).join('');
      },
    ],
    [
      'where its stream ends',
      () =>
        [`{"handle":"`, handle.slice(0, 7)]
          .map((piece) =>
            JSON.stringify({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: piece } }),
          )
          .join('\n'),
    ],
    ['where the words of a model end', () => JSON.stringify({ index: 0, delta: { type: 'text_delta', text: handle.slice(0, 7) } })],
  ])('is counted: %s', async (_name, line) => {
    const report = await audited(line());
    expect([kindsOf(report), report.unread.incomplete]).toEqual([[], 1]);
  });

  it('is not another token, cut or whole', async () => {
    const token = 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.c2ln';
    const log = [token, `${token.slice(0, 14)}...`, `Bearer ${token.slice(0, 10)}...`, `see ${token.slice(0, 20)}…`].map(value).join('');
    expect((await audited(log)).unread.incomplete).toBe(0);
  });
});
