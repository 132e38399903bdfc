import { randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { isComplete } from '../../../../src/audit/index.ts';
import { kindsOf, newReplayedTask, type ReplayedTask } from '../../support.ts';

let audited: ReplayedTask['audited'];
let last: string;
let handle: string;
beforeAll(async () => {
  ({ audited, last, handle } = await newReplayedTask());
});

/** Writes a text in rows of 16 bytes, as programs that dump bytes do. */
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
  'a Uint8Array in JSON': (text) => JSON.stringify(Object.fromEntries([...Buffer.from(text)].map((byte, at) => [at, byte]))),
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

  it('is not confused with another token in the same encoding', async () => {
    const token = `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.${btoa('{"sub":"ann"}').replace(/=/g, '')}.${randomBytes(64).toString('base64url')}`;
    for (const [name, encode] of Object.entries(ENCODINGS))
      expect((await audited(`${encode(`Authorization: ${token}`)}\n`)).unread.incomplete, name).toBe(0);
  });

  it.each<[string, (handle: string) => string]>([
    ['in hexadecimal', (handle) => Buffer.from(handle).toString('hex')],
    ['as a Buffer in JSON', (handle) => JSON.stringify(Buffer.from(handle))],
    ['as a pretty-printed list of bytes', (handle) => JSON.stringify([...Buffer.from(handle)], null, 2)],
    ['with each character escaped', (handle) => handle.replace(/./g, (one) => `\\x${one.charCodeAt(0).toString(16)}`)],
    ['with percent signs', (handle) => handle.replace(/./g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)],
  ])('is counted once in the body of a record: %s', async (_name, encoded) => {
    const report = await audited(`{"body":${JSON.stringify(encoded(handle)).replaceAll('\\n', '\n')}}\n`);
    expect(report.unread.incomplete).toBe(1);
  });
});

describe('binary data after the text of a log', () => {
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

  it('is read if it is UTF-16, which some programs on Windows append', async () => {
    const report = await audited(Buffer.from(last, 'utf16le'));
    expect([kindsOf(report), isComplete(report)]).toEqual([['medium replay'], true]);
  });

  it('is taken for text if its control characters separate fields or draw something', async () => {
    const report = await audited('8=FIX.4.4\u00019=12\u000135=0\u000110=5\u0001\n\u001eRFC 7464\n\u001b[1mbold\u001b[0m\tx\b\u0007\n');
    expect(isComplete(report)).toBe(true);
  });
});
